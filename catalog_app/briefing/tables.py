"""Tables whose rows are requests: which column names them, which says how much they are wanted. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog_app.briefing.blocks import Row, Table
from catalog_app.briefing.grounds import Ground
from catalog_app.briefing.sayings import Saying, SayingKind, understand_point
from catalog_app.briefing.words import HAS_WORD, tidy
from catalog_app.choices import Strength


class Column(StrEnum):
    """What the cells of a column say."""

    NAME = "name"
    DETAIL = "detail"
    PRIORITY = "priority"
    MUST = "must"
    SHOULD = "should"
    WONT = "wont"
    WANTED = "wanted"
    FIRST_VERSION = "first_version"
    TERMS = "terms"
    SLUG = "slug"
    ABILITY = "ability"
    LIMIT = "limit"
    NOTHING = "nothing"
    OTHER = "other"


_HEADERS: tuple[tuple[Column, str], ...] = (
    (Column.SLUG, r"slug|catalog(?:ue)?(?: feature| slug| id)?|feature (?:id|slug)"),
    (
        Column.FIRST_VERSION,
        r"mvp\??|v1\??|launch\??|(?:in )?(?:the )?first (?:version|release)\??|now\??|day one\??",
    ),
    (
        Column.WANTED,
        r"(?:in )?scope\??|needed\??|required\??|wanted\??|included?\??|in\??|want(?: it)?\??|"
        r"needed for launch\??",
    ),
    (Column.PRIORITY, r"prio(?:rity)?|moscow|importance|weight|rank|must ?/ ?should|urgency|level|how much"),
    (Column.MUST, r"must(?:[- ]have)?"),
    (Column.SHOULD, r"(?:should|could)(?:[- ]have)?|nice(?:[- ]to[- ]have)?|optional|later"),
    (Column.WONT, r"won'?t(?:[- ]have)?|no|out(?: of scope)?|not needed"),
    (Column.TERMS, r"(?:technical |engineering )?(?:terms?|keywords?|also called|aka)"),
    (
        Column.NAME,
        r"(?:user |key )?features?(?: name)?|(?:functional )?requirements?|capabilit(?:y|ies)|functions?|"
        r"functionality|"
        r"what(?: we need| it does)?|(?:user )?stor(?:y|ies)|epics?|modules?|components?|use cases?|"
        r"wish(?:es)?|"
        r"requests?|needs?|areas?|screens?|integrations?|names?|titles?|items?",
    ),
    (
        Column.ABILITY,
        r"can|may|can do|is allowed to|permissions?|rights|abilities|actions?|what they (?:do|can do|need)",
    ),
    (
        Column.LIMIT,
        r"constraints?|limits?|quality|metrics?|slos?|layers?|technolog(?:y|ies)|tech|stack|choice|target|"
        r"environment|"
        r"non[- ]functional(?: requirement)?",
    ),
    (
        Column.NOTHING,
        r"versions?|dates?|authors?|changes?|milestones?|deadlines?|weeks?|months?|personas?|stakeholders?|"
        r"abbreviations?|"
        r"definitions?|risks?|contacts?|e-?mail|phone|meanings?",
    ),
    (
        Column.DETAIL,
        r"descriptions?|details?|notes?|comments?|what it does|explanation|acceptance(?: criteria)?|"
        r"remarks?|summary|"
        r"why|reason|example",
    ),
)
_KNOWN = tuple((column, re.compile(pattern, re.IGNORECASE)) for column, pattern in _HEADERS)
_ROLES = re.compile(r"(?:user )?roles?|who|users?|actors?|personas?|group", re.IGNORECASE)
_YES = re.compile(r"(?:yes|y|x|✓|✔|✅|☑|true|must|required|needed|ja|1|in|included|\[x\])\W*", re.IGNORECASE)
_NO = re.compile(
    r"(?:no|n|✗|✘|❌|false|never|none|won'?t|out|excluded|not needed|out of scope|nein|0)\W*", re.IGNORECASE
)
_HIGH = re.compile(
    r"(?:must|m|high(?:est)?|p[01]|1|critical|essential|required|mandatory|yes|blocker|a)\b.*", re.IGNORECASE
)
_LOW = re.compile(
    r"(?:should|could|s|c|medium|mid|low(?:est)?|p[2-5]|[2-5]|nice.*|optional.*|later|maybe|b|phase [2-9]|"
    r"v[2-9])\b.*",
    re.IGNORECASE,
)
_WONT = re.compile(r"(?:won'?t|w|out.*|no|none|never|not .*|excluded)\b.*", re.IGNORECASE)
_CELLS_OF_HEADER = 40


@dataclass(frozen=True, slots=True)
class RowReading:
    """One row: what it says, and the terms and the slug that it gives for the first thing it asks for."""

    line: int
    sayings: tuple[Saying, ...]
    terms: tuple[str, ...] = ()
    slug: str = ""


def read_table(table: Table, ground: Ground) -> Iterator[RowReading]:
    """What each row says. A table whose columns are not understood is a list of leftovers."""
    columns = [_column(cell) for cell in table.header[:_CELLS_OF_HEADER]]
    ability = _ability(table.header, columns)
    name = _name_column(columns, ground)
    is_understood = ability is not None or name is not None or Column.LIMIT in columns
    if not is_understood and ground is not Ground.LIMITS and HAS_WORD.search(" ".join(table.header)):
        header = Row(table.line, table.header)
        yield RowReading(table.line, (_nothing(header, ground.why_nothing or _why_nothing(columns, name)),))
    for row in table.rows:
        if not HAS_WORD.search(" ".join(row.cells)):
            continue
        if ability is not None:
            yield _read_ability(row, ability, ground)
        elif ground.why_nothing:
            yield RowReading(row.line, (_nothing(row, ground.why_nothing),))
        elif ground is Ground.LIMITS or (name is None and Column.LIMIT in columns):
            yield RowReading(row.line, (Saying(SayingKind.LIMIT, _pairs(row)),))
        elif name is None or not HAS_WORD.search(_cell(row, name)):
            yield RowReading(row.line, (_nothing(row, _why_nothing(columns, name)),))
        else:
            yield _read_row(row, table.header, columns, name, ground)


def _read_row(
    row: Row, header: Sequence[str], columns: Sequence[Column], name: int, ground: Ground
) -> RowReading:
    quote, details, terms, slug = _cell(row, name), [], [], ""
    strength: Strength | None = None
    is_refused = False
    for index, column in enumerate(columns):
        cell = _cell(row, index)
        if index == name or not cell:
            continue
        if column is Column.SLUG:
            slug = cell
        elif column is Column.TERMS:
            terms += [term.strip() for term in re.split(r"[,;]", cell) if term.strip()]
        elif column in _JUDGING:
            said = _judge(column, cell)
            is_refused = is_refused or said is _Judgement.REFUSED
            strength = said.strength or strength
            if said is _Judgement.UNKNOWN:
                details.append(_labelled(header[index], cell))
        elif column is Column.DETAIL and _is_telling(header[index]):
            quote = f"{quote}: {cell}"
        else:
            details.append(_labelled(header[index], cell))
    details += [cell for cell in map(tidy, row.cells[len(columns) :]) if cell]
    sayings = understand_point(quote, Ground.VETOES if is_refused else ground)
    done: list[Saying] = []
    for saying in sayings:
        if saying.kind is SayingKind.WISH and not any(other.kind is SayingKind.WISH for other in done):
            saying = replace(saying, constraints=saying.constraints + tuple(details))
            details = []
        done.append(replace(saying, strength=strength or saying.strength))
    done += [Saying(SayingKind.NOTHING, detail, why="said beside what is not a wish") for detail in details]
    return RowReading(row.line, tuple(done), tuple(terms), slug)


class _Judgement(StrEnum):
    MUST = "must"
    SHOULD = "should"
    REFUSED = "refused"
    SILENT = "silent"
    UNKNOWN = "unknown"

    @property
    def strength(self) -> Strength | None:
        return {"must": Strength.MUST, "should": Strength.SHOULD}.get(self.value)


_JUDGING = (Column.PRIORITY, Column.MUST, Column.SHOULD, Column.WONT, Column.WANTED, Column.FIRST_VERSION)
_YES_MEANS = {
    Column.MUST: _Judgement.MUST,
    Column.SHOULD: _Judgement.SHOULD,
    Column.WONT: _Judgement.REFUSED,
    Column.WANTED: _Judgement.MUST,
    Column.FIRST_VERSION: _Judgement.MUST,
}


def _judge(column: Column, cell: str) -> _Judgement:
    if not HAS_WORD.search(cell) and not _YES.fullmatch(cell) and not _NO.fullmatch(cell):
        return _Judgement.SILENT
    if column is Column.PRIORITY or not (_YES.fullmatch(cell) or _NO.fullmatch(cell)):
        for pattern, said in (
            (_WONT, _Judgement.REFUSED),
            (_HIGH, _Judgement.MUST),
            (_LOW, _Judgement.SHOULD),
        ):
            if pattern.fullmatch(cell):
                return said
        return _Judgement.UNKNOWN
    if _YES.fullmatch(cell):
        return _YES_MEANS[column]
    if column is Column.WANTED:
        return _Judgement.REFUSED
    return _Judgement.SHOULD if column is Column.FIRST_VERSION else _Judgement.SILENT


def _read_ability(row: Row, columns: tuple[int, int], ground: Ground) -> RowReading:
    """`Admin | invite people`: what a role can do."""
    role, ability = _cell(row, columns[0]), _cell(row, columns[1])
    if not HAS_WORD.search(ability):
        return RowReading(row.line, (_nothing(row, "a row without a name"),))
    quote = f"{role} can {ability}" if role else ability
    rest = [cell for index, cell in enumerate(map(tidy, row.cells)) if index not in columns and cell]
    around = Ground.FEATURES if ground.why_nothing else ground
    sayings = understand_point(quote, around)
    return RowReading(
        row.line,
        (
            *sayings,
            *(Saying(SayingKind.NOTHING, cell, why="said beside what a role can do") for cell in rest),
        ),
    )


def _column(header: str) -> Column:
    bare = tidy(header).strip(" :*#?")
    return next((column for column, pattern in _KNOWN if pattern.fullmatch(bare)), Column.OTHER)


def _name_column(columns: Sequence[Column], ground: Ground) -> int | None:
    if Column.NAME in columns:
        return columns.index(Column.NAME)
    if Column.LIMIT in columns or Column.NOTHING in columns:
        return None
    is_told = len(columns) == 1 and (ground.is_wanted or ground is Ground.VETOES)
    if is_told or any(column in _JUDGING or column is Column.DETAIL for column in columns):
        for wanted in (Column.OTHER, Column.DETAIL):
            if wanted in columns:
                return columns.index(wanted)
    return None


def _ability(header: Sequence[str], columns: Sequence[Column]) -> tuple[int, int] | None:
    if Column.ABILITY not in columns or Column.NAME in columns:
        return None
    roles = [index for index, cell in enumerate(header) if _ROLES.fullmatch(tidy(cell))]
    return (roles[0], columns.index(Column.ABILITY)) if roles else None


def _cell(row: Row, index: int) -> str:
    return tidy(row.cells[index]) if index < len(row.cells) else ""


def _pairs(row: Row) -> str:
    cells = [cell for cell in map(tidy, row.cells) if cell]
    return f"{cells[0]}: {', '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)


def _labelled(header: str, cell: str) -> str:
    label = tidy(header)
    return f"{label}: {cell}" if label and not _is_telling(label) else cell


def _is_telling(header: str) -> bool:
    return bool(
        re.fullmatch(r"descriptions?|details?|what it does|explanation|summary", tidy(header), re.IGNORECASE)
    )


def _why_nothing(columns: Sequence[Column], name: int | None) -> str:
    if name is not None:
        return "a row without a name"
    is_paperwork = all(column is Column.NOTHING for column in columns)
    return Ground.PAPERWORK.why_nothing if is_paperwork else "a table without a column that names features"


def _nothing(row: Row, why: str) -> Saying:
    return Saying(SayingKind.NOTHING, " | ".join(cell for cell in map(tidy, row.cells) if cell), why=why)
