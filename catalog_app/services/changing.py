"""A request with changes: those that are said in words ("the same, but with Stripe and without teams"), then
those that are spelled out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from autopack.models import Project
from catalog_app.briefing.deltas import read_delta
from catalog_app.errors import DeltaUnclear
from catalog_app.models import FeatureCatalog
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.changes import PlanChanges, list_named
from catalog_app.planning.naming import FeatureNames
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.said_changes import SaidChanges
from catalog_app.planning.types import PlanDocument, Question
from catalog_app.services.planning import (
    Drafted,
    draft_plan,
    ensure_known_features,
    ensure_read,
    ensure_something_wanted,
)
from catalog_app.services.saving import describe_problem
from catalog_app.services.understanding import understand_delta


@dataclass(frozen=True, slots=True)
class Changed:
    """A plan that was made anew with changes, kept nowhere. `notes` say what their words were taken for."""

    drafted: Drafted
    notes: tuple[str, ...]


def draft_changed(
    request: PlanRequest,
    plan: PlanDocument,
    changes: PlanChanges,
    *,
    catalog: FeatureCatalog,
    project: Project | None = None,
) -> Changed:
    """A request, which that plan was made of, planned anew with these changes. Nothing is written. Raises
    InvalidPlanRequest with every change that cannot be made, DeltaUnclear."""
    changed, said = change_request(request, plan, changes, questions=plan.questions, catalog=catalog)
    ensure_clear(said)
    return Changed(draft_plan(changed, catalog=catalog, project=project), said.notes)


def change_request(
    request: PlanRequest,
    plan: PlanDocument,
    changes: PlanChanges,
    *,
    questions: Sequence[Question] | None = None,
    catalog: FeatureCatalog,
) -> tuple[PlanRequest, SaidChanges]:
    """The next request, and what the words of the changes were taken for; what of them is unclear is left
    out. `plan` is what the request was planned as, `questions` are those that answers are held to (None:
    they are not). Raises InvalidPlanRequest with everything that cannot be changed like this.
    """
    ensure_known_features(catalog, list_named(changes))
    said = understand_delta(read_delta(changes.words), request, plan.features, catalog=catalog)
    spelled_out = _without_repeats(replace(changes, words=""), said.changes, request, plan)
    changed, problems = apply_changes(request, said.changes, features=plan.features)
    ensure_read(problems)
    changed, problems = apply_changes(changed, spelled_out, features=plan.features, questions=questions)
    ensure_read(problems)
    ensure_something_wanted(changed)
    return changed, said


def ensure_clear(said: SaidChanges) -> None:
    """Raises DeltaUnclear with all that was not understood."""
    if said.unclear:
        more = f" And {len(said.unclear) - 1} more." if len(said.unclear) > 1 else ""
        raise DeltaUnclear(
            f"Say more exactly what is to be changed: {said.unclear[0].message}.{more}",
            errors=[describe_problem(problem) for problem in said.unclear],
        )


def _without_repeats(
    changes: PlanChanges, said: PlanChanges, request: PlanRequest, plan: PlanDocument
) -> PlanChanges:
    """What the words have taken away already need not be taken away once more."""
    if not (said.remove or said.replace):
        return changes
    names = FeatureNames(request.wishes, plan.features)
    taken = (*said.remove, *(key for key, _ in said.replace))
    gone = {key for name in taken for key in names.find(name).keys}
    left = tuple(name for name in changes.remove if not _is_within(names.find(name).keys, gone))
    return replace(changes, remove=left)


def _is_within(keys: Collection[str], gone: Collection[str]) -> bool:
    return bool(keys) and set(keys) <= set(gone)
