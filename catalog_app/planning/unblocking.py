"""Whether two versions of a plan are the same work: once its sources are verified, or as far as its first
runs go. Pure."""

from catalog_app.planning.types import PlanDocument, PlannedFeature, PlannedPhase, PlannedRun


def is_same_work(before: PlanDocument, after: PlanDocument) -> bool:
    """Whether everything but what verification fills in is equal: the commit and licence that were found,
    scores, and the texts that say so."""
    return _work(before) == _work(after)


def is_same_until(before: PlanDocument, after: PlanDocument, *, number: int) -> bool:
    """Whether what the runs up to this one build is the same work, whatever comes after them."""
    return _work_until(before, number) == _work_until(after, number)


def list_blocked(plan: PlanDocument) -> list[PlannedFeature]:
    """The features whose source has to be verified first."""
    return [feature for feature in plan.features if feature.is_blocked]


def _work(plan: PlanDocument) -> tuple[object, ...]:
    features = tuple(
        (feature.key, feature.slug, feature.decision, feature.merged_into, _source(feature))
        for feature in plan.features
    )
    phases = tuple(_phase(run, phase) for run in plan.runs for phase in run.phases)
    slots = tuple((slot.slot, slot.value) for slot in plan.stack.slots)
    questions = tuple(question.id for question in plan.questions)
    return (plan.project_type.label, plan.stack.profile, slots, questions, features, phases)


def _work_until(plan: PlanDocument, number: int) -> tuple[object, ...]:
    features = {feature.key: (feature.slug, feature.decision, _source(feature)) for feature in plan.features}
    slots = tuple((slot.slot, slot.value) for slot in plan.stack.slots)
    phases = tuple(
        (*_phase(run, phase), phase.name, tuple(features.get(key) for key in phase.features))
        for run in plan.runs
        if run.number <= number
        for phase in run.phases
    )
    return (plan.stack.profile, slots, phases)


def _phase(run: PlannedRun, phase: PlannedPhase) -> tuple[object, ...]:
    return (
        run.number,
        phase.phase_id,
        phase.phase_index,
        phase.tier_id,
        phase.task_category,
        phase.features,
        phase.depends_on,
        phase.allowed_paths,
    )


def _source(feature: PlannedFeature) -> tuple[str, tuple[str, ...]] | None:
    return None if feature.source is None else (feature.source.repo_id, feature.source.paths)
