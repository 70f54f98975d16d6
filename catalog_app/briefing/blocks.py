"""Markdown as the few kinds of blocks that a brief is read from. Pure; nothing in the text is interpreted
but its marks: HTML stays what was written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog_app.briefing.inline import read_inline
from catalog_app.briefing.types import Leftover, Place
from catalog_app.briefing.words import HAS_WORD

Block: TypeAlias = "Heading | Paragraph | Listing | Table | Aside"


@dataclass(frozen=True, slots=True)
class Heading:
    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`text` has the line breaks of the source. `is_strong`: all of it is bold, as headings sometimes are."""

    line: int
    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a list: its first paragraph, and whatever else it holds."""

    line: int
    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """What asks for nothing by its form: code, pictures, addresses of links."""

    line: int
    text: str
    why: str


@dataclass(slots=True)
class _Reading:
    """`lines` that nothing was made of yet are told by `is_read`."""

    lines: Sequence[str]
    env: dict[str, object] = field(default_factory=dict)
    is_read: bytearray = field(default_factory=bytearray)
    asides: list[Aside] = field(default_factory=list)


def read_blocks(text: str) -> tuple[list[Block], list[Leftover]]:
    """The blocks of a text, and its lines that are in none of them. Lines end with a line feed."""
    lines = text.split("\n")
    reading = _Reading(lines, is_read=bytearray(len(lines) + 1))
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
    tokens = parser.parse(text, reading.env)
    blocks = list(_read(iter(tokens), reading))
    return blocks, list(_unread(reading))


def _read(tokens: Iterator[Token], reading: _Reading, until: str = "") -> Iterator[Block]:
    for token in tokens:
        match token.type:
            case kind if kind == until:
                return
            case "heading_open":
                yield Heading(_line(token), int(token.tag[1]), _text(next(tokens), reading)[0])
                yield from _asides(reading)
            case "paragraph_open":
                content, is_strong = _text(next(tokens), reading)
                yield Paragraph(_line(token), content, is_strong)
                yield from _asides(reading)
            case "bullet_list_open" | "ordered_list_open":
                closing = token.type.replace("_open", "_close")
                yield Listing(_line(token), tuple(_items(tokens, reading, closing)))
            case "table_open":
                _mark(token, reading)
                yield _table(tokens, reading, _line(token))
                yield from _asides(reading)
            case "fence" | "code_block":
                _mark(token, reading)
                yield Aside(_line(token), token.content.rstrip("\n") or token.info.strip(), "code")
            case "hr":
                _mark(token, reading)
            case _:
                continue


def _items(tokens: Iterator[Token], reading: _Reading, closing: str) -> Iterator[Item]:
    for token in tokens:
        if token.type == closing:
            return
        if token.type == "list_item_open":
            blocks = list(_read(tokens, reading, "list_item_close"))
            first = blocks[0] if blocks else None
            if isinstance(first, Paragraph):
                yield Item(first.line, first.text, tuple(blocks[1:]))
            elif blocks:
                yield Item(_line(token), "", tuple(blocks))


def _table(tokens: Iterator[Token], reading: _Reading, line: int) -> Table:
    rows: list[Row] = []
    cells: list[str] = []
    row_line = line
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            cells, row_line = [], _line(token)
        elif token.type == "inline":
            cells.append(_text(token, reading)[0])
        elif token.type == "tr_close":
            rows.append(Row(row_line, tuple(cells)))
    return Table(line, rows[0].cells if rows else (), tuple(rows[1:]))


def _text(token: Token, reading: _Reading) -> tuple[str, bool]:
    _mark(token, reading)
    read = read_inline(token.content, reading.env)
    reading.asides += [Aside(_line(token) + aside.line, aside.text, aside.why) for aside in read.asides]
    return read.text, read.is_strong


def _asides(reading: _Reading) -> Iterator[Aside]:
    yield from reading.asides
    reading.asides.clear()


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _mark(token: Token, reading: _Reading) -> None:
    if token.map:
        first, end = token.map
        reading.is_read[first:end] = b"\1" * (end - first)


def _unread(reading: _Reading) -> Iterator[Leftover]:
    for index, line in enumerate(reading.lines):
        if not reading.is_read[index] and HAS_WORD.search(line):
            is_address = line.lstrip().startswith("[")
            why = "the address of a link" if is_address else "nested too deeply to be read"
            yield Leftover(line.strip(), why, Place(index + 1))
