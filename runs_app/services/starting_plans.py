"""Starting a run from a plan of the catalog: all of it, or one of the runs that it was split into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from autopack.actors import Actor
from autopack.errors import Refused
from autopack.models import Project
from autopack.selectors import get_project_for_run
from autopack.task_categories import REUSE
from catalog_app.models import Plan, PlanVersion
from catalog_app.planning.document import read_document
from catalog_app.planning.unblocking import is_same_until
from catalog_app.selectors.plans import get_plan, get_plan_version
from catalog_app.services.plan_readiness import hold_ready, make_ready
from runs_app.choices import RunState
from runs_app.errors import PlanRunNotReady
from runs_app.models import Run
from runs_app.services.starting import (
    PhaseDraft,
    StartRequest,
    TierDraft,
    find_started,
    open_branch,
    start_run,
)
from runs_app.strategy import PhaseOutline, RunCaps

_MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class PlanStart:
    """What to run. None: the latest version; the first run of it that has not succeeded yet. The rest as in
    `StartRequest`; the project is the plan's, if it has one, and the run before is followed by itself."""

    run_id: str
    digest: str
    plan_id: str
    plan_version: int | None = None
    plan_run: int | None = None
    caps: RunCaps = field(default_factory=RunCaps)
    project_id: str = ""
    title: str = ""
    safety_profile: str = ""
    run_scope: str = ""
    base: str = ""
    after: str = ""


def start_plan_run(order: PlanStart, *, actor: Actor) -> Run:
    """Create a run of a plan with its branch. The same order again gives the same run.

    Raises what `start_run`, `make_ready` and `hold_ready` raise, and PlanNotFound, PlanVersionNotFound,
    PlanRunNotReady, Refused (`unknown_plan_run`, `nothing_to_run`, `plan_of_other_project`).
    """
    started = find_started(order.run_id, order.digest, actor=actor)
    if started is None:
        try:
            return _start_anew(order, actor=actor)
        except PlanRunNotReady:
            # The same order at the same moment: whoever was first has made the run.
            started = find_started(order.run_id, order.digest, actor=actor)
            if started is None:
                raise
    return open_branch(started)


def _start_anew(order: PlanStart, *, actor: Actor) -> Run:
    plan = get_plan(actor, order.plan_id)
    version = get_plan_version(plan, order.plan_version)
    project = _choose_project(plan, order.project_id, actor=actor)
    _ensure_part(version, order.plan_run)
    ready = make_ready(version, actor=actor)
    number = order.plan_run or _choose_number(ready, project)
    after = order.after
    if number > 1 and not order.base and not order.after:
        after = _find_previous(ready, project, number)

    def ensure() -> None:
        hold_ready(ready, run_number=number, project=project)
        if order.plan_run is None:
            _ensure_still_next(ready, project, number)

    return start_run(_request(order, ready, number, project=project, after=after), actor=actor, ensure=ensure)


def _choose_project(plan: Plan, wanted: str, *, actor: Actor) -> Project:
    """The plan's own, if it has one: its people see the plan, and its policy decided."""
    if plan.project is None:
        return get_project_for_run(actor, wanted)
    own = plan.project.project_id
    if wanted not in ("", own):
        raise Refused(
            f"Plan {plan.plan_id} belongs to project {own}, and its runs start there. To build it in another "
            "project, make a plan for that one.",
            code="plan_of_other_project",
        )
    return get_project_for_run(actor, own)


def _ensure_part(version: PlanVersion, wanted: int | None) -> None:
    """Raises Refused where the version has no such run, or none at all."""
    numbers = [run["number"] for run in version.document["runs"]]
    name = f"Plan {version.plan.plan_id}"
    if not numbers:
        raise Refused(f"{name} has nothing to build.", code="nothing_to_run")
    if wanted is not None and wanted not in numbers:
        raise Refused(
            f"{name} has no run {wanted}; version {version.number} has {len(numbers)}.",
            code="unknown_plan_run",
            errors=[{"code": "unknown_plan_run", "pointer": "/plan_run", "detail": "No such run."}],
        )


def _choose_number(version: PlanVersion, project: Project) -> int:
    """The first run of the version that none in the project has done."""
    numbers = [run["number"] for run in version.document["runs"]]
    states: dict[int | None, set[str]] = {}
    held_runs = Run.objects.filter(plan_version=version, project=project)
    for number, state in held_runs.values_list("plan_run_number", "state"):
        states.setdefault(number, set()).add(state)
    for number in numbers:
        held = states.get(number, set())
        if held & {state.value for state in RunState.live()}:
            raise PlanRunNotReady(
                f"Run {number} of {len(numbers)} of plan {version.plan.plan_id} is at work already. Name "
                "`plan_run` to start it a second time.",
                state="live",
                allowed=["wait for it", "name plan_run"],
            )
        if RunState.DONE_SUCCESS not in held:
            return int(number)
    raise PlanRunNotReady(
        f"Plan {version.plan.plan_id} is done: every run of version {version.number} has succeeded. Name "
        "`plan_run` to start one again.",
        state="done",
        allowed=["name plan_run"],
    )


def _ensure_still_next(version: PlanVersion, project: Project, number: int) -> None:
    """Somebody else may have started it since it was chosen."""
    if _choose_number(version, project) != number:
        raise PlanRunNotReady(
            f"Run {number} of plan {version.plan.plan_id} was done just now. Start the next one.",
            state="done",
            allowed=["start the next one"],
        )


def _find_previous(version: PlanVersion, project: Project, number: int) -> str:
    """The newest successful run of the part before, which the branch starts from. One of another version
    counts where the runs of that one are the same work so far."""
    plan = version.plan
    earlier = Run.objects.filter(
        plan_version__plan=plan, plan_run_number=number - 1, project=project
    ).order_by("-id")
    done = earlier.filter(state=RunState.DONE_SUCCESS)
    same = _list_same_until(version, number - 1, done)
    found = done.filter(plan_version__in=same).first()
    if found is not None:
        return found.run_id
    newest = earlier.first()
    if newest is None:
        state, how = "not_started", "has not been started"
    elif newest.state == RunState.DONE_SUCCESS:
        state, how = "other_version", "was done for another version, where it builds something else"
    else:
        state, how = newest.state, f"is {newest.state}"
    raise PlanRunNotReady(
        f"Run {number} of plan {plan.plan_id} follows run {number - 1}, which {how}. Bring that one to "
        "DONE_SUCCESS first, or name `after` or `base`.",
        state=state,
        allowed=[f"start run {number - 1} of the plan"],
    )


def _list_same_until(version: PlanVersion, number: int, runs: QuerySet[Run]) -> list[int]:
    """Of the versions that these runs are of, those that are the same work up to a part, by key."""
    plan = read_document(version.document_text)
    versions = PlanVersion.objects.filter(pk__in=runs.order_by().values("plan_version"))
    return [
        other.pk
        for other in versions.only("document_text")
        if other.pk == version.pk or is_same_until(read_document(other.document_text), plan, number=number)
    ]


def _request(
    order: PlanStart, version: PlanVersion, number: int, *, project: Project, after: str
) -> StartRequest:
    document = version.document
    (part,) = [run for run in document["runs"] if run["number"] == number]
    count = len(document["runs"])
    title = version.plan.title if count == 1 else f"{version.plan.title[:180]} ({number} of {count})"
    caps = order.caps
    return StartRequest(
        run_id=order.run_id,
        digest=order.digest,
        project_id=project.project_id,
        title=(order.title or title)[:_MAX_TITLE],
        safety_profile=order.safety_profile,
        run_scope=order.run_scope,
        base=order.base,
        after=after,
        caps=RunCaps(
            token_cap=caps.token_cap or part["token_cap"] or None,
            max_phases=caps.max_phases,
            max_duration_minutes=caps.max_duration_minutes or part["max_duration_minutes"] or None,
            lease_seconds=caps.lease_seconds,
            verdict_timeout_seconds=caps.verdict_timeout_seconds,
        ),
        tiers=tuple(
            TierDraft(tier["tier_id"], tier["tier_index"], tier["name"], tier["description"])
            for tier in part["tiers"]
        ),
        phases=tuple(_draft(phase, version, number) for phase in part["phases"]),
        plan_version=version,
        plan_run_number=number,
    )


def _draft(phase: Mapping[str, Any], version: PlanVersion, number: int) -> PhaseDraft:
    """Any: a planned phase as plain JSON."""
    # A phase that was taken over says nothing of this plan's features.
    spec = {name: value for name, value in phase["spec"].items() if name != "feature_key"}
    spec["plan"] = {"plan_id": version.plan.plan_id, "version": version.number, "run": number}
    if phase["task_category"] == REUSE and phase["features"]:
        spec["feature_key"] = phase["features"][0]
    return PhaseDraft(
        outline=PhaseOutline(
            phase_id=phase["phase_id"],
            task_category=phase["task_category"],
            complexity=phase["complexity"],
            ci_profile=phase["ci_profile"],
            incident_token_cap=phase["incident_token_cap"] or None,
        ),
        tier_id=phase["tier_id"],
        phase_index=phase["phase_index"],
        name=phase["name"],
        description=phase["description"],
        builder_mode=phase["builder_mode"],
        spec=spec,
        acceptance_criteria=tuple(phase["acceptance_criteria"]),
        allowed_paths=tuple(phase["allowed_paths"]),
    )
