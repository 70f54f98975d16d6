"""gitignore-style patterns for path policies. Pure.

As in a .gitignore: the last matching pattern decides, `!` takes back, a slash at the start or in the middle
anchors at the root, a pattern that matches a folder covers what is in it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|.", re.DOTALL)


def matches_patterns(path: str, patterns: Sequence[str], *, is_case_sensitive: bool = True) -> bool:
    is_matched = False
    for is_taken_back, expression in _compile(tuple(patterns), is_case_sensitive):
        if is_matched is is_taken_back and expression.fullmatch(path):
            is_matched = not is_taken_back
    return is_matched


@lru_cache(maxsize=256)
def _compile(
    patterns: tuple[str, ...], is_case_sensitive: bool
) -> tuple[tuple[bool, "re.Pattern[str]"], ...]:
    flags = re.DOTALL if is_case_sensitive else re.DOTALL | re.IGNORECASE
    compiled = []
    for pattern in patterns:
        text = pattern.strip()
        if not text or text.startswith("#"):
            continue
        is_taken_back = text.startswith("!")
        compiled.append((is_taken_back, re.compile(_translate(text.removeprefix("!")), flags)))
    return tuple(compiled)


def _translate(pattern: str) -> str:
    is_folder_only = pattern.endswith("/")
    body = pattern.rstrip("/")
    is_anchored = "/" in body
    prefix = "" if is_anchored else "(?:.*/)?"
    suffix = "/.*" if is_folder_only else "(?:/.*)?"
    return prefix + "".join(_translate_part(part) for part in _TOKEN.findall(body.removeprefix("/"))) + suffix


def _translate_part(part: str) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part == "/**":
        return "/.*"
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 2:
        negated = part[1] in "!^"
        members = part[2 if negated else 1 : -1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"(?!/)[{'^' if negated else ''}{members}]"
    return re.escape(part[-1])
