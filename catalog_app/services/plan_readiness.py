"""Whether a plan may be run as it stands: nothing open, nothing blocked, nothing that the catalog has taken
back since (v7 §1: once a run has started, nobody can be asked)."""

from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction

from autopack.actors import Actor
from autopack.models import Project
from autopack.task_categories import TAKING_CODE
from catalog_app.choices import LicenseDecision, PlanMode, SourceStatus
from catalog_app.errors import PlanBlocked, PlanChanged, PlanOutdated, QuestionsOpen
from catalog_app.interchange.entries import Json
from catalog_app.models import FeatureCatalog, FeatureSource, PlanVersion
from catalog_app.planning.document import read_document
from catalog_app.planning.snapshot import SourceFacts
from catalog_app.planning.types import PlanDocument, PlannedPhase
from catalog_app.planning.unblocking import is_same_work, list_blocked
from catalog_app.planning.wording import one_line
from catalog_app.selectors.feature_facts import PolicyInForce, source_facts
from catalog_app.selectors.plans import PlannedSource, get_plan_version, list_planned_sources
from catalog_app.services.keeping import ensure_not_archived
from catalog_app.services.planning import diff_plans, draft_plan, policy_in_force, request_of
from catalog_app.services.plans import keep_draft, lock_plan


def make_ready(version: PlanVersion, *, actor: Actor) -> PlanVersion:
    """The version to run. That is the given one, or, where that was blocked and all of its sources have been
    verified since, the same plan with what was found.

    Raises PlanArchived, QuestionsOpen, PlanBlocked, PlanChanged.
    """
    ensure_not_archived(version.plan)
    _ensure_answered(version)
    if any(source.is_blocked for source in list_planned_sources(version.plan.catalog, version.document)):
        version = _unblock(version, actor=actor)
    return version


def hold_ready(version: PlanVersion, *, run_number: int, project: Project) -> None:
    """That this run of a version that was made ready may start in this project now, and until the end of the
    caller's transaction: no other run of the plan starts meanwhile, nobody puts the plan away, and nobody
    changes what its catalog says of the sources.

    Raises PlanArchived, PlanBlocked, PlanOutdated.
    """
    ensure_not_archived(lock_plan(version.plan))
    plan = read_document(version.document_text)
    phases = [phase for run in plan.runs if run.number == run_number for phase in run.phases]
    if any(phase.task_category in TAKING_CODE for phase in phases):
        FeatureCatalog.objects.select_for_update(of=("self",), no_key=True).get(pk=version.plan.catalog_id)
        policy = policy_in_force(version.plan.catalog, project)
        _ensure_current(version, plan, phases, policy)
        _ensure_given_usable(version, plan, phases, policy)


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
        ensure_not_archived(plan)
        latest = get_plan_version(plan)
        before, now = (read_document(each.document_text) for each in (version, latest))
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
        drafted = draft_plan(request_of(latest), catalog=plan.catalog, project=plan.project)
        if not is_same_work(before, drafted.plan):
            raise PlanChanged(
                f"The sources of plan {plan.plan_id} are verified, but with what was found it would be "
                "another plan. Look at what changes, and revise it.",
                state="changed",
                allowed=["revise"],
                diff=diff_plans(before, drafted.plan),
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


def _ensure_current(
    version: PlanVersion, plan: PlanDocument, phases: Sequence[PlannedPhase], policy: PolicyInForce
) -> None:
    """What the run takes from elsewhere is what the plan says, and still allowed, for this project too."""
    keys = {key for phase in phases for key in phase.features}
    errors = [
        _outdated(source, code, words)
        for source in list_planned_sources(version.plan.catalog, version.document)
        if source.feature_key in keys
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


def _ensure_given_usable(
    version: PlanVersion, plan: PlanDocument, phases: Sequence[PlannedPhase], policy: PolicyInForce
) -> None:
    """A phase that was taken over as it was takes from nowhere that a planned one may not."""
    given = [phase for phase in phases if phase.task_category in TAKING_CODE and not phase.features]
    named = [(phase, place) for phase in given if (place := _find_place(phase.spec))]
    sources = FeatureSource.objects.active().filter(
        feature__catalog=version.plan.catalog, repo__repo_id__in={place for _, place in named}
    )
    usable = [
        facts
        for row in sources.select_related("repo")
        if _is_usable(facts := source_facts(row, 0, policy), plan.mode)
    ]
    errors: list[dict[str, Json]] = [
        {
            "code": "source_not_usable",
            "detail": f"Phase {phase.phase_id} takes from {place}, which is no source of catalog "
            f"{version.plan.catalog.slug} that may be reused with these paths at this commit",
            "phase_id": phase.phase_id,
            "repo_id": place,
        }
        for phase, place in named
        if not any(_is_given(facts, phase.spec) for facts in usable)
    ]
    if errors:
        raise PlanBlocked(
            f"{errors[0]['detail']}. Verify it, or leave the phase out.",
            errors=errors,
            state="blocked",
            allowed=["verify the source in the catalog", "plan without the phase"],
        )


def _find_place(spec: Mapping[str, Json]) -> str:
    """Where a phase's spec says that code is to be taken from; "" where it says nothing of that."""
    said = (spec.get(key) for key in ("source_repo_id", "source_repo_url", "source_path", "source_paths"))
    return next((one_line(str(place)) for place in said if place), "")


def _is_usable(facts: SourceFacts, mode: PlanMode) -> bool:
    if mode is PlanMode.ZERO_INTERVENTION:
        return facts.is_usable
    return facts.status is SourceStatus.VERIFIED and facts.decision is LicenseDecision.ALLOWED


def _is_given(facts: SourceFacts, spec: Mapping[str, Json]) -> bool:
    """Whether a phase's spec names this source, or a part of it, at its commit."""
    said = spec.get("source_paths") or spec.get("source_path") or ()
    paths = [said] if isinstance(said, str) else said if isinstance(said, Sequence) else ()
    return (
        facts.repo_id == spec.get("source_repo_id")
        and spec.get("source_repo_url") in (None, "", facts.repo_url)
        and facts.pinned_commit == spec.get("pinned_commit")
        and (not facts.paths or (bool(paths) and all(path in facts.paths for path in paths)))
    )
