"""Terminal output as HTML-ready pieces: colours become class names, other control sequences go."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE = re.compile(
    r"\x1b\[([0-9;:]*)m"  # colours and weights
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # every other CSI sequence
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, links
    r"|\x1b[@-Z\\^_]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REWRITTEN = re.compile(r"[^\n]*\r(?!\n)")
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "")
_WEIGHTS = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}


@dataclass(frozen=True, slots=True)
class Span:
    """Text with the CSS classes it is shown in (`ansi-red ansi-bold`, or nothing)."""

    text: str
    classes: str = ""


def read_output(content: bytes) -> tuple[Span, ...]:
    """Bytes of a terminal to spans. Lines rewritten by a carriage return keep their last form."""
    return tuple(_iterate_spans(content.decode("utf-8", "replace").replace("\r\n", "\n")))


def _iterate_spans(text: str) -> Iterator[Span]:
    text = _REWRITTEN.sub("", text)
    colour, weights = "", frozenset[str]()
    position = 0
    for match in _SEQUENCE.finditer(text):
        yield from _span(text[position : match.start()], colour, weights)
        position = match.end()
        if match[1] is not None:
            colour, weights = _apply(match[1], colour, weights)
    yield from _span(text[position:], colour, weights)


def _span(text: str, colour: str, weights: frozenset[str]) -> Iterator[Span]:
    text = _CONTROL.sub("", text)
    if text:
        names = [colour, *sorted(weights)] if colour else sorted(weights)
        yield Span(text, " ".join(f"ansi-{name}" for name in names))


def _apply(codes: str, colour: str, weights: frozenset[str]) -> tuple[str, frozenset[str]]:
    numbers = [int(code) if code else 0 for code in re.split("[;:]", codes)]
    position = 0
    while position < len(numbers):
        number = numbers[position]
        position += 1
        if number == 0:
            colour, weights = "", frozenset()
        elif number in _WEIGHTS:
            weights |= {_WEIGHTS[number]}
        elif number == 22:
            weights -= {"bold", "dim"}
        elif number in (23, 24):
            weights -= {_WEIGHTS[number - 20]}
        elif 30 <= number <= 37:
            colour = _COLOURS[number - 30]
        elif number == 39:
            colour = ""
        elif 90 <= number <= 97:
            colour = _COLOURS[number - 90] if number != 90 else "grey"
        elif number in (38, 48):
            # 256 or true colour: skipped with its arguments, the theme decides on colours.
            position += 2 if numbers[position : position + 1] == [5] else 4
    return colour, weights
