"""The runs of a plan."""

from collections.abc import Mapping

from autopack.actors import Actor
from autopack.digests import digest_json
from catalog_app.models import Plan
from runs_app.models import Run
from runs_app.selectors.runs import TEXTS_OF_PLAN

MOST_RUNS = 200
_LONGEST_STEM = 90


def list_runs_of_plan(actor: Actor, plan: Plan) -> list[Run]:
    """The newest first, of every version, in projects that the actor sees."""
    runs = Run.objects.filter(plan_version__plan=plan).select_related("project", "plan_version")
    if actor.project_ids is not None:
        runs = runs.filter(project__project_id__in=actor.project_ids)
    return list(runs.defer(*TEXTS_OF_PLAN).order_by("-id")[:MOST_RUNS])


def propose_run_id(plan_id: str) -> str:
    """The plan's id with the first number that no run has."""
    stem = plan_id[:_LONGEST_STEM].rstrip(".-_")
    taken = set(Run.objects.filter(run_id__startswith=f"{stem}-").values_list("run_id", flat=True))
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem}-{number}") not in taken)


def digest_order(fields: Mapping[str, str]) -> str:
    """What makes the same order again give the same run."""
    return digest_json({"page": fields})
