"""What a plan has to ask, and the answers that are there already. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog_app.planning.spelling import did_you_mean, nearest
from catalog_app.planning.types import PlanWarning, Question

BUILD_NEW = "build-new"
KEEP = "keep"
KEEP_BOTH = "keep-both"
DROP = "drop"
DROP_REQUIRER = "drop-requirer"
WITHOUT = "without"
OTHER_SOURCE = "other-source"
AS_WRITTEN = "as-written"

PROJECT_TYPE = "project-type"
STACK = "stack"


def which_id(key: str) -> str:
    return f"which:{key}"


def veto_id(key: str) -> str:
    return f"veto:{key}"


def pin_id(key: str) -> str:
    return f"pin:{key}"


def conflict_id(one: str, other: str) -> str:
    first, second = sorted((one, other))
    return f"conflict:{first}:{second}"


def about(key: str) -> tuple[str, ...]:
    """Ids of the questions that a wish alone can raise."""
    return (which_id(key), veto_id(key), pin_id(key))


@dataclass(frozen=True, slots=True)
class Answer:
    """The option that the plan goes by; not given: the provisional one, and the question is open."""

    option: str
    is_given: bool


class Asking:
    """All questions of one plan. `subjects` of a question are keys of features, without which it is moot."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers
        self._heard: set[str] = set()
        self._open: dict[str, Question] = {}
        self._warnings: list[PlanWarning] = []

    def ask(self, question: Question, *, also: Collection[str] = ()) -> Answer:
        """`also` are ids that are taken as an answer, though they are not among the options shown."""
        given = self._answers.get(question.id)
        if given is not None:
            self._heard.add(question.id)
            ids = [option.id for option in question.options]
            if given in ids or given in also:
                return Answer(given, True)
            self._warnings.append(_unknown_answer(question, given, ids))
        self._open[question.id] = question
        return Answer(question.provisional, False)

    def hear(self, question_id: str) -> str | None:
        """The answer to a question that need not be asked."""
        given = self._answers.get(question_id)
        if given is not None:
            self._heard.add(question_id)
        return given

    def withdraw_moot(self, keys: Collection[str]) -> None:
        """Questions about features that are not planned any more need no answer."""
        self._open = {
            id: question
            for id, question in self._open.items()
            if all(key in keys for key in question.subjects)
        }

    @property
    def open(self) -> tuple[Question, ...]:
        return tuple(self._open.values())

    @property
    def open_subjects(self) -> frozenset[str]:
        return frozenset(key for question in self._open.values() for key in question.subjects)

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """Answers that are no option of their question, and answers to nothing."""
        unused = sorted(id for id in self._answers if id not in self._heard)
        return (*self._warnings, *(_unused_answer(id) for id in unused))


def _unknown_answer(question: Question, given: str, ids: list[str]) -> PlanWarning:
    hint = did_you_mean(nearest(given, ids))
    text = f"“{given}” is no answer to {question.id}; answers are {', '.join(ids)}.{hint}"
    return PlanWarning("unknown_answer", text, question.subjects)


def _unused_answer(question_id: str) -> PlanWarning:
    return PlanWarning("unused_answer", f"The answer to {question_id} is not used: nothing asks that.")
