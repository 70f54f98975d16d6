"""Plain values as YAML whose every byte is decided here, so that a newer library changes no file. Pure.

Block style, two blanks per level, lists at the column of their key, mappings in the order they come. Texts
are plain where they can be, folded at `WIDTH`; texts of several lines are literal blocks; what cannot be seen
is escaped.
"""

import math
import re
from collections.abc import Iterator, Mapping

import yaml

from catalog_app.interchange.entries import Json

WIDTH = 110

_STARTS_SPECIAL = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`\s]")
_LOOKS_LIKE_A_NUMBER = re.compile(r"[-+.0-9][-+.:_0-9a-fA-FxoTZe ]*")
_BETWEEN_WORDS = re.compile(r"(?<=\S) (?=\S)")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def to_yaml(value: Json) -> str:
    """One document, with a line break at its end."""
    if isinstance(value, Mapping) and value:
        return "\n".join(_mapping_lines(value, 0)) + "\n"
    if isinstance(value, list | tuple) and value:
        return "\n".join(_list_lines(value, 0)) + "\n"
    return "\n".join(_scalar_lines(value, 0, 0)) + "\n"


def _mapping_lines(value: Mapping[str, Json], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, inner in value.items():
        head = f"{pad}{_key(key)}:"
        if isinstance(inner, Mapping) and inner:
            yield head
            yield from _mapping_lines(inner, indent + 2)
        elif isinstance(inner, list | tuple) and inner:
            yield head
            yield from _list_lines(inner, indent)
        else:
            first, *others = _scalar_lines(inner, indent + 2, len(head) + 1)
            yield f"{head} {first}"
            yield from others


def _list_lines(value: list[Json] | tuple[Json, ...], indent: int) -> Iterator[str]:
    pad = " " * indent
    for item in value:
        if isinstance(item, Mapping) and item:
            lines = _mapping_lines(item, indent + 2)
            yield f"{pad}- {next(lines)[indent + 2 :]}"
        elif isinstance(item, list | tuple) and item:
            lines = _list_lines(item, indent + 2)
            yield f"{pad}- {next(lines)[indent + 2 :]}"
        else:
            lines = iter(_scalar_lines(item, indent + 2, indent + 2))
            yield f"{pad}- {next(lines)}"
        yield from lines


def _key(key: str) -> str:
    if _is_visible(key):
        return key if _is_plain(key) else _single_quoted(key)
    return _escaped(key)


def _scalar_lines(value: Json, indent: int, column: int) -> list[str]:
    """The first line without its beginning, which ends before `column`, and the others as a whole."""
    match value:
        case str():
            return _text_lines(value, indent, column)
        case bool() | None:
            return [{True: "true", False: "false", None: "null"}[value]]
        case float():
            return [_float(value)]
        case int():
            return [str(value)]
        case Mapping():
            return ["{}"]
        case _:
            return ["[]"]


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not kept in a catalog")
    digits, e, exponent = repr(value).partition("e")
    if e and "." not in digits:
        # YAML 1.1 knows a number with an exponent by its point.
        digits += ".0"
    return f"{digits}{e}{exponent}"


def _text_lines(text: str, indent: int, column: int) -> list[str]:
    if _is_visible(text):
        return _fold(text if _is_plain(text) else _single_quoted(text), indent, column)
    lines = text.split("\n")
    if _is_literal(lines):
        is_ended = lines[-1] == ""
        pad = " " * indent
        return [
            "|" if is_ended else "|-",
            *(f"{pad}{line}" if line else "" for line in lines[: -1 if is_ended else None]),
        ]
    return [_escaped(text)]


def _is_visible(text: str) -> bool:
    """Whether it is one line of characters that can be seen, and of blanks."""
    return text.isprintable()


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and not _STARTS_SPECIAL.match(text)
        and not text.endswith((" ", ":"))
        and ": " not in text
        and " #" not in text
        and not _LOOKS_LIKE_A_NUMBER.fullmatch(text)
        and not _is_resolved(text)
    )


def _is_resolved(text: str) -> bool:
    """Whether YAML takes it for something else than a text: a word for true, a date, a merge."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    return any(pattern.match(text) for _, pattern in resolvers)


def _is_literal(lines: list[str]) -> bool:
    """Whether a literal block says exactly this: its indentation is taken from its first line, and blanks at
    the ends of lines are lost in many an editor."""
    return (
        len(lines) > 1
        and lines[0] != ""
        and not lines[0].startswith(" ")
        and lines[-2:] != ["", ""]
        and all(line.isprintable() and not line.endswith(" ") for line in lines)
    )


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _fold(text: str, indent: int, column: int) -> list[str]:
    """Lines of at most `WIDTH` where the words allow it. A single blank between words may be a line break."""
    if column + len(text) <= WIDTH:
        return [text]
    lines = []
    line, start = "", column
    for word in _BETWEEN_WORDS.split(text):
        if line and start + len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, start = " " * indent + word, 0
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
