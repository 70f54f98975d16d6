"""A request and what is wanted otherwise make the next request. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial

from catalog_app.briefing.keys import Keys
from catalog_app.briefing.types import Pin, Veto, Wish
from catalog_app.choices import QuestionKind, Strength
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.naming import FeatureNames, Named
from catalog_app.planning.parameters import check_parameters
from catalog_app.planning.questions import about, which_id
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.spelling import Speller
from catalog_app.planning.types import PlannedFeature, Question
from catalog_app.planning.wishes import MAX_WISHES
from catalog_app.planning.wording import listed, same_words
from catalog_app.planning.written import MAX_PROBLEMS

_FREE_ANSWERS = (QuestionKind.WHICH_FEATURE, QuestionKind.PROJECT_TYPE, QuestionKind.STACK)
"""Their answers may be more than the options that are shown."""


def apply_changes(
    request: PlanRequest,
    changes: PlanChanges,
    *,
    features: Sequence[PlannedFeature] = (),
    questions: Sequence[Question] | None = None,
) -> tuple[PlanRequest, tuple[EntryProblem, ...]]:
    """The next request, and what of the changes could not be done; with problems it is not to be planned.

    `features` are those of the plan that was made of the request: what lookup found then can be named too,
    and what others require. `questions` are that plan's; None: answers are not checked. What is said in
    words has been understood before (`said_changes`).
    """
    assert not changes.words, "words are understood before changes are applied"
    applying = _Applying(request, changes, features)
    return applying.apply(questions), tuple(applying.problems)


class _Applying:
    def __init__(
        self, request: PlanRequest, changes: PlanChanges, features: Sequence[PlannedFeature]
    ) -> None:
        self.problems: list[EntryProblem] = []
        self._request = request
        self._changes = changes
        self._features = features
        self._speller = Speller()
        self._slugs = {wish.key: wish.slug for wish in request.wishes if wish.slug}
        self._slugs |= {feature.key: feature.slug for feature in features if feature.slug}
        self._wishes: dict[str, list[Wish]] = {wish.key: [wish] for wish in request.wishes}
        self._gone: set[str] = set()
        self._keys = Keys()
        for key in (*self._wishes, *(veto.key for veto in request.vetoes)):
            self._keys.take("", key)

    @cached_property
    def _names(self) -> FeatureNames:
        """Of much that is wanted, they take a while."""
        return FeatureNames(self._request.wishes, self._features)

    def apply(self, questions: Sequence[Question] | None) -> PlanRequest:
        changes, request = self._changes, self._request
        self._replace_and_remove()
        self._pin()
        self._rate()
        added = [self._with_own_key(wish) for wish in changes.add]
        wishes = [wish for group in self._wishes.values() for wish in group] + added
        if len(wishes) > MAX_WISHES:
            self._complain(
                "too_many", f"makes {len(wishes)} features; at most {MAX_WISHES:,} are taken", "add"
            )
        changed = replace(
            request,
            title=_said(changes.title, request.title),
            summary=_said(changes.summary, request.summary),
            project_type=_said(changes.project_type, request.project_type),
            mode=changes.mode or request.mode,
            stack=_said(changes.stack, request.stack),
            slots=_without_empty({**request.slots, **changes.slots}),
            wishes=tuple(wishes),
            vetoes=self._vetoes(),
            constraints=self._constraints(),
            answers=self._answers(questions),
            values=_without_none({**request.values, **changes.values}),
        )
        said = {("values", name) for name in changes.values}
        self.problems += [problem for problem in check_parameters(changed) if problem.origin.steps in said]
        return changed

    def _replace_and_remove(self) -> None:
        for index, (name, wish) in enumerate(self._changes.replace):
            found = self._find(name, "replace", index, "feature", is_alone=True)
            if found.required:
                self._complain_of_required(found.required, "replaced", "replace", index, "feature")
            elif keys := self._still_there(found.keys, name, "replace", index, "feature"):
                first, *others = keys
                self._wishes[first] = [self._with_own_key(wish)]
                self._gone.add(first)
                self._drop(others)
        removed: set[str] = set()
        for index, name in enumerate(self._changes.remove):
            found = self._find(name, "remove", index)
            if name in removed:
                # It was merged into another one, and went with it.
                continue
            if found.required:
                self._complain_of_required(found.required, "removed", "remove", index)
            else:
                keys = self._still_there(found.keys, name, "remove", index)
                removed |= set(keys)
                self._drop(keys)

    def _drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._wishes[key] = []
            self._gone.add(key)

    def _still_there(self, keys: Sequence[str], name: str, *steps: str | int) -> list[str]:
        """What two changes take away is said, where nothing remains for the second."""
        kept = [key for key in keys if key not in self._gone]
        if keys and not kept:
            self._complain("contradiction", f"{name!r} is taken away by another change already", *steps)
        return kept

    def _pin(self) -> None:
        """The latest word counts: a pin takes back that something is to be built new, and the reverse."""
        new: set[str] = set()
        for index, name in enumerate(self._changes.build_new):
            keys = self._wished(name, "build_new", index)
            new |= set(keys)
            self._change(keys, _built_new)
        for index, name in enumerate(self._changes.reuse):
            keys = self._wished(name, "reuse", index)
            self._complain_of_both(new, keys, name, "reuse", index)
            self._change(keys, _reused)
        pinned: dict[str, Pin] = {}
        for name, pin in self._changes.pins.items():
            keys = self._wished(name, "pins", name)
            if pin is None:
                self._change(keys, _unpinned)
                continue
            self._complain_of_both(new, keys, name, "pins", name)
            if any(pinned.setdefault(key, pin) != pin for key in keys):
                self._complain("contradiction", f"{name!r} is pinned to another source, too", "pins", name)
            self._change(keys, partial(_pinned, pin=pin))

    def _complain_of_both(self, new: set[str], keys: Sequence[str], name: str, *steps: str | int) -> None:
        if new & set(keys):
            self._complain("contradiction", f"{name!r} is to be built new as well", *steps)

    def _rate(self) -> None:
        for name, strength in self._changes.strengths.items():
            keys = self._wished(name, "strengths", name)
            self._change(keys, partial(_rated, strength=strength))

    def _change(self, keys: Sequence[str], change: Callable[[Wish], Wish]) -> None:
        for key in keys:
            self._wishes[key] = [change(wish) for wish in self._wishes[key]]

    def _wished(self, name: str, *steps: str | int) -> list[str]:
        """Keys of the wishes that are named. What is only required becomes a wish of its own with that."""
        found = self._find(name, *steps, is_alone=True)
        if found.required is None:
            return self._still_there(found.keys, name, *steps)
        feature = found.required
        if feature.key not in self._wishes:
            wish = Wish(feature.key, feature.title, slug=feature.slug, strength=feature.strength)
            self._wishes[feature.key] = [wish]
            self._keys.take("", feature.key)
        return [feature.key]

    def _find(self, name: str, *steps: str | int, is_alone: bool = False) -> Named:
        found = self._names.find(name, is_alone=is_alone)
        if not found.is_found:
            self._complain(found.code, found.message, *steps, suggestion=found.suggestion)
        return found

    def _vetoes(self) -> tuple[Veto, ...]:
        gone: set[str] = set()
        by_name, by_words = defaultdict(set), defaultdict(set)
        for veto in self._request.vetoes:
            for known in filter(None, (veto.key, veto.slug)):
                by_name[known].add(veto.key)
            by_words[same_words(veto.quote)].add(veto.key)
        for index, name in enumerate(self._changes.remove_vetoes):
            wanted = same_words(name).removeprefix("no ")
            keys = by_name.get(name, set()) | by_words.get(wanted, set())
            gone |= keys
            if not keys:
                near = self._speller.nearest(wanted, (veto.quote for veto in self._request.vetoes))
                message = f"no veto of the request is {name!r}"
                self._complain("unknown_veto", message, "remove_vetoes", index, suggestion=near)
        kept = tuple(veto for veto in self._request.vetoes if veto.key not in gone)
        return kept + tuple(
            replace(veto, key=self._keys.take(veto.quote, veto.key)) for veto in self._changes.vetoes
        )

    def _constraints(self) -> tuple[str, ...]:
        known = {same_words(text): text for text in self._request.constraints}
        gone = set()
        for index, text in enumerate(self._changes.remove_constraints):
            gone.add(same_words(text))
            if same_words(text) not in known:
                near = self._speller.nearest(text, known.values())
                message = f"no constraint of the request is {text!r}"
                self._complain("unknown_constraint", message, "remove_constraints", index, suggestion=near)
        kept = [text for text in self._request.constraints if same_words(text) not in gone]
        return tuple(dict.fromkeys((*kept, *self._changes.constraints)))

    def _answers(self, questions: Sequence[Question] | None) -> dict[str, str]:
        """Answers about features that are gone go too."""
        moot = {id for key in self._gone for id in about(key)}
        slugs = {slug for key in self._gone if (slug := self._slugs.get(key))}
        kept = {
            id: answer
            for id, answer in self._request.answers.items()
            if id not in moot and not (id.startswith("conflict:") and slugs & set(id.split(":")[1:]))
        }
        if questions is not None:
            self._check_answers(questions)
        return _without_empty({**kept, **self._changes.answers})

    def _check_answers(self, questions: Sequence[Question]) -> None:
        asked = {question.id: question for question in questions}
        known = {*asked, *self._request.answers, *(which_id(key) for key in self._wishes)}
        for id, answer in self._changes.answers.items():
            if id not in known:
                message = f"the plan does not ask {id!r}"
                near = self._speller.nearest(id, asked)
                self._complain("unknown_question", message, "answers", id, suggestion=near)
            elif answer and id in asked and asked[id].kind not in _FREE_ANSWERS:
                ids = [option.id for option in asked[id].options]
                if answer not in ids:
                    message = f"{answer!r} is no answer; answers are {', '.join(ids)}"
                    near = self._speller.nearest(answer, ids)
                    self._complain("unknown_option", message, "answers", id, suggestion=near)

    def _with_own_key(self, wish: Wish) -> Wish:
        return replace(wish, key=self._keys.take(wish.quote, wish.key))

    def _complain_of_required(self, feature: PlannedFeature, what: str, *steps: str | int) -> None:
        by = listed(feature.required_by)
        message = (
            f"{feature.title} was not asked for and cannot be {what}: {by} needs it. Change that, or veto it"
        )
        self._complain("required_feature", message, *steps)

    def _complain(self, code: str, message: str, *steps: str | int, suggestion: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(EntryProblem(Severity.ERROR, code, Origin(steps=steps), message, suggestion))


def _built_new(wish: Wish) -> Wish:
    return replace(wish, build_new=True, pin=None)


def _reused(wish: Wish) -> Wish:
    return replace(wish, build_new=False)


def _unpinned(wish: Wish) -> Wish:
    return replace(wish, pin=None)


def _pinned(wish: Wish, *, pin: Pin) -> Wish:
    return replace(wish, pin=pin, build_new=False)


def _rated(wish: Wish, *, strength: Strength) -> Wish:
    return replace(wish, strength=strength)


def _said(new: str | None, old: str) -> str:
    return old if new is None else new


def _without_empty(values: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _without_none(values: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in values.items() if value is not None}
