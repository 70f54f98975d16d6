"""Whether a plan may be run as it stands: nothing open, nothing blocked, nothing that the catalog has taken
back since (v7 §1: once a run has started, nobody can be asked)."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from autopack.actors import Actor
from autopack.models import Project
from catalog_app.choices import LicenseDecision, PlanMode, SourceStatus
from catalog_app.errors import PlanBlocked, PlanChanged, PlanOutdated, QuestionsOpen
from catalog_app.interchange.entries import Json
from catalog_app.models import FeatureSource, PlanVersion
from catalog_app.planning.document import from_json
from catalog_app.planning.request import read_request
from catalog_app.planning.types import PlanDocument
from catalog_app.planning.unblocking import is_same_work, list_blocked
from catalog_app.selectors.plans import PlannedSource, get_plan_version, list_planned_sources
from catalog_app.selectors.snapshots import PolicyInForce, source_facts
from catalog_app.services.planning import diff_plans, draft_plan, ensure_read, policy_in_force
from catalog_app.services.plans import ensure_not_archived, keep_draft, lock_plan


def make_ready(version: PlanVersion, *, run_number: int, project: Project, actor: Actor) -> PlanVersion:
    """The version to run in this project. That is the given one, or, where that was blocked and all of its
    sources have been verified since, the same plan with what was found.

    Raises PlanArchived, QuestionsOpen, PlanBlocked, PlanChanged, PlanOutdated.
    """
    ensure_not_archived(version.plan)
    _ensure_answered(version)
    if any(source.is_blocked for source in list_planned_sources(version.plan.catalog, version.document)):
        version = _unblock(version, actor=actor)
    _ensure_current(version, run_number, project)
    return version


def _ensure_answered(version: PlanVersion) -> None:
    questions = version.document["questions"]
    if not questions:
        return
    count = "a question" if len(questions) == 1 else f"{len(questions)} questions"
    raise QuestionsOpen(
        f"Plan {version.plan.plan_id} has {count} to answer first. Revise it with `answers`.",
        state="questions_open",
        allowed=["revise"],
        questions=questions,
    )


def _unblock(version: PlanVersion, *, actor: Actor) -> PlanVersion:
    _ensure_verified(version)
    with transaction.atomic():
        plan = lock_plan(version.plan)
        latest = get_plan_version(plan)
        before, now = from_json(version.document), from_json(latest.document)
        if not list_blocked(now) and is_same_work(before, now):
            # Somebody was faster.
            return latest
        if latest.number != version.number:
            raise PlanBlocked(
                f"Version {version.number} of plan {plan.plan_id} was planned before its sources were "
                f"verified. Start version {latest.number}.",
                state="blocked",
                allowed=["start the latest version"],
            )
        request, problems = read_request(latest.request)
        ensure_read(problems)
        drafted = draft_plan(request, catalog=plan.catalog, project=plan.project)
        if not is_same_work(before, drafted.plan):
            raise PlanChanged(
                f"The sources of plan {plan.plan_id} are verified, but with what was found it would be "
                "another plan. Look at what changes, and revise it.",
                state="changed",
                allowed=["revise"],
                diff=diff_plans(version.document, drafted.plan),
            )
        return keep_draft(
            latest, drafted, changes={}, note="Its sources are verified now.", actor=actor
        ).version


def _ensure_verified(version: PlanVersion) -> None:
    plan = version.plan
    blocked = [
        source
        for source in list_planned_sources(plan.catalog, version.document)
        if source.is_blocked and not source.is_verified
    ]
    if not blocked:
        return
    count = "A source has" if len(blocked) == 1 else f"{len(blocked)} sources have"
    raise PlanBlocked(
        f"{count} to be verified before plan {plan.plan_id} may run. Verify them all with one call: "
        f"POST /api/v1/plans/{plan.plan_id}/verify.",
        errors=[_blocked(source) for source in blocked],
        state="blocked",
        allowed=["verify"],
    )


def _blocked(source: PlannedSource) -> dict[str, Json]:
    if source.row is None:
        state, words = "gone", "is not in the catalog any more"
    elif source.scan is not None:
        state, words = source.scan.state, "is being verified"
    else:
        status = SourceStatus(source.row.status)
        state, words = status.value, f"is {status.label.lower()}"
        if source.row.status_detail:
            words += f": {source.row.status_detail}"
    return {
        "code": "source_not_verified",
        "detail": f"{source.name} {words}",
        "feature": source.feature_slug,
        "repo_id": source.option["repo_id"],
        "paths": source.option["paths"],
        "source_id": None if source.row is None else source.row.pk,
        "scan_id": None if source.scan is None else source.scan.pk,
        "state": state,
    }


def _ensure_current(version: PlanVersion, run_number: int, project: Project) -> None:
    """What the run takes from elsewhere is what the plan says, and still allowed, for this project too."""
    plan = from_json(version.document)
    policy = policy_in_force(version.plan.catalog, project)
    errors = [
        _outdated(source, code, words)
        for source in _sources_of_run(version, plan, run_number)
        for code, words in _list_reasons(source, plan, policy)
    ]
    if errors:
        raise PlanOutdated(
            f"The catalog has changed since plan {version.plan.plan_id} was made: {errors[0]['detail']}. "
            "Revise it, even without changes, and look at what comes out different.",
            errors=errors,
            state="outdated",
            allowed=["revise"],
        )


def _sources_of_run(version: PlanVersion, plan: PlanDocument, run_number: int) -> Sequence[PlannedSource]:
    keys = {
        key for run in plan.runs if run.number == run_number for phase in run.phases for key in phase.features
    }
    planned = list_planned_sources(version.plan.catalog, version.document)
    return [source for source in planned if source.feature_key in keys]


def _list_reasons(
    source: PlannedSource, plan: PlanDocument, policy: PolicyInForce
) -> Iterator[tuple[str, str]]:
    row = source.row
    if row is None:
        yield "source_gone", "is not in the catalog any more"
        return
    yield from _list_changes(row, source)
    facts = source_facts(row, 0, policy)
    if facts.decision is not LicenseDecision.ALLOWED:
        yield "license_not_allowed", f"may not be copied by policy {policy.slug}: {facts.decision_reason}"
    if plan.mode is PlanMode.ZERO_INTERVENTION and not row.repo.is_whitelisted:
        yield "not_whitelisted", "is not whitelisted any more"


def _list_changes(row: FeatureSource, source: PlannedSource) -> Iterator[tuple[str, str]]:
    planned = source.option
    if row.status != SourceStatus.VERIFIED:
        yield "not_verified", f"is {SourceStatus(row.status).label.lower()} by now"
    if row.pinned_commit != planned["pinned_commit"]:
        was, now = planned["pinned_commit"][:12] or "none", row.pinned_commit[:12] or "none"
        yield "repinned", f"is pinned to another commit ({was} in the plan, {now} now)"
    if row.license_in_force != planned["license"]:
        was, now = planned["license"] or "none", row.license_in_force or "none"
        yield "license_changed", f"has another licence ({was} in the plan, {now} now)"


def _outdated(source: PlannedSource, code: str, words: str) -> dict[str, Json]:
    return {
        "code": code,
        "detail": f"{source.name} {words}",
        "feature": source.feature_slug,
        "repo_id": source.option["repo_id"],
        "paths": source.option["paths"],
    }
