"""One point of a list or one sentence, and what it says: something to build, to leave out, a condition, or
nothing of these. Pure. Nothing is guessed: what is not understood says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog_app.briefing.grounds import Ground
from catalog_app.briefing.limits import is_limit
from catalog_app.briefing.needs import find_need, is_action, is_product
from catalog_app.briefing.refusals import Refusal, find_refusal, read_refused
from catalog_app.briefing.sentences import split_wishes
from catalog_app.briefing.words import HAS_WORD, count_words, tidy
from catalog_app.choices import Strength

MAX_QUOTE_LENGTH = 2_000


class SayingKind(StrEnum):
    WISH = "wish"
    VETO = "veto"
    LIMIT = "limit"
    PROJECT_TYPE = "project_type"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Saying:
    """`strength` None: not said. `why` of what says nothing."""

    kind: SayingKind
    text: str
    strength: Strength | None = None
    constraints: tuple[str, ...] = ()
    why: str = ""


_BOX = re.compile(r"^\[(?P<box>[ xX~✓✔-]?)\]\s+")
_BULLET = re.compile(r"^(?P<bullet>[•◦‣▪●\u2013—→✓✔☐☑✅❌✗✘·*+-]|\d{1,3}[.)])\s+")
_CROSSES = "❌✗✘"
_PROJECT_TYPE = re.compile(
    r"(?:(?:project|app|application|product)[ _-]?type|type of (?:project|app|application)|"
    r"kind of (?:project|app))"
    r"\s*(?:[:=]|is|\u2013|-)\s*(?P<label>[\w /-]{2,60})\.?",
    re.IGNORECASE,
)
_PAPERWORK = re.compile(
    r"(?:author|authors|written by|prepared by|prepared for|reviewed by|reviewers?|owner|product owner|"
    r"contact|"
    r"date|created|created on|updated|last updated|last edited|last modified|version|doc version|"
    r"document version|"
    r"revision|status|draft|document|confidential(?:ity)?|copyright|client|company|distribution|approved by|"
    r"tags|labels|ticket|jira|link|links|see also|source)\s*[:=]\s*\S.*|"
    r"(?:©|\(c\)|copyright)\s.*|confidential\b.{0,60}|(?:internal use only|all rights reserved|draft|tbd|"
    r"todo|n/a|end of document)\W*|"
    r"(?:v|version )\d+(?:\.\d+)*(?:\s*[,|\u2013-].{0,60})?|https?://\S+|page \d+(?: of \d+)?",
    re.IGNORECASE,
)
_MUST = (
    r"must(?:[- ]haves?)?|required|mandatory|essential|critical|blocker|p[01]|"
    r"prio(?:rity)?\s*[:=]?\s*(?:1|high)|high"
)
_SHOULD = (
    r"should(?:[- ]haves?)?|could(?:[- ]haves?)?|nice[- ]to[- ]haves?|optional(?:ly)?|stretch(?: goal)?|"
    r"bonus|"
    r"p[2-4]|prio(?:rity)?\s*[:=]?\s*(?:[2-5]|medium|low)|low|medium|later|maybe|if possible|if time allows|"
    r"phase [2-9]|v[2-9]|future|not urgent"
)
_WONT = r"won'?t(?: have)?|will not have|out of scope|not in scope|not needed|excluded|wont"
_BEFORE = re.compile(
    rf"^[\[(]?\s*(?:(?P<must>{_MUST})|(?P<should>{_SHOULD})|(?P<wont>{_WONT}))\s*(?:[\])]\s*[:\u2013—-]?|"
    rf"[:\u2013—]|\s-)\s*(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"\s*(?:[\[(]\s*(?:(?P<must>{_MUST})|(?P<should>{_SHOULD})|(?P<wont>{_WONT}))\s*[\])]|"
    rf"(?:\s[\u2013—-]|,|:)\s*(?:(?P<must2>{_MUST})|(?P<should2>{_SHOULD})|(?P<wont2>{_WONT})))\s*[.!]?$",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:should|could|ideally|nice to have|would be (?:nice|good|great|lovely|cool|handy)|if possible|"
    r"optional(?:ly)?|"
    r"maybe|perhaps|eventually|later on|one day|at some point|might)\b",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"\b(?:can|must|shall|should|could|may|needs?|wants?|has to|have to|able to|allowed to|would like|"
    r"with)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:must|needs? to|has to|have to|required|essential|absolutely|critical)\b", re.IGNORECASE
)
_TODAY = re.compile(
    r"\b(?:today|currently|at the moment|right now|so far|until now|nowadays|these days|used to|last year|"
    r"last month|years ago)\b|^(?:(?!that\b|which\b|who\b)\S+\s+){1,3}?(?:was|were|had)\b",
    re.IGNORECASE,
)
_VERBS = re.compile(r"\b(?:is|are|was|were|has|have|had|am|been)\b", re.IGNORECASE)
_MOST_NAME_WORDS = 8
_DEFINITION = re.compile(
    r"(?:we|i|this|these|here|there|in this|the following|below|as|who|how|why|what)\b|"
    r"(?:\S+\s+){1,5}?(?:is|are|means?|has|have)\s+(?:an?|the|our|one|not|too|very|good|bad|only|just|missing|"
    r"a kind of|part of|called)\b",
    re.IGNORECASE,
)
_FEWEST_TOLD_WORDS = 4
_MOST_DEPTH = 20
"""Refusals in one sentence; what follows them is taken as a whole."""
_NEGATIVE = re.compile(
    r"(?:(?!(?:if|when|where|as|unless|can|what|that|which|who|so)\b)\S+\s+){0,6}?"
    r"(?:never|must not|mustn['\u2019]?t|may not|cannot|can not|can['\u2019]t|shall not|should not|"
    r"shouldn['\u2019]?t)\s",
    re.IGNORECASE,
)
_LICENCE = re.compile(r"\b(?:a?gpl|licen[cs]es?|copyleft)\b", re.IGNORECASE)


def understand_point(text: str, ground: Ground, *, depth: int = 0) -> tuple[Saying, ...]:
    """A point of a list, a cell, a heading: something to build, unless it says otherwise. `depth` counts the
    refusals in front of it in the same sentence."""
    text, is_crossed = _bare_point(text)
    early = _early(text, ground)
    if early:
        return early
    text, strength, is_refused = _take_strength(text)
    if is_refused or is_crossed or ground is Ground.VETOES:
        return tuple(_of_refusal(read_refused(text), ground, strength, depth + 1))
    unwanted = _no_wish(text, ground, strength, depth)
    if unwanted:
        return unwanted
    need = find_need(text)
    if ground is Ground.GOALS and need is None:
        return (_nothing(text, "a goal rather than a feature"),)
    if is_limit(text):
        return (Saying(SayingKind.LIMIT, text),)
    strength = strength or _strength_in(text, is_sentence=need is not None)
    return _wishes(need.things if need and need.things else split_wishes(text), strength)


def is_demand(text: str) -> bool:
    """Whether a sentence says outright that something is needed or must be possible, which a description of
    the application does not."""
    return bool(_DEMAND.search(text))


def understand_sentence(text: str, ground: Ground, *, depth: int = 0) -> tuple[Saying, ...]:
    """A sentence of running text: it has to ask for something."""
    text = tidy(text)
    early = _early(text, ground)
    if early:
        return early
    text, strength, is_refused = _take_strength(text)
    if is_refused or ground is Ground.VETOES:
        return tuple(_of_refusal(read_refused(text), ground, strength, depth + 1))
    if _TODAY.search(text) and not _STRONG.search(text) and not _WEAK.search(text):
        return (_nothing(text, "says how things are"),)
    unwanted = _no_wish(text, ground, strength, depth)
    if unwanted:
        return unwanted
    if is_limit(text):
        return (Saying(SayingKind.LIMIT, text),)
    if is_product(text):
        whole = _nothing(text, "the whole application, not one of its features")
        return (whole, *_wishes(_parts_of_product(text), strength))
    need = find_need(text)
    if need:
        return _wishes(need.things or (text,), strength or _strength_in(text, is_sentence=True))
    if ground in (Ground.FEATURES, Ground.SHOULD):
        if _is_name(text):
            return _wishes(split_wishes(text), strength)
        if count_words(text) >= _FEWEST_TOLD_WORDS and not _DEFINITION.match(text):
            return _wishes((text,), strength)
    return (_nothing(text, "asks for nothing that could be recognised"),)


def is_feature_sentence(text: str) -> bool:
    """Whether a sentence under a heading shows that the heading names a feature."""
    bare = tidy(text)
    return (
        not _TODAY.search(bare)
        and not is_product(bare)
        and not is_limit(bare)
        and find_need(bare) is not None
    )


def is_own_point(text: str) -> bool:
    """Whether a point below another is something of its own, rather than a detail of it."""
    bare = _bare_point(text)[0]
    return is_action(bare) or find_need(bare) is not None


def _no_wish(text: str, ground: Ground, strength: Strength | None, depth: int) -> tuple[Saying, ...]:
    """What a text says that refuses something, limits something, or asks; empty where it may be a wish."""
    refusal = find_refusal(text) if depth < _MOST_DEPTH else None
    if refusal and ground is Ground.LIMITS and (refusal.before or _LICENCE.search(text)):
        return tuple(_of_limit(text, refusal))
    if refusal:
        return tuple(_of_refusal(refusal, ground, strength, depth + 1))
    if ground is Ground.LIMITS or _NEGATIVE.match(text):
        return (Saying(SayingKind.LIMIT, text),)
    if text.endswith("?"):
        return (_nothing(text, "a question of the text itself"),)
    return ()


def _early(text: str, ground: Ground) -> tuple[Saying, ...]:
    """What is settled before the words of a sentence are looked at."""
    if not HAS_WORD.search(text):
        return (_nothing(text, "has no words"),) if text else (_nothing("", "empty"),)
    if len(text) > MAX_QUOTE_LENGTH:
        return (_nothing(text, f"longer than {MAX_QUOTE_LENGTH:,} characters without an end"),)
    match = _PROJECT_TYPE.fullmatch(text)
    if match:
        return (Saying(SayingKind.PROJECT_TYPE, match["label"].strip()),)
    if ground is Ground.PROJECT_TYPE and count_words(text) <= 4:
        return (Saying(SayingKind.PROJECT_TYPE, text.strip(" .")),)
    if _PAPERWORK.fullmatch(text):
        return (_nothing(text, Ground.PAPERWORK.why_nothing),)
    if ground is Ground.PEOPLE and is_action(text):
        return ()
    return (_nothing(text, ground.why_nothing),) if ground.why_nothing else ()


def _of_refusal(refusal: Refusal, ground: Ground, strength: Strength | None, depth: int) -> Iterator[Saying]:
    around = ground if ground is not Ground.VETOES else Ground.OPEN
    if refusal.before:
        conditions = (refusal.condition,) if refusal.condition else ()
        for number, saying in enumerate(understand_point(refusal.before, around, depth=depth)):
            is_wish = saying.kind is SayingKind.WISH and number == 0
            yield replace(
                saying,
                constraints=saying.constraints + conditions if is_wish else saying.constraints,
                strength=saying.strength or strength,
            )
    yield from (Saying(SayingKind.VETO, what) for what in refusal.what)
    if refusal.instead:
        yield from understand_point(refusal.instead, around, depth=depth)
    if refusal.after:
        for saying in understand_sentence(refusal.after, around, depth=depth):
            is_reason = saying.kind is SayingKind.NOTHING
            yield replace(saying, why="said about what is not wanted") if is_reason else saying


def _of_limit(text: str, refusal: Refusal) -> Iterator[Saying]:
    """A condition that also refuses something stays whole beside what it refuses."""
    yield Saying(SayingKind.LIMIT, text)
    yield from (Saying(SayingKind.VETO, what) for what in refusal.what if not _LICENCE.search(what))


def _take_strength(text: str) -> tuple[str, Strength | None, bool]:
    """The text without `must:` or `(optional)`, what that says, and whether it says that it is not wanted."""
    for pattern in (_BEFORE, _AFTER):
        match = pattern.search(text)
        rest = pattern.sub("", text, count=1).strip() if match else ""
        if match and HAS_WORD.search(rest):
            found = {name.rstrip("2") for name, value in match.groupdict().items() if value}
            if "wont" in found:
                return rest, None, True
            return rest, Strength.MUST if "must" in found else Strength.SHOULD, False
    return text, None, False


def _strength_in(text: str, *, is_sentence: bool) -> Strength | None:
    if _WEAK.search(text):
        return Strength.SHOULD
    return Strength.MUST if is_sentence and _STRONG.search(text) else None


def _wishes(things: tuple[str, ...], strength: Strength | None) -> tuple[Saying, ...]:
    return tuple(Saying(SayingKind.WISH, thing, strength) for thing in things if HAS_WORD.search(thing))


def _parts_of_product(text: str) -> tuple[str, ...]:
    need = find_need(text)
    return need.parts if need else ()


def _nothing(text: str, why: str) -> Saying:
    return Saying(SayingKind.NOTHING, text, why=why)


def _bare_point(text: str) -> tuple[str, bool]:
    text = tidy(text)
    is_crossed = text[:1] in _CROSSES and bool(text)
    return _BOX.sub("", _BULLET.sub("", text)).strip(), is_crossed


def _is_name(text: str) -> bool:
    return count_words(text) <= _MOST_NAME_WORDS and not _VERBS.search(text)
