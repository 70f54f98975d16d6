"""What programs do with plans and templates, as commands to copy. Every `base_url` ends with a slash."""

import json
import shlex
from dataclasses import dataclass

from catalog_app.models import Plan, PlanTemplate

_CURL = 'curl -H "Authorization: Bearer $AUTOPACK_KEY"'


@dataclass(frozen=True, slots=True)
class Command:
    label: str
    text: str


def list_plan_commands(plan: Plan, *, base_url: str) -> list[Command]:
    address = f"{base_url}api/v1/plans/{plan.plan_id}"
    start = {"plan_id": plan.plan_id, "run": {"run_id": f"{plan.plan_id}-1"}}
    return [
        Command("Read it", _get(address)),
        Command("As plan.md", _get(f"{address}/plan.md")),
        Command("Start a run", _post(start, f"{base_url}api/v1/runs/start")),
        Command("Change it", _post({"version": plan.latest_version, "add": ["…"]}, f"{address}/revise")),
    ]


def list_template_commands(template: PlanTemplate, *, base_url: str) -> list[Command]:
    address = f"{base_url}api/v1/templates/{template.template_id}"
    words = {"words": "the same, but without teams"}
    return [
        Command("Read it", _get(address)),
        Command("See what a word changes", _post(words, f"{address}/preview")),
        Command(
            "Keep it in git",
            f"manage.py export_templates library --template {shlex.quote(template.template_id)}",
        ),
    ]


def _get(address: str) -> str:
    return f"{_CURL} {shlex.quote(address)}"


def _post(body: object, address: str) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return f'{_CURL} -H "Content-Type: application/json" -d {shlex.quote(text)} {shlex.quote(address)}'
