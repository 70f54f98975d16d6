"""What programs do with a plan, as commands to copy."""

import json
import shlex

from catalog_app.models import Plan

_CURL = 'curl -H "Authorization: Bearer $AUTOPACK_KEY"'


def list_plan_commands(plan: Plan, *, base_url: str) -> list[tuple[str, str]]:
    """Labels and commands. `base_url` ends with a slash."""
    address = f"{base_url}api/v1/plans/{plan.plan_id}"
    return [
        ("Read it", f"{_CURL} {shlex.quote(address)}"),
        ("As plan.md", f"{_CURL} {shlex.quote(address + '/plan.md')}"),
        (
            "Start a run",
            _post(
                {"plan_id": plan.plan_id, "run": {"run_id": f"{plan.plan_id}-1"}},
                f"{base_url}api/v1/runs/start",
            ),
        ),
        ("Change it", _post({"version": plan.latest_version, "add": ["…"]}, f"{address}/revise")),
    ]


def _post(body: object, address: str) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return f'{_CURL} -H "Content-Type: application/json" -d {shlex.quote(text)} {shlex.quote(address)}'
