"""The runs that a plan was split into, with the runs that were started of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_app.models import PlanVersion
from runs_app.choices import RunState
from runs_app.models import Run


@dataclass(frozen=True, slots=True)
class PlanPart:
    """`runs` are those that were started of it, the newest first. `is_next` is the one that starts unless
    another is chosen."""

    number: int
    title: str
    phases: int
    blocked: int
    runs: Sequence[Run]
    is_done: bool
    is_next: bool


def describe_parts(
    document: Mapping[str, Any],
    runs: Sequence[Run],
    *,
    version: PlanVersion,
    unverified: frozenset[str],
) -> list[PlanPart]:
    """`document` is the version's plan as plain JSON (Any), `runs` are of every version of the plan,
    `unverified` are the keys of features whose source has still to be verified."""
    done = {
        run.plan_run_number
        for run in runs
        if run.plan_version_id == version.pk and run.state == RunState.DONE_SUCCESS
    }
    numbers = [part["number"] for part in document["runs"]]
    following = next((number for number in numbers if number not in done), None)
    return [
        PlanPart(
            number=part["number"],
            title=part["title"],
            phases=len(part["phases"]),
            blocked=sum(
                bool(phase["blocked"]) and not unverified.isdisjoint(phase["features"])
                for phase in part["phases"]
            ),
            runs=[run for run in runs if run.plan_run_number == part["number"]],
            is_done=part["number"] in done,
            is_next=part["number"] == following,
        )
        for part in document["runs"]
    ]
