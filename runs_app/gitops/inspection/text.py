"""The lines of a patch, and the names in them."""

import re
from typing import Final

from runs_app.gitops.inspection.model import PatchSyntaxError
from runs_app.gitops.types import RefusalCode

_ESCAPE: Final = re.compile(rb'\\(?:([abtnvfr"\\])|([0-3][0-7]{2}))')
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_SIMPLE_ESCAPES: Final = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_EPOCH: Final = re.compile(
    rb"(?P<day>1969-12-31|1970-01-01) (?P<hours>[0-2]\d):(?P<minutes>[0-5]\d):00(?:\.0+)? "
    rb"(?P<sign>[-+])(?P<zone_hours>[0-2]\d):?(?P<zone_minutes>[0-5]\d)"
)
_PREFIXES: Final = b"abciow12"
"""What stands before the first slash: `a/`, `b/`, and the letters of `diff.mnemonicPrefix`."""


class Lines:
    """A patch by lines, with a position. Line numbers count from 1."""

    def __init__(self, patch: bytes) -> None:
        self._lines = patch.split(b"\n")
        self.is_unterminated = bool(self._lines.pop())
        if self.is_unterminated:
            self._lines.append(patch[patch.rfind(b"\n") + 1 :])
        self.at = 0

    @property
    def number(self) -> int:
        return self.at + 1

    def is_at_end(self) -> bool:
        return self.at >= len(self._lines)

    def peek(self, ahead: int = 0) -> bytes:
        """The line at the position, empty past the end."""
        at = self.at + ahead
        return self._lines[at] if at < len(self._lines) else b""

    def take(self, wanted_for: bytes = b"") -> bytes:
        """The line at the position, and step over it. Raises if there is none, or its end is cut off."""
        if self.is_at_end() or (self.is_unterminated and self.at == len(self._lines) - 1):
            raise PatchSyntaxError(
                RefusalCode.PATCH_TRUNCATED,
                "the patch ends in the middle" + ("" if self.is_at_end() else " of a line"),
                min(self.number, len(self._lines)),
                wanted_for,
            )
        self.at += 1
        return self._lines[self.at - 1]


def unquote(text: bytes, line: int) -> tuple[bytes, bytes]:
    """A C-quoted name at the start of `text`, and what follows it."""
    match = _QUOTED.match(text)
    if match is None:
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "a quoted name has no end", line)
    body = match.group(1)
    if len(_ESCAPE.sub(b"", body)) != len(_ESCAPE.sub(b"", body).replace(b"\\", b"")):
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "a quoted name has an unknown escape", line)
    return _ESCAPE.sub(_unescape, body), text[match.end() :]


def strip_prefix(name: bytes, line: int) -> bytes:
    """`a/src/x` to `src/x`."""
    prefix, slash, rest = name.partition(b"/")
    if not slash or len(prefix) != 1 or prefix not in _PREFIXES:
        raise PatchSyntaxError(
            RefusalCode.PATCH_MALFORMED,
            "file names in the header must begin with a/ and b/ (as `git diff` writes them)",
            line,
            name,
        )
    return rest


def read_name(text: bytes, line: int) -> bytes:
    """The name in a `rename from` or `copy to` line: whole, without a prefix."""
    if text.startswith(b'"'):
        name, rest = unquote(text, line)
        if not rest.strip():
            return name
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "something follows a quoted name", line)
    return text


def read_prefixed_name(text: bytes, line: int) -> bytes | None:
    """The name in a `---` or `+++` line, None for /dev/null. A tab ends it."""
    if text.startswith(b'"'):
        name, rest = unquote(text, line)
        if rest and not rest.startswith(b"\t"):
            raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "something follows a quoted name", line)
        return strip_prefix(name, line)
    name = text.partition(b"\t")[0]
    if name.rstrip(b" \r") == b"/dev/null":
        return None
    return strip_prefix(name, line)


def is_epoch(text: bytes) -> bool:
    """Does the time after a plain name say 1970-01-01 00:00:00 UTC?"""
    match = _EPOCH.fullmatch(text.rpartition(b"\t")[2])
    if match is None or b"\t" not in text:
        return False
    sign = -1 if match["sign"] == b"-" else 1
    offset = sign * (60 * int(match["zone_hours"]) + int(match["zone_minutes"]))
    minutes = 60 * int(match["hours"]) + int(match["minutes"]) - offset
    return minutes == (24 * 60 if match["day"].startswith(b"1969") else 0)


def read_header_name(text: bytes, line: int) -> bytes | None:
    """The one name that both halves of a `diff --git` line agree on, or None."""
    if text.startswith(b'"'):
        first, rest = unquote(text, line)
        second = rest.lstrip(b" \t")
        other = unquote(second, line)[0] if second.startswith(b'"') else second
        return _agreed(first, other)
    if text.endswith(b'"') and (at := text.find(b' "')) > 0:
        return _agreed(text[:at], unquote(text[at + 1 :], line)[0])
    # Prefixes have one letter, so two halves that agree are equally long.
    middle = len(text) // 2
    return _agreed(text[:middle], text[middle + 1 :]) if text[middle : middle + 1] in (b" ", b"\t") else None


def _agreed(first: bytes, second: bytes) -> bytes | None:
    names = [name.partition(b"/")[2] for name in (first, second)]
    return names[0] if names[0] == names[1] and names[0] else None


def _unescape(match: "re.Match[bytes]") -> bytes:
    simple, octal = match.groups()
    return bytes([_SIMPLE_ESCAPES[simple[0]]]) if simple else bytes([int(octal, 8)])
