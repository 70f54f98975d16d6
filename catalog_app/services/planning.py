"""Making a plan out of a request, without keeping it."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autopack.models import Project
from catalog_app.briefing.types import Veto, Wish
from catalog_app.choices import FeatureDecision
from catalog_app.errors import InvalidPlanRequest
from catalog_app.interchange.entries import EntryProblem, Json
from catalog_app.lookup.results import LookupState
from catalog_app.models import FeatureCatalog, LicensePolicy, PlanVersion, TemplateVersion
from catalog_app.planning.diff import describe, diff_documents
from catalog_app.planning.document import digest_document, write_document
from catalog_app.planning.markdown import write_markdown
from catalog_app.planning.parameters import fill_in
from catalog_app.planning.planner import make_plan
from catalog_app.planning.request import PlanRequest, list_named, read_request
from catalog_app.planning.snapshot import Snapshot
from catalog_app.planning.spelling import did_you_mean, nearest_few
from catalog_app.planning.types import PlanDocument
from catalog_app.selectors.feature_facts import PolicyInForce
from catalog_app.selectors.resolving import Resolved, resolve
from catalog_app.selectors.snapshots import (
    find_project_policy,
    list_known_slugs,
    load_snapshot,
    read_at_one_state,
)
from catalog_app.services.deciding import terms_of

_MOST_UNKNOWN = 100
"""Unknown features that get suggestions; more of them help nobody."""


@dataclass(frozen=True)
class Drafted:
    """A plan that is kept nowhere. `content` are its bytes, `lookup` says how complete the index was that
    its features were looked up in (None: none had to be)."""

    request: PlanRequest
    plan: PlanDocument
    content: bytes
    catalog: FeatureCatalog
    project: Project | None
    lookup: LookupState | None

    @cached_property
    def digest(self) -> str:
        return digest_document(self.content)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The plan as plain JSON. Any: a JSON object."""
        document: dict[str, Any] = json.loads(self.content)
        return document

    @cached_property
    def markdown(self) -> str:
        """plan.md: the plan for people."""
        return write_markdown(self.document)

    @cached_property
    def outline(self) -> dict[str, int]:
        return outline_of(self.plan)


def draft_plan(request: PlanRequest, *, catalog: FeatureCatalog, project: Project | None = None) -> Drafted:
    """What would be planned on the catalog as it is now. Nothing is written. With a project that has a
    licence policy of its own, that one decides. Raises Unavailable where the catalog does not stand still.

    Total, like the core: whatever is asked for, a plan comes of it, with questions and warnings.
    """
    filled, _ = fill_in(request)

    def read(now: FeatureCatalog) -> tuple[Resolved, Snapshot]:
        resolved = resolve(now, filled)
        named = {wish.slug for wish in request.wishes} | {veto.slug for veto in request.vetoes}
        snapshot = load_snapshot(
            now,
            named | resolved.slugs | set(request.answers.values()),
            policy=policy_in_force(now, project),
            lookup_engine=resolved.engine,
        )
        return resolved, snapshot

    resolved, snapshot = read_at_one_state(catalog, read)
    plan = make_plan(request, snapshot, resolved.resolutions)
    return Drafted(
        request=request,
        plan=plan,
        content=write_document(plan),
        catalog=catalog,
        project=project,
        lookup=resolved.state,
    )


def ensure_plannable(request: PlanRequest, *, catalog: FeatureCatalog) -> None:
    """What somebody asks for here and now wants something, and names only features that the catalog has.

    Raises InvalidPlanRequest (`empty_request`, `unknown_feature`).
    """
    ensure_something_wanted(request)
    ensure_known_features(catalog, list_named(request))


def request_of(version: PlanVersion | TemplateVersion) -> PlanRequest:
    """What was asked for."""
    request, problems = read_request(version.request)
    ensure_read(problems)
    return request


def policy_in_force(catalog: FeatureCatalog, project: Project | None) -> PolicyInForce:
    """The policy that decides over the sources of a plan."""
    own = find_project_policy(project)
    policy: LicensePolicy = own or catalog.license_policy
    return PolicyInForce(policy.slug, terms_of(policy), is_of_project=own is not None)


def diff_plans(before: PlanDocument, after: PlanDocument) -> dict[str, Json]:
    """What one has otherwise than the other, as plain JSON, `words` being for people; empty where nothing."""
    diff = diff_documents(before, after)
    if diff.is_empty:
        return {}
    written = diff.as_json()
    assert isinstance(written, dict)
    return {**written, "words": list(describe(diff))}


def ensure_known_features(catalog: FeatureCatalog, said: Mapping[str, Wish | Veto]) -> None:
    """What is named, by JSON pointer (`list_named`), the catalog has.

    Raises InvalidPlanRequest (`unknown_feature`) with suggestions for each that it has not.
    """
    known = list_known_slugs(catalog)
    unknown = {pointer: thing.slug for pointer, thing in said.items() if thing.slug not in known}
    if not unknown:
        return
    ordered = sorted(known)
    errors = [
        _unknown_feature(pointer, slug, catalog, ordered)
        for pointer, slug in itertools.islice(unknown.items(), _MOST_UNKNOWN)
    ]
    more = f" And {len(unknown) - 1} more." if len(unknown) > 1 else ""
    raise InvalidPlanRequest(f"{errors[0]['detail']}{more}", code="unknown_feature", errors=errors)


def _unknown_feature(
    pointer: str, slug: str, catalog: FeatureCatalog, known: Sequence[str]
) -> dict[str, Json]:
    near = nearest_few(slug, known)
    return {
        "code": "unknown_feature",
        "pointer": pointer,
        "detail": f"Catalog {catalog.slug} has no feature {slug!r}.{did_you_mean(*near)}",
        "suggestions": list(near),
    }


def ensure_something_wanted(request: PlanRequest) -> None:
    """Raises InvalidPlanRequest (`empty_request`)."""
    if not request.wishes and not request.given:
        understood = " Nothing in the text was understood as a feature." if request.leftovers else ""
        raise InvalidPlanRequest(
            f"Say at least one feature that the application should have.{understood}",
            code="empty_request",
            errors=[
                {
                    "code": "empty_request",
                    "pointer": "/features",
                    "detail": "No feature was asked for.",
                }
            ],
        )


def ensure_read(problems: Iterable[EntryProblem]) -> None:
    """Raises InvalidPlanRequest with every problem of a request."""
    errors = [
        {
            "code": problem.code,
            "pointer": problem.origin.pointer,
            "detail": str(problem),
            "suggestions": [problem.suggestion] if problem.suggestion else [],
        }
        for problem in problems
    ]
    if errors:
        more = f" And {len(errors) - 1} more." if len(errors) > 1 else ""
        raise InvalidPlanRequest(f"{errors[0]['detail']}.{more}", errors=errors)


def outline_of(plan: PlanDocument) -> dict[str, int]:
    """What lists show of a plan."""
    decisions = [feature.decision for feature in plan.features]
    return {
        "features": len(decisions),
        **{decision.value: decisions.count(decision) for decision in FeatureDecision},
        "blocked": sum(feature.is_blocked for feature in plan.features),
        "questions": len(plan.questions),
        "warnings": len(plan.warnings),
        "runs": len(plan.runs),
        "phases": sum(len(run.phases) for run in plan.runs),
        "tokens": plan.budget.tokens,
        "minutes": plan.budget.minutes,
    }
