"""A text before it is read as markdown: its characters, what stands before and beside its content. Pure."""

import re
from dataclasses import dataclass, field

from catalog_app.briefing.types import Leftover, Place
from catalog_app.briefing.words import HAS_WORD, tidy

MAX_CHARACTERS = 2_000_000
MAX_LINES = 50_000
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?")
_MOST_FRONT_LINES = 60
_FRONT_LINE = re.compile(r"(?P<key>[A-Za-z][\w -]{0,40}):(?:\s+(?P<value>.*))?|\s+\S.*|-\s.*|#.*|\s*")
_TITLES = ("title", "name", "project")
_SUMMARIES = ("summary", "description", "abstract")
_TYPES = ("project_type", "project-type", "project type", "projecttype", "app_type", "type")
_LIMITS = (
    "stack",
    "backend",
    "frontend",
    "database",
    "db",
    "hosting",
    "budget",
    "deadline",
    "compliance",
    "language",
)


@dataclass(slots=True)
class Source:
    """The text to read as markdown, line for line where it was, and what its front matter said."""

    text: str
    title: str = ""
    summary: str = ""
    project_type: str = ""
    constraints: list[tuple[str, Place]] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)


def prepare(text: str) -> Source:
    """Characters that cannot be kept become the replacement character. What is over the bounds becomes one
    leftover."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", _LINE_END.sub("\n", text.removeprefix("\ufeff")))
    source = Source(text)
    _cut(source)
    _take_front_matter(source)
    _take_comments(source)
    return source


def _cut(source: Source) -> None:
    end = len(source.text)
    if end > MAX_CHARACTERS:
        end = source.text.rfind("\n", 0, MAX_CHARACTERS) + 1 or MAX_CHARACTERS
    lines = source.text[:end].split("\n")
    if len(lines) > MAX_LINES:
        end = sum(map(len, lines[:MAX_LINES])) + MAX_LINES
    rest = source.text[end:]
    if rest.strip():
        why = f"after the first {MAX_CHARACTERS:,} characters or {MAX_LINES:,} lines, which are read"
        source.leftovers.append(Leftover(rest.strip(), why, Place(source.text.count("\n", 0, end) + 1)))
    source.text = source.text[:end]


def _take_front_matter(source: Source) -> None:
    lines = source.text.split("\n", _MOST_FRONT_LINES)
    if lines[0].rstrip() != "---":
        return
    end = next((n for n, line in enumerate(lines[1:-1], 1) if line.rstrip() in ("---", "...")), 0)
    matches = [_FRONT_LINE.fullmatch(line) for line in lines[1:end]]
    if not end or not all(matches) or not any(match and match["key"] for match in matches):
        return
    for number, match in enumerate(matches, start=2):
        if match:
            _take_front_line(source, match, Place(number))
    source.text = "\n" * (end + 1) + "\n".join(lines[end + 1 :])


def _take_front_line(source: Source, match: re.Match[str], place: Place) -> None:
    key = (match["key"] or "").strip().lower()
    value = tidy(match["value"] or "").strip("\"'")
    if key in _TITLES and value and not source.title:
        source.title = value
    elif key in _SUMMARIES and value not in ("", "|", ">") and not source.summary:
        source.summary = value
    elif key in _TYPES and value and not source.project_type:
        source.project_type = value
    elif key in _LIMITS and value:
        source.constraints.append((f"{key}: {value}", place))
    elif HAS_WORD.search(match[0]):
        source.leftovers.append(Leftover(tidy(match[0]), "about the document, not the application", place))


def _take_comments(source: Source) -> None:
    """Comments of HTML. One without an end is text like any other."""
    parts, position, line = [], 0, 1
    while (start := source.text.find("<!--", position)) >= 0:
        end = source.text.find("-->", start + 4)
        if end < 0:
            break
        comment = source.text[start + 4 : end]
        line += source.text.count("\n", position, start)
        if HAS_WORD.search(comment):
            source.leftovers.append(Leftover(tidy(comment), "a comment", Place(line)))
        parts += [source.text[position:start], "\n" * comment.count("\n")]
        line += comment.count("\n")
        position = end + 3
    source.text = "".join((*parts, source.text[position:]))
