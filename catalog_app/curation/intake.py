"""What a curator pastes: addresses or paths, one a line, or the answer of GitHub's repository search.

A line may say where the repository is fetched from, if that is another place than its address:
`https://github.com/pallets/flask from /srv/mirrors/flask.git`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog_app.choices import CurationOrigin
from catalog_app.interchange.entries import Json
from catalog_app.verification.places import url_key

MAX_REPOSITORIES = 500
MAX_CHARACTERS = 5_000_000
MAX_URL_LENGTH = 2_000
_MAX_TEXT_LENGTH = 2_000
_MAX_TOPICS = 30
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# A path may hold the word itself; only an address is fetched from elsewhere.
_FROM = re.compile(r"([^\s/]\S*)\s+from\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Lead:
    """A repository to look at. `place` is where it was said, as in IntakeProblem. `facts` is what the list
    said of it: `name`, `full_name`, `description`, `stars`, `topics`, `language`, `license`, `is_archived`,
    `pushed_at`, `default_branch`; each only if it was said."""

    url: str
    fetch_from: str = ""
    place: str = field(default="", compare=False)
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeProblem:
    """`place` is a line ("line 3") or an element ("items[3]"), or empty for the whole text."""

    code: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Intake:
    """With any problem nothing of it should be used. The same repository twice is one lead."""

    origin: CurationOrigin
    leads: Sequence[Lead] = ()
    problems: Sequence[IntakeProblem] = ()


def read_intake(text: str) -> Intake:
    """Read a list. Text that starts with `{` or `[` is JSON; else each line is an address, and what follows
    a `#` is a comment."""
    stripped = text.strip().removeprefix("\ufeff").strip()
    if len(text) > MAX_CHARACTERS:
        return _refused(CurationOrigin.LIST, "too_long", "", f"has more than {MAX_CHARACTERS:,} characters")
    if stripped[:1] in ("{", "["):
        return _finish(CurationOrigin.SEARCH, *_read_json(stripped))
    return _finish(CurationOrigin.LIST, *_read_lines(text))


def _finish(origin: CurationOrigin, leads: Sequence[Lead], problems: Sequence[IntakeProblem]) -> Intake:
    found: dict[str, Lead] = {}
    for lead in leads:
        found.setdefault(url_key(lead.url) or lead.url, lead)
    unique = list(found.values())
    if problems:
        return Intake(origin, unique, problems)
    if not unique:
        return _refused(
            origin, "empty", "", "names no repository. Give one address a line, or a search result"
        )
    if len(unique) > MAX_REPOSITORIES:
        return _refused(
            origin, "too_many", "", f"names {len(unique)} repositories; a run takes {MAX_REPOSITORIES}"
        )
    return Intake(origin, unique)


def _refused(origin: CurationOrigin, code: str, place: str, detail: str) -> Intake:
    return Intake(origin, (), (IntakeProblem(code, place, detail),))


def _read_lines(text: str) -> tuple[list[Lead], list[IntakeProblem]]:
    leads, problems = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        address = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip().lstrip("\ufeff")
        if not address:
            continue
        place = f"line {number}"
        said = _FROM.fullmatch(address)
        url, fetch_from = (said[1], said[2]) if said else (address, "")
        problem = _complaint(url) or (_complaint(fetch_from) if fetch_from else "")
        if problem:
            problems.append(IntakeProblem("invalid_address", place, problem))
        else:
            leads.append(Lead(url, fetch_from, place))
    return leads, problems


def _complaint(address: str) -> str:
    if len(address) > MAX_URL_LENGTH:
        return f"is longer than {MAX_URL_LENGTH} characters"
    if _CONTROL.search(address):
        return "has control characters"
    if any(space in address for space in " \t") and "://" in address:
        return "is not one address: give one a line"
    if address.startswith("-"):
        return "starts with a hyphen"
    return ""


def _read_json(text: str) -> tuple[list[Lead], list[IntakeProblem]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}"
        return [], [IntakeProblem("malformed_json", place, f"cannot be read as JSON: {error.msg}")]
    except (RecursionError, ValueError):
        return [], [IntakeProblem("malformed_json", "", "cannot be read as JSON: it is nested too deeply")]
    items = document.get("items") if isinstance(document, Mapping) else document
    if not isinstance(items, list):
        detail = "has no list of repositories: GitHub's search answers with `items`"
        return [], [IntakeProblem("no_items", "", detail)]
    leads: list[Lead] = []
    problems: list[IntakeProblem] = []
    for index, item in enumerate(items):
        place = f"items[{index}]"
        read = _read_item(item, place)
        if isinstance(read, Lead):
            leads.append(read)
        else:
            problems.append(IntakeProblem("invalid_item", place, read))
    return leads, problems


def _read_item(item: object, place: str) -> Lead | str:
    """A lead, or what is wrong with the element."""
    if isinstance(item, str):
        return _complaint(item.strip()) or Lead(item.strip(), place=place)
    if not isinstance(item, Mapping):
        return "is neither an address nor a repository"
    address = next(
        (item[key] for key in ("html_url", "clone_url", "url") if isinstance(item.get(key), str)), ""
    )
    if not address.strip():
        return "has no `html_url`"
    fetch_from = item["fetch_from"].strip() if isinstance(item.get("fetch_from"), str) else ""
    problem = _complaint(address.strip()) or (_complaint(fetch_from) if fetch_from else "")
    return problem or Lead(address.strip(), fetch_from, place, dict(_read_facts(item)))


def _read_facts(item: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    # Any: somebody else's JSON; every value is looked at.
    for key, name in (
        ("name", "name"),
        ("full_name", "full_name"),
        ("description", "description"),
        ("language", "language"),
        ("pushed_at", "pushed_at"),
        ("default_branch", "default_branch"),
    ):
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            yield name, _CONTROL.sub(" ", value).strip()[:_MAX_TEXT_LENGTH]
    stars = item.get("stargazers_count")
    if isinstance(stars, int) and not isinstance(stars, bool) and 0 <= stars < 10**9:
        yield "stars", stars
    if isinstance(item.get("archived"), bool):
        yield "is_archived", item["archived"]
    topics = item.get("topics")
    if isinstance(topics, list):
        yield "topics", [_CONTROL.sub(" ", t)[:100] for t in topics if isinstance(t, str)][:_MAX_TOPICS]
    license_facts = item.get("license")
    if isinstance(license_facts, Mapping) and isinstance(license_facts.get("spdx_id"), str):
        yield "license", license_facts["spdx_id"][:200]
