"""Commit messages: deterministic, and safe to show. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

SUBJECT_LIMIT: Final = 72

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SPACE: Final = re.compile(r"\s+")
_TRAILER_KEY: Final = re.compile(r"[^A-Za-z0-9-]+")


def compose_commit_message(
    *, subject: str, body: str = "", trailers: Mapping[str, str] | Sequence[tuple[str, str]] = ()
) -> str:
    """Subject line, body and trailers, a blank line between each, ending in a newline.

    Control characters are dropped, the subject is one line of at most 72 characters, and a trailer cannot
    smuggle in a second one. Equal arguments give equal messages.
    """
    pairs = trailers.items() if isinstance(trailers, Mapping) else trailers
    lines = [f"{key}: {value}" for key, value in ((_trailer_key(k), _one_line(v)) for k, v in pairs) if key]
    parts = [_subject(subject), _body(body), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _subject(text: str) -> str:
    line = _one_line(text).lstrip("#") or "Change"
    if len(line) <= SUBJECT_LIMIT:
        return line.strip()
    return line[: SUBJECT_LIMIT - 1].rstrip() + "…"


def _body(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in _CONTROL.sub("", unified).split("\n")).strip("\n")


def _one_line(text: str) -> str:
    return _CONTROL.sub("", _SPACE.sub(" ", text)).strip()


def _trailer_key(text: str) -> str:
    return _TRAILER_KEY.sub("-", text).strip("-")
