"""What becomes of each wish: reuse, new work, or a question. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.choices import Complexity, FeatureDecision, QuestionKind
from catalog_app.planning.framing import Framing
from catalog_app.planning.items import Item
from catalog_app.planning.matching import Suggestions, match_wishes
from catalog_app.planning.questions import BUILD_NEW, OTHER_SOURCE, Asking, pin_id
from catalog_app.planning.relations import Relations
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Resolution, Snapshot, StackFacts
from catalog_app.planning.sources import SourceChoice, choose_source
from catalog_app.planning.types import (
    Decisions,
    Option,
    PlannedFeature,
    PlanWarning,
    Question,
)
from catalog_app.planning.vetoes import rule_out
from catalog_app.planning.wording import shorten


def decide(
    request: PlanRequest,
    snapshot: Snapshot,
    resolutions: Mapping[str, Resolution],
    *,
    warnings: Sequence[PlanWarning] = (),
) -> Decisions:
    """Everything of a plan but its phases. Total; `warnings` are ones that are known already.

    Features are the wishes in their order, each exactly once, then what they require. `requires` and
    `required_by` of a feature are slugs of planned features.
    """
    asking = Asking(request.answers)
    suggestions = Suggestions(snapshot)
    items, matching = match_wishes(request.wishes, snapshot, resolutions, asking, suggestions)
    ruled_out, vetoing = rule_out(request.vetoes, snapshot, resolutions, suggestions)
    items, vetoes, relating = Relations(items, snapshot.features, ruled_out, asking).settle()
    active = [item for item in items if item.is_active]
    features = [item.facts for item in active if item.facts and not item.is_built_new]
    project_type, stack, framing = Framing(request, snapshot, features, asking).choose()
    sourcing = _Sourcing(snapshot, request, stack.facts, asking)
    choices = [sourcing.choose(item) if item.is_active else None for item in items]
    planned = {item.slug for item in active if item.slug}
    open_subjects = asking.open_subjects
    return Decisions(
        project_type,
        stack.choice,
        tuple(_feature(*each, planned, open_subjects) for each in zip(items, choices, strict=True)),
        vetoes,
        asking.open,
        (*warnings, *matching, *vetoing, *relating, *framing, *sourcing.warnings, *asking.warnings),
    )


class _Sourcing:
    """Chooses sources, and asks where a pin is against the policy."""

    def __init__(
        self, snapshot: Snapshot, request: PlanRequest, stack: StackFacts | None, asking: Asking
    ) -> None:
        self._snapshot = snapshot
        self._mode = request.mode
        self._stack = stack
        self._asking = asking
        self.warnings: list[PlanWarning] = []

    def choose(self, item: Item) -> SourceChoice:
        if item.facts is None:
            self._warn_of_pin(item, "There is no source to pin: it is built new.")
            return SourceChoice(FeatureDecision.BUILD_NEW, None, (), item.match_reason)
        choice = self._choose(item, is_built_new=item.is_built_new)
        if item.is_built_new:
            self._warn_of_pin(item, "It is pinned to a source and to be built new as well; it is built new.")
            return choice
        if not choice.pin_problem:
            return choice
        if not choice.is_pin_known:
            self.warnings.append(PlanWarning("unknown_pin", choice.pin_problem, (item.key,)))
            return choice
        answer = self._asking.ask(_pin_question(item, choice))
        if answer.is_given and answer.option == BUILD_NEW:
            return self._choose(item, is_built_new=True)
        return choice

    def _choose(self, item: Item, *, is_built_new: bool) -> SourceChoice:
        assert item.facts is not None
        return choose_source(
            item.facts, self._snapshot, self._mode, self._stack, pin=item.pin, is_built_new=is_built_new
        )

    def _warn_of_pin(self, item: Item, text: str) -> None:
        if item.pin:
            self.warnings.append(PlanWarning("contradictory_pins", f"{item.title}: {text}", (item.key,)))


def _pin_question(item: Item, choice: SourceChoice) -> Question:
    options = [Option(BUILD_NEW, "Build it new", "The pin does not count; it is built for this project.")]
    if choice.source:
        effect = f"The pin does not count; it is taken from {choice.source.repo_id}."
        options.insert(0, Option(OTHER_SOURCE, f"Take {choice.source.repo_id}", effect, item.slug))
    text = f"{choice.pin_problem.strip()} What instead?"
    kind = QuestionKind.PIN_AGAINST_POLICY
    return Question(pin_id(item.key), kind, text, (item.key,), tuple(options), options[0].id)


def _feature(
    item: Item, choice: SourceChoice | None, planned: Collection[str], open_subjects: Collection[str]
) -> PlannedFeature:
    outcome = _outcome(item, choice, open_subjects)
    facts = item.facts
    is_active = choice is not None
    return PlannedFeature(
        key=item.key,
        quotes=tuple(dict.fromkeys(item.quotes)),
        slug=item.slug,
        title=item.title,
        description=facts.description if facts else "",
        category=facts.category if facts else "",
        complexity=facts.complexity if facts else Complexity.MEDIUM,
        strength=item.strength,
        origin=item.origin,
        confidence=item.confidence,
        decision=outcome.decision,
        reason=outcome.reason,
        constraints=tuple(dict.fromkeys(item.constraints)),
        places=tuple(dict.fromkeys(item.places)),
        required_by=item.required_by if is_active else (),
        requires=tuple(slug for slug in item.requires if slug in planned and slug != item.slug)
        if is_active
        else (),
        merged_into=item.head.key if item.same_as else "",
        source=choice.source if choice else None,
        options=choice.options if choice else (),
        matches=item.matches,
        tags=facts.tags if facts else (),
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    decision: FeatureDecision
    reason: str


def _outcome(item: Item, choice: SourceChoice | None, open_subjects: Collection[str]) -> _Outcome:
    if item.same_as:
        head = shorten(item.head.quotes[0])
        start = "A question is open. Until it is answered, it" if item.key in open_subjects else "It"
        return _Outcome(FeatureDecision.MERGED, f"{start} means the same as “{head}”, and is planned there.")
    if choice is None:
        return _Outcome(FeatureDecision.VETOED, item.left_out)
    if item.key in open_subjects:
        return _Outcome(FeatureDecision.OPEN, f"A question is open. Until it is answered: {choice.reason}")
    return _Outcome(choice.decision, choice.reason)
