"""What accepting a repository would put into the catalog, as far as it can be read off it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from catalog_app.choices import Complexity
from catalog_app.interchange.entries import Json

MAX_ALIASES = 8
SIMILAR_ENOUGH = 86.0
"""Of 100: where two titles start to be two spellings of one thing."""

_MANY_FILES = 400
_FEW_FILES = 40
_HEADING = re.compile(r"^\s{0,3}#{1,2}\s+(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(?:=|-|~|\*){3,}\s*$")
_MARKUP = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?|:[a-z]+:`([^`]*)`|<[^>]+>|`|\*\*|__")
_NOISE = re.compile(r"^\s*(?:\[!\[|!\[|<|\.\. |:[\w-]+:(?:\s|$)|---|===|>|\||[-*]\s)")
_WORD = re.compile(r"[a-z0-9]+")
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a an and are as be by can for from in is it of on or that the this to with you your "
        "app application easy fast framework library package project simple "
        "django go java javascript js node php python ruby rust typescript"
    )
)


@dataclass(frozen=True, slots=True)
class KnownFeature:
    """A feature of the catalog, as much as finding its likes takes."""

    slug: str
    title: str
    category: str = ""
    aliases: tuple[str, ...] = ()
    url_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    slug: str
    title: str
    description: str = ""
    category: str = ""
    complexity: Complexity = Complexity.MEDIUM
    aliases: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    license: str = ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A feature that a proposal resembles. `kind` is `same_repository`, `same_name` or `similar_name`;
    `likeness` is 0 to 100."""

    slug: str
    kind: str
    likeness: int
    reason: str


def propose(
    *,
    name: str,
    facts: Mapping[str, Json],
    readme: str,
    license_expression: str,
    file_count: int | None,
    known: Sequence[KnownFeature],
) -> Proposal:
    """A first draft for a curator. `name` is the repository's own, `readme` the text of its README."""
    heading, paragraph = read_readme(readme)
    title = _title(name, heading)
    description = _text(facts.get("description")) or paragraph
    topics = [_text(topic) for topic in _list(facts.get("topics"))]
    words = _words(" ".join([name, title, description, *topics]))
    return Proposal(
        slug=free_slug(slugify(title) or slugify(name) or "feature", {feature.slug for feature in known}),
        title=title,
        description=description,
        category=choose_category(words, known),
        complexity=_complexity(file_count),
        aliases=_aliases(title, name, topics),
        license=license_expression,
    )


def read_readme(text: str) -> tuple[str, str]:
    """First heading and first paragraph of prose, without markup; empty where there is none."""
    lines = text[:50_000].splitlines()
    heading = ""
    for line, below in pairwise([*lines, ""]):
        found = _HEADING.match(line)
        if found or (line.strip() and _UNDERLINE.match(below) and not _UNDERLINE.match(line)):
            heading = _plain(found[1] if found else line)
            if heading:
                break
    return heading[:200], _first_paragraph(lines)


def slugify(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(_WORD.findall(ascii_text))[:80].strip("-")


def free_slug(slug: str, taken: Iterable[str]) -> str:
    """The slug, numbered if it is taken."""
    used = set(taken)
    candidate, number = slug, 2
    while candidate in used:
        candidate, number = f"{slug}-{number}", number + 1
    return candidate


def choose_category(words: Iterable[str], known: Sequence[KnownFeature]) -> str:
    """The category whose features share most words with these; empty when none shares any."""
    wanted = set(words)
    by_category: dict[str, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    for feature in known:
        if not feature.category:
            continue
        own = set(_words(" ".join([feature.slug, feature.title, *feature.aliases])))
        by_category.setdefault(feature.category, Counter()).update(own)
        everywhere.update(own)
    # A word that all features share says nothing; one that a category has for itself says most.
    scores = {
        category: sum(count[word] / everywhere[word] for word in wanted if count[word])
        for category, count in by_category.items()
    }
    best = max(sorted(scores), key=lambda category: scores[category], default="")
    return best if best and scores[best] > 0 else ""


def find_duplicates(
    *, title: str, aliases: Sequence[str], slug: str, url_key: str, known: Sequence[KnownFeature]
) -> list[Duplicate]:
    """Features that are the same or much alike, most alike first, at most ten."""
    found = []
    own_names = {_fold(name) for name in (title, slug, *aliases)} - {""}
    for feature in known:
        names = {_fold(name) for name in (feature.title, feature.slug, *feature.aliases)} - {""}
        if url_key and url_key in feature.url_keys:
            reason = "has this repository as a source already"
            found.append(Duplicate(feature.slug, "same_repository", 100, reason))
        elif own_names & names:
            shared = sorted(own_names & names)[0]
            found.append(Duplicate(feature.slug, "same_name", 100, f'is also called "{shared}"'))
        else:
            likeness, own, other = max(
                (fuzz.token_sort_ratio(own, other), own, other) for own in own_names for other in names
            )
            if likeness >= SIMILAR_ENOUGH:
                reason = f'"{own}" is much like its name "{other}"'
                found.append(Duplicate(feature.slug, "similar_name", int(likeness), reason))
    order = {"same_repository": 0, "same_name": 1, "similar_name": 2}
    return sorted(found, key=lambda d: (order[d.kind], -d.likeness, d.slug))[:10]


def _title(name: str, heading: str) -> str:
    """The heading, if it is a name and not a sentence; else the repository's name, spelled out."""
    if heading and len(heading) <= 60 and len(heading.split()) <= 6:
        return heading
    words = re.sub(r"[-_.]+", " ", name.removesuffix(".git")).split()
    spelled = " ".join(words)
    return (spelled[:1].upper() + spelled[1:])[:200] or "Unnamed"


def _aliases(title: str, name: str, topics: Sequence[str]) -> tuple[str, ...]:
    wanted = [
        re.sub(r"[-_.]+", " ", name).lower(),
        *(re.sub(r"[-_]+", " ", topic).lower() for topic in topics),
    ]
    kept: list[str] = []
    for alias in wanted:
        is_said = _fold(alias) in {_fold(title), *(_fold(other) for other in kept)}
        if alias.strip() and not is_said and alias not in _STOP_WORDS:
            kept.append(" ".join(alias.split())[:100])
    return tuple(kept[:MAX_ALIASES])


def _complexity(file_count: int | None) -> Complexity:
    """By size, the one thing known before anybody has read the code."""
    if file_count is None or _FEW_FILES < file_count <= _MANY_FILES:
        return Complexity.MEDIUM
    return Complexity.LOW if file_count <= _FEW_FILES else Complexity.HIGH


def _first_paragraph(lines: Sequence[str]) -> str:
    paragraph: list[str] = []
    for line, below in pairwise([*lines, "", ""]):
        is_prose = bool(line.strip()) and not (
            _NOISE.match(line) or _HEADING.match(line) or _UNDERLINE.match(line) or _UNDERLINE.match(below)
        )
        if is_prose:
            paragraph.append(line.strip())
        elif paragraph:
            text = _plain(" ".join(paragraph))
            if len(text) >= 20:
                return text[:500]
            paragraph = []
    return ""


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(lambda found: found[1] or found[2] or "", text).split()).strip(" *_#")


def _words(text: str) -> list[str]:
    return [
        w
        for w in _WORD.findall(text.lower())
        if w not in _STOP_WORDS and (len(w) > 2 or w in ("ai", "ci", "2fa"))
    ]


def _fold(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()
