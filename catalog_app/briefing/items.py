"""A list of features as a program sends it: texts, or objects that say more. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import process

from autopack.documents import describe_kind
from catalog_app.briefing.gathering import MAX_WISHES, Gathering
from catalog_app.briefing.grounds import Ground
from catalog_app.briefing.sayings import MAX_QUOTE_LENGTH, Saying, SayingKind, understand_point
from catalog_app.briefing.types import Brief, Pin, Place, Veto, Wish
from catalog_app.briefing.words import HAS_WORD, tidy
from catalog_app.choices import Strength
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.interchange.plain import clean_text, text_keyed

MAX_TERMS = 8
MAX_TERM_LENGTH = 200
MAX_CONSTRAINT_LENGTH = 500
MAX_PROBLEMS = 200
"""More of them help nobody."""
_MAX_CONSTRAINTS = 20
_MAX_PATHS = 200
_KEYS = (
    "quote", "text", "feature", "slug", "key", "terms", "strength", "must", "should", "veto", "constraints",
    "pin", "build_new",
)  # fmt: skip
_QUOTES = ("quote", "text", "feature")
_SAYING = ("must", "should", "veto")
"""True or false, or at once the text of what must, should or must not be there."""


def read_items(items: Sequence[Json], origin: Origin | None = None) -> tuple[Brief, tuple[EntryProblem, ...]]:
    """The list as a brief, and what is wrong with it; with any problem the brief should not be used.

    A text is read like a point of a brief: "no X" and "without X" are vetoes, `must:` and `(optional)` say
    how much it is wanted. An object says what it says, word for word. `origin` is where the list stands.
    """
    origin = origin or Origin()
    problems: list[EntryProblem] = []
    gathering = Gathering()
    if not isinstance(items, list | tuple):
        return Brief(), (_problem("wrong_kind", origin, f"must be a list, not {describe_kind(items)}"),)
    if len(items) > MAX_WISHES:
        message = f"has {len(items):,} entries; at most {MAX_WISHES:,} are taken"
        return Brief(), (_problem("too_many", origin, message),)
    given: dict[str, Origin] = {}
    for index, item in enumerate(items):
        here = origin.inner(index)
        if isinstance(item, str):
            _read_text(item, here, gathering, problems)
        elif isinstance(item, Mapping):
            _Item({**item}, here, problems).read_into(gathering, given)
        else:
            message = f"must be a text or an object, not {describe_kind(item)}"
            problems.append(_problem("wrong_kind", here, message))
        if len(problems) >= MAX_PROBLEMS:
            break
    return gathering.finish(), tuple(problems[:MAX_PROBLEMS])


def _read_text(text: str, here: Origin, gathering: Gathering, problems: list[EntryProblem]) -> None:
    text = tidy(clean_text(text, here, problems))
    if not HAS_WORD.search(text):
        problems.append(_problem("empty", here, "says nothing: it must name a feature"))
    elif len(text) > MAX_QUOTE_LENGTH:
        problems.append(_problem("too_long", here, f"is longer than {MAX_QUOTE_LENGTH:,} characters"))
    else:
        sayings = [
            # Whatever stands in a list of features was put there as one.
            Saying(SayingKind.WISH, saying.text) if saying.kind is SayingKind.NOTHING else saying
            for saying in understand_point(text, Ground.FEATURES)
        ]
        gathering.take(sayings, Place(pointer=here.pointer))


@dataclass(slots=True)
class _Item:
    """One object of the list, read key by key."""

    written: Mapping[object, object]
    origin: Origin
    problems: list[EntryProblem]
    values: dict[str, object] = field(default_factory=dict)

    def read_into(self, gathering: Gathering, given: dict[str, Origin]) -> None:
        keyed = text_keyed(self.written, self.origin, self.problems)
        self.values = {key: value for key, value in keyed.items() if value is not None}
        for key in self.values:
            if key not in _KEYS:
                near = process.extractOne(key, _KEYS, score_cutoff=65)
                message = f"is not known here; known are {', '.join(_KEYS)}"
                self._complain("unknown_key", message, key, near[0] if near else "")
        slug = self._text("slug", 200)
        key = self._key(given)
        quote = self._quote() or slug.replace("-", " ").replace("_", " ")
        if not HAS_WORD.search(quote):
            self._complain("missing", "names no feature: give `quote` or `slug`")
        terms = self._texts("terms", MAX_TERMS, MAX_TERM_LENGTH)
        place = Place(pointer=self.origin.pointer)
        constraints = self._texts("constraints", _MAX_CONSTRAINTS, MAX_CONSTRAINT_LENGTH)
        pin, build_new = self._pin(), self._flag("build_new")
        strength = self._strength()
        if self._flag("veto"):
            for other in ("constraints", "pin", "build_new", "must", "should", "strength"):
                if self.values.get(other):
                    self._complain("contradiction", "does not go with `veto`", other)
            gathering.vetoes.append(Veto(key, quote, terms, slug, (place,)))
        else:
            if pin and build_new:
                self._complain("contradiction", "does not go with `pin`", "build_new")
            wish = Wish(key, quote, terms, slug, strength, constraints, build_new, pin, (place,))
            gathering.wishes.append(wish)

    def _quote(self) -> str:
        named = [
            key for key in (*_QUOTES, *_SAYING) if isinstance(self.values.get(key), str) or key in _QUOTES
        ]
        said = [key for key in named if key in self.values]
        for key in said[1:]:
            self._complain("contradiction", f"says again what `{said[0]}` says", key)
        return self._text(said[0], MAX_QUOTE_LENGTH) if said else ""

    def _key(self, given: dict[str, Origin]) -> str:
        key = self._text("key", 100)
        if not key:
            return ""
        if key in given:
            self.problems.append(
                replace(
                    _problem(
                        "repeated", self.origin.inner("key"), f"{key} is already the key of another entry"
                    ),
                    other=given[key],
                )
            )
        given[key] = self.origin.inner("key")
        return key

    def _strength(self) -> Strength:
        said: dict[str, Strength] = {}
        value = self._text("strength", 20).lower()
        if value:
            members = [member.value for member in Strength]
            if value in members:
                said["strength"] = Strength(value)
            else:
                near = process.extractOne(value, members, score_cutoff=50)
                message = f"is not known; known are {', '.join(members)}"
                self._complain("unknown_value", message, "strength", near[0] if near else "")
        if "must" in self.values:
            said["must"] = Strength.MUST if self._flag("must") else Strength.SHOULD
        if self._flag("should"):
            said["should"] = Strength.SHOULD
        if len(set(said.values())) > 1:
            self._complain("contradiction", f"does not go with `{next(iter(said))}`", list(said)[-1])
        return next(iter(said.values()), Strength.MUST)

    def _pin(self) -> Pin | None:
        written = self.values.get("pin")
        if written is None:
            return None
        if isinstance(written, str):
            return Pin(self._text("pin", 200))
        if not isinstance(written, Mapping):
            self._complain("wrong_kind", "must be an object with `repo_id` and perhaps `paths`", "pin")
            return None
        inner = _Item({}, self.origin.inner("pin"), self.problems)
        inner.values = text_keyed(written, inner.origin, self.problems)
        for key in inner.values:
            if key not in ("repo_id", "paths"):
                inner._complain("unknown_key", "is not known here; known are repo_id, paths", key)
        repo_id = inner._text("repo_id", 200)
        if not repo_id.strip():
            inner._complain("missing", "has no repo_id")
        has_paths = inner.values.get("paths") is not None
        return Pin(repo_id, inner._texts("paths", _MAX_PATHS, 1_000) if has_paths else None)

    def _text(self, key: str, most: int) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._complain("wrong_kind", f"must be a text, not {describe_kind(value)}", key)
            return ""
        text = tidy(clean_text(value, self.origin.inner(key), self.problems))
        if len(text) > most:
            self._complain("too_long", f"is longer than {most:,} characters", key)
        return text[:most]

    def _texts(self, key: str, most: int, length: int) -> tuple[str, ...]:
        """A list of texts; a text alone is a list of one."""
        value = self.values.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            self._complain("wrong_kind", f"must be a list of texts, not {describe_kind(value)}", key)
            return ()
        if len(value) > most:
            self._complain("too_many", f"has {len(value)} entries; at most {most} are taken", key)
        inner = _Item({}, self.origin.inner(key), self.problems)
        texts = []
        for index, item in enumerate(value[:most]):
            inner.values = {str(index): item}
            if item is None:
                inner._complain("wrong_kind", "must be a text, not nothing", str(index))
            texts.append(inner._text(str(index), length))
        return tuple(dict.fromkeys(text for text in texts if text))

    def _flag(self, key: str) -> bool:
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value or False
        if isinstance(value, str) and key in _SAYING:
            return True
        self._complain("wrong_kind", f"must be true or false, not {describe_kind(value)}", key)
        return False

    def _complain(self, code: str, message: str, key: str = "", suggestion: str = "") -> None:
        origin = self.origin.inner(key) if key else self.origin
        self.problems.append(_problem(code, origin, message, suggestion))


def _problem(code: str, origin: Origin, message: str, suggestion: str = "") -> EntryProblem:
    return EntryProblem(Severity.ERROR, code, origin, message, suggestion)
