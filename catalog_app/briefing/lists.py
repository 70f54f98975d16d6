"""Lists and tables of a brief: which points stand for themselves, and which belong to the one above. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog_app.briefing.blocks import Aside, Heading, Item, Listing, Paragraph, Table
from catalog_app.briefing.gathering import Gathering
from catalog_app.briefing.grounds import Ground, ground_beside, ground_of
from catalog_app.briefing.sayings import (
    Saying,
    SayingKind,
    is_own_point,
    understand_point,
    understand_sentence,
)
from catalog_app.briefing.sentences import split_sentences
from catalog_app.briefing.tables import read_table
from catalog_app.briefing.types import Place
from catalog_app.briefing.words import HAS_WORD, count_words, tidy
from catalog_app.choices import Strength

_REFUSING_LEAD = re.compile(r".*\b(?:not|no|without|never|n['\u2019]t)\b.*:\s*", re.IGNORECASE)
_ABLE_LEAD = re.compile(
    r".*\b(?:can|must|should|needs?|wants?|able to|has to|have to|want to)\s*:?\s*", re.IGNORECASE
)
_DETAIL = re.compile(
    r"(?:with|by|via|for|in|on|at|as|from|per|using|up to|at most|max|min|only|after|before|within|until|"
    r"including|"
    r"e\.g\.|\d|must|should|can be|is|are|same|like|based on|optional|not)\b",
    re.IGNORECASE,
)
_BULLETED = re.compile(r"\s*(?:[•◦‣▪●\u2013—→✓✔☐☑✅❌✗✘·]|\d{1,3}[.)])\s*\S")
_SENTENCE_END = re.compile(r"[.,;:!?]\s*$")
_MOST_SHORT_WORDS = 8
_MOST_PREFIX_WORDS = 5
_MOST_NAME_WORDS = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something stands: the headings above it and what they make of it. `prefix` goes before points
    that are too short to say anything alone ("Export as: CSV")."""

    section: tuple[str, ...] = ()
    ground: Ground = Ground.OPEN
    prefix: str = ""

    @property
    def strength(self) -> Strength:
        return Strength.SHOULD if self.ground is Ground.SHOULD else Strength.MUST

    def place(self, line: int) -> Place:
        return Place(line, self.section)

    def outer(self) -> "Scope":
        return replace(self, section=self.section[:-1])

    def under(self, lead: str) -> "Scope":
        """For the points that a line introduces."""
        name = lead.strip().rstrip(":").strip()
        ground = ground_of(name) or ground_beside(name)
        if self.ground.is_wanted and ground and not ground.is_within_wanted:
            ground = None
        if ground is None and _REFUSING_LEAD.fullmatch(lead):
            ground = Ground.VETOES
        if ground is None and _ABLE_LEAD.fullmatch(lead) and self.ground in (Ground.OPEN, Ground.SUMMARY):
            ground = Ground.FEATURES
        is_prefix = ground is None and count_words(name) <= _MOST_PREFIX_WORDS
        kept = (
            self.ground if self.ground.why_nothing or self.ground is Ground.VETOES else ground or self.ground
        )
        return Scope((*self.section, name), kept, name if is_prefix else "")


def looks_like_points(text: str) -> bool:
    """Lines of a paragraph that are points although no list was written: short ones, or with bullets that
    markdown does not know."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all(_BULLETED.match(line) for line in lines):
        return True
    return len(lines) > 1 and all(
        count_words(line) <= _MOST_SHORT_WORDS and not _SENTENCE_END.search(line) for line in lines
    )


def points_of(block: Listing | Paragraph) -> Sequence[Item]:
    if isinstance(block, Listing):
        return block.items
    return [
        Item(block.line + number, line) for number, line in enumerate(block.text.split("\n")) if line.strip()
    ]


def introduce(lead: str, line: int, scope: Scope, gathering: Gathering) -> Scope:
    """The scope of what a line introduces."""
    inner = scope.under(lead)
    gathering.headings.append((inner.section[-1], scope.place(line)))
    return inner


def read_points(items: Sequence[Item], scope: Scope, gathering: Gathering) -> None:
    for item in items:
        _read_point(item, scope, gathering)


def read_table_rows(table: Table, scope: Scope, gathering: Gathering) -> None:
    if HAS_WORD.search(" ".join(table.header)) and not table.rows:
        gathering.leave(" | ".join(map(tidy, table.header)), "a table without rows", scope.place(table.line))
        return
    for reading in read_table(table, scope.ground):
        place = scope.place(reading.line)
        index = gathering.take(reading.sayings, place, scope.strength)
        if index is not None:
            gathering.wishes[index] = replace(gathering.wishes[index], terms=reading.terms, slug=reading.slug)
        elif reading.terms or reading.slug:
            said = ", ".join((*reading.terms, *filter(None, (reading.slug,))))
            gathering.leave(said, "said beside what is not a wish", place)


def _read_point(item: Item, scope: Scope, gathering: Gathering) -> None:
    below = list(_points_below(item))
    text = tidy(item.text)
    if not below:
        index = gathering.take(_understand(item, scope), scope.place(item.line), scope.strength)
        _read_rest(item, index, scope, gathering)
        return
    if not HAS_WORD.search(text):
        _read_rest(item, None, scope, gathering)
        read_points(below, scope, gathering)
        return
    named = ground_of(text) if text.endswith(":") or count_words(text) <= _MOST_NAME_WORDS else None
    if named and scope.ground.is_wanted and not named.is_within_wanted:
        named = None
    if named or _introduces(text, below):
        _read_rest(item, None, scope, gathering)
        lead = text if text.endswith(":") else f"{text}:"
        read_points(below, introduce(lead, item.line, scope, gathering), gathering)
        return
    sayings = understand_point(text, scope.ground)
    index = gathering.take(sayings, scope.place(item.line), scope.strength)
    _read_rest(item, index, scope, gathering)
    if index is None:
        read_points(below, scope.under(text), gathering)
    else:
        _read_details(below, index, replace(scope, section=(*scope.section, text), prefix=""), gathering)


def _introduces(text: str, below: Sequence[Item]) -> bool:
    """Whether the point is the heading of those below it, rather than a wish with details."""
    if text.endswith(":"):
        return True
    own = sum(1 for item in below if is_own_point(item.text) or not _DETAIL.match(tidy(item.text)))
    return count_words(text) <= _MOST_NAME_WORDS and len(below) > 1 and own * 2 > len(below)


def _read_details(items: Sequence[Item], index: int, scope: Scope, gathering: Gathering) -> None:
    """Points below a wish are its conditions, but for what is refused there."""
    for item in items:
        text = tidy(item.text)
        sayings = understand_point(text, Ground.OPEN)
        if any(saying.kind is SayingKind.VETO for saying in sayings) or not HAS_WORD.search(text):
            gathering.take(sayings, scope.place(item.line), scope.strength)
        elif all(saying.kind in (SayingKind.WISH, SayingKind.LIMIT) for saying in sayings):
            gathering.add_details(index, (text,))
        else:
            gathering.take(sayings, scope.place(item.line), scope.strength)
        _read_rest(item, index, scope, gathering)
        _read_details(list(_points_below(item)), index, scope, gathering)


def _understand(item: Item, scope: Scope) -> tuple[Saying, ...]:
    """A point; if it is several sentences, the first says what is wanted."""
    sentences = [sentence for _, sentence in split_sentences(item.text)]
    if len(sentences) < 2:
        return _with_prefix(understand_point(item.text, scope.ground), scope)
    first = _with_prefix(understand_point(sentences[0], scope.ground), scope)
    if scope.ground is Ground.VETOES:
        why = "said about what is not wanted"
        return (*first, *(Saying(SayingKind.NOTHING, sentence, why=why) for sentence in sentences[1:]))
    done = list(first)
    for sentence in sentences[1:]:
        for saying in understand_sentence(sentence, scope.ground):
            is_detail = saying.kind in (SayingKind.NOTHING, SayingKind.LIMIT) and not saying.why.startswith(
                "longer"
            )
            if is_detail and done[0].kind is SayingKind.WISH:
                done[0] = replace(done[0], constraints=(*done[0].constraints, saying.text))
            else:
                done.append(saying)
    return tuple(done)


def _with_prefix(sayings: tuple[Saying, ...], scope: Scope) -> tuple[Saying, ...]:
    if not scope.prefix:
        return sayings
    return tuple(
        replace(saying, text=f"{scope.prefix}: {saying.text}")
        if saying.kind is SayingKind.WISH and count_words(saying.text) < _MOST_NAME_WORDS
        else saying
        for saying in sayings
    )


def _points_below(item: Item) -> Iterator[Item]:
    for block in item.blocks:
        if isinstance(block, Listing):
            yield from block.items


def _read_rest(item: Item, index: int | None, scope: Scope, gathering: Gathering) -> None:
    """Further paragraphs of a point are its details; what else it holds says what it says anywhere."""
    for block in item.blocks:
        match block:
            case Paragraph():
                for line, sentence in split_sentences(block.text):
                    sayings = understand_sentence(sentence, scope.ground)
                    kinds = {saying.kind for saying in sayings}
                    if index is not None and kinds <= {SayingKind.NOTHING, SayingKind.LIMIT}:
                        gathering.add_details(index, (sentence,))
                    else:
                        gathering.take(sayings, scope.place(block.line + line), scope.strength)
            case Table():
                read_table_rows(block, scope, gathering)
            case Aside():
                gathering.leave(block.text, block.why, scope.place(block.line))
            case Heading():
                gathering.leave(tidy(block.text), "a heading within a list", scope.place(block.line))
            case Listing():
                continue
