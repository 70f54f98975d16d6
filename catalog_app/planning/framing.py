"""The frame of a plan: project type and stack, which depend on each other. Pure."""

from collections.abc import Sequence

from catalog_app.choices import QuestionKind
from catalog_app.planning.project_types import (
    Proposal,
    find_label,
    known_labels,
    propose_types,
    rivals,
    usual_labels,
)
from catalog_app.planning.questions import AS_WRITTEN, PROJECT_TYPE, STACK, Asking
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, StackFacts
from catalog_app.planning.spelling import did_you_mean, nearest
from catalog_app.planning.stacks import ChosenStack, choose_stack
from catalog_app.planning.types import Option, PlanWarning, ProjectTypeChoice, Question
from catalog_app.planning.wording import listed

_MOST_OPTIONS = 5


class Framing:
    def __init__(
        self, request: PlanRequest, snapshot: Snapshot, features: Sequence[FeatureFacts], asking: Asking
    ) -> None:
        self._request = request
        self._snapshot = snapshot
        self._features = features
        self._asking = asking
        self._labels = known_labels(snapshot)
        self._warnings: list[PlanWarning] = []
        self._pinned = ""

    def choose(self) -> tuple[ProjectTypeChoice, ChosenStack, list[PlanWarning]]:
        self._pinned = self._pinned_stack()
        choice = self._given_type() if self._request.project_type.strip() else self._proposed_type()
        stack = self._stack_for(choice.label)
        if not choice.label and stack.facts and stack.facts.project_types:
            label = stack.facts.project_types[0]
            reason = f"Nothing says what kind it is; {stack.choice.title} fits, which is made for {label}."
            choice = ProjectTypeChoice(label, True, (reason,), choice.others)
        return choice, stack, [*self._warnings, *stack.warnings]

    def _stack_for(self, label: str) -> ChosenStack:
        return choose_stack(self._snapshot, label, self._request, self._features, pinned=self._pinned)

    def _pinned_stack(self) -> str:
        """A profile that is pinned and not there is a question: another one is not what was asked for."""
        wanted = self._request.stack.strip()
        stacks = {stack.slug: stack for stack in self._snapshot.stacks}
        if not wanted or wanted in stacks:
            return wanted
        near = nearest(wanted, list(stacks))
        text = f"There is no stack profile {wanted}.{did_you_mean(near)}"
        self._warnings.append(PlanWarning("unknown_stack", text))
        if not stacks:
            return ""
        label = find_label(self._request.project_type, self._labels)
        fitting = self._stack_for(label).choice
        slugs = [near, fitting.profile, *(runner.profile for runner in fitting.runners_up)]
        options = tuple(_stack_option(stacks[slug]) for slug in dict.fromkeys(slugs) if slug)
        question = Question(
            STACK, QuestionKind.STACK, f"{text} Which is it to be?", (), options, options[0].id
        )
        return self._asking.ask(question, also=stacks).option

    def _given_type(self) -> ProjectTypeChoice:
        written = self._request.project_type.strip()
        if label := find_label(written, self._labels):
            self._asking.hear(PROJECT_TYPE)
            return ProjectTypeChoice(label, False, ("Said in the request.",))
        if not self._labels:
            return ProjectTypeChoice(written, False, ("Said in the request; the catalog has no labels.",))
        near = nearest(written, self._labels)
        text = f"No stack profile is made for {written}.{did_you_mean(near)}"
        self._warnings.append(PlanWarning("unknown_project_type", text))
        if self._pinned and self._asking.hear(PROJECT_TYPE) is None:
            return ProjectTypeChoice(written, False, ("Said in the request; the stack is pinned.",))
        proposals = propose_types(self._request, self._labels, self._features)
        likely = [near, *(proposal.label for proposal in proposals), *usual_labels(self._snapshot, most=5)]
        labels = [label for label in dict.fromkeys(likely) if label][:_MOST_OPTIONS]
        options = (
            *(_label_option(label) for label in labels),
            Option(
                AS_WRITTEN, f"Keep {written}", "No profile is made for it; the stack is chosen by the rest."
            ),
        )
        answer = self._ask_type(f"{text} What kind of application is it?", options, labels[0])
        if answer == AS_WRITTEN:
            return ProjectTypeChoice(
                written, False, ("Said in the request; no stack profile is made for it.",)
            )
        reason = f"The request says {written}, which no stack profile is made for."
        return ProjectTypeChoice(answer, True, (reason,))

    def _proposed_type(self) -> ProjectTypeChoice:
        """A rival is asked about only where it would lead to another stack for something that is planned."""
        proposals = propose_types(self._request, self._labels, self._features)
        others = tuple((each.label, " ".join(each.reasons)) for each in proposals[1 : 1 + _MOST_OPTIONS])
        answered = self._asking.hear(PROJECT_TYPE)
        if answered in self._labels:
            return ProjectTypeChoice(answered or "", False, ("Chosen in an answer.",), others)
        if not proposals:
            return self._unspoken_type()
        best = proposals[0]
        close = rivals(proposals)
        is_settled = self._pinned or self._is_taken_over or not self._leads_elsewhere(best, close)
        if not answered and is_settled:
            return ProjectTypeChoice(best.label, True, best.reasons, others)
        options = tuple(
            _label_option(each.label, " ".join(each.reasons)) for each in proposals[:_MOST_OPTIONS]
        )
        names = listed((each.label for each in (best, *close)), joint="or")
        text = f"What kind of application is it? What is said fits {names}."
        label = self._ask_type(text, options, best.label)
        return ProjectTypeChoice(label, True, best.reasons, others)

    def _unspoken_type(self) -> ProjectTypeChoice:
        """Nothing speaks for any label. What else is known may settle the stack, which then names one; and
        phases that are taken over as they are need none."""
        has_sources = any(feature.sources for feature in self._features)
        is_known = self._pinned or self._request.slots or has_sources
        if is_known or self._is_taken_over or not self._labels:
            return ProjectTypeChoice("", True, ("Nothing says what kind of application it is.",))
        labels = usual_labels(self._snapshot, most=_MOST_OPTIONS)
        text = "What kind of application is it? Nothing in the request says so."
        label = self._ask_type(text, tuple(map(_label_option, labels)), labels[0])
        return ProjectTypeChoice(label, True, ("Nothing says what kind it is; this is the most usual one.",))

    @property
    def _is_taken_over(self) -> bool:
        return bool(self._request.given) and not self._request.wishes

    def _leads_elsewhere(self, best: Proposal, close: Sequence[Proposal]) -> bool:
        mine = self._stack_for(best.label).choice.profile
        return any(self._stack_for(rival.label).choice.profile != mine for rival in close)

    def _ask_type(self, text: str, options: tuple[Option, ...], provisional: str) -> str:
        question = Question(PROJECT_TYPE, QuestionKind.PROJECT_TYPE, text, (), options, provisional)
        return self._asking.ask(question, also=self._labels).option


def _label_option(label: str, reason: str = "") -> Option:
    return Option(label, label.replace("_", " "), reason or f"The stack is chosen for {label}.")


def _stack_option(stack: StackFacts) -> Option:
    return Option(stack.slug, stack.title, stack.description or f"The plan is made for {stack.slug}.")
