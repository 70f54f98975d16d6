"""What can be done with a template from a terminal."""

import json
import shlex
from dataclasses import dataclass

from catalog_app.models import PlanTemplate


@dataclass(frozen=True, slots=True)
class Command:
    label: str
    text: str


def list_commands(template: PlanTemplate, *, base_url: str) -> list[Command]:
    """`base_url` ends with a slash."""
    address = f"{base_url}api/v1/templates/{template.template_id}"
    body = json.dumps({"words": "the same, but without teams"})
    return [
        Command("Read it", f'curl -H "Authorization: Bearer $AUTOPACK_KEY" {shlex.quote(address)}'),
        Command(
            "See what a word changes",
            f'curl -X POST -H "Authorization: Bearer $AUTOPACK_KEY" -H "Content-Type: application/json" '
            f"-d {shlex.quote(body)} {shlex.quote(address + '/preview')}",
        ),
        Command(
            "Keep it in git",
            f"manage.py export_templates library --template {shlex.quote(template.template_id)}",
        ),
    ]
