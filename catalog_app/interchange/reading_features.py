"""Features with their sources, combinations, and facts of repositories. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from autopack.documents import describe_kind
from catalog_app.choices import Complexity, Ownership, Visibility
from catalog_app.interchange.entries import (
    CombinationEntry,
    EntryProblem,
    FeatureEntry,
    Origin,
    RepoEntry,
    Severity,
    SourceEntry,
)
from catalog_app.interchange.mapping import NAME, NAME_RULE, WrittenMapping, slugify, title_of
from catalog_app.interchange.repositories import PRIVATE_LICENSE
from catalog_app.licensing import ProblemLevel, parse_license

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCHEMES = frozenset({"https", "http", "ssh", "git", "file"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+/)")
_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/@]*)@")
_MAX_LICENSE = 1000
MAX_PHRASES = 50
MAX_PHRASE = 300


def read_feature(
    slug: str, entry: Mapping[object, object], origin: Origin, problems: list[EntryProblem]
) -> tuple[FeatureEntry, list[RepoEntry]]:
    """One feature, and what was said of its sources' repositories beside the sources."""
    written = WrittenMapping(entry, origin, problems)
    title = read_names(written, slug)
    sources, repos = _read_sources(written, problems)
    feature = FeatureEntry(
        slug=slug,
        title=title,
        description=written.text("description"),
        category=_read_category(written),
        complexity=written.choice(Complexity, "complexity") or Complexity.MEDIUM,
        aliases=_read_distinct(written, "aliases", "same_alias", problems),
        request_phrases=_read_phrases(written, problems),
        tags=written.texts("tags"),
        requires=_read_others(written, "requires", slug),
        conflicts=_read_others(written, "conflicts", slug),
        compatible_stacks=written.names("compatible_stacks"),
        notes=written.text("notes"),
        sources=sources,
        origin=origin,
    )
    for both in sorted({*feature.requires} & {*feature.conflicts}):
        written.error("requires_and_conflicts", "conflicts", f"{both} cannot be required and in conflict")
    return replace(feature, extra=written.rest()), repos


def read_source(
    entry: object, origin: Origin, problems: list[EntryProblem], *, repo_id: str = ""
) -> tuple[SourceEntry, RepoEntry | None] | None:
    """One source, and what was said of its repository beside it. None if it names no repository."""
    if isinstance(entry, str):
        entry = {"id": entry}
    if not isinstance(entry, Mapping):
        message = f"must be a mapping with the id of a repository, not {describe_kind(entry)}"
        problems.append(EntryProblem(Severity.ERROR, "wrong_kind", origin, message))
        return None
    written = WrittenMapping(entry, origin, problems)
    repo_id = written.text("id", "repo_id", max_length=100) or repo_id
    if not _is_name(repo_id, written):
        return None
    license_text, expression = _read_license(written)
    source = SourceEntry(
        repo_id=repo_id,
        repo_url=read_url(written, "repo_url", "url"),
        paths=_read_paths(written),
        license_text=license_text,
        license=expression,
        judgement=written.number("quality_score", least=Decimal(0), most=Decimal(1)),
        judgement_note=written.text("quality_note"),
        pinned_commit=_read_commit(written),
        compatible_stacks=written.names("compatible_stacks"),
        origin=origin,
        notes=written.text("notes"),
    )
    repo = _read_repo_facts(repo_id, written, has_notes=False)
    source = replace(source, extra=written.rest())
    return source, repo if repo != RepoEntry(repo_id) else None


def read_repo(
    repo_id: str, entry: Mapping[object, object], origin: Origin, problems: list[EntryProblem]
) -> RepoEntry:
    """What the section of repositories says of one: all of it, so that what is left out has the default."""
    written = WrittenMapping(entry, origin, problems)
    written.find("id", "repo_id")
    url = read_url(written, "repo_url", "url")
    said = _read_repo_facts(repo_id, written, has_notes=True)
    return replace(
        said,
        url=url,
        fetch_from=said.fetch_from or "",
        default_branch=said.default_branch or "",
        visibility=said.visibility,
        is_whitelisted=bool(said.is_whitelisted),
        notes=said.notes or "",
        extra=written.rest(),
    )


def read_combination(
    slug: str, entry: Mapping[object, object], origin: Origin, problems: list[EntryProblem]
) -> CombinationEntry:
    written = WrittenMapping(entry, origin, problems)
    combination = CombinationEntry(
        slug=slug,
        title=read_names(written, slug),
        description=written.text("description"),
        features=written.names("features"),
        compatible_stacks=written.names("compatible_stacks"),
        origin=origin,
    )
    return replace(combination, extra=written.rest())


def read_url(written: WrittenMapping, *keys: str) -> str | None:
    """An address as it was written; None when absent. What could do harm is an error."""
    url = written.optional_text(*keys, max_length=2000)
    if not url:
        return url
    key, _ = written.find(*keys)
    scheme = _SCHEME.match(url)
    if any(character.isspace() or not character.isprintable() for character in url):
        written.error("bad_url", key, "an address has no white space in it")
    elif (user := _USER.match(url)) and (":" in user[2] or user[1].lower() != "ssh"):
        written.error("credentials_in_url", key, "must not have a password or token in it")
    elif scheme and scheme[1].lower() not in _SCHEMES and "." not in scheme[1]:
        known = ", ".join(sorted(_SCHEMES))
        written.error("bad_url", key, f"{scheme[1]}: is no address of a repository; known are {known}")
    return url


def _read_sources(
    written: WrittenMapping, problems: list[EntryProblem]
) -> tuple[tuple[SourceEntry, ...], list[RepoEntry]]:
    key, value = written.find("repos", "sources")
    here = written.origin.inner(key)
    if value is None:
        return (), []
    if isinstance(value, Mapping):
        items = [
            (entry if entry is not None else {}, here.inner(str(name)), str(name))
            for name, entry in value.items()
        ]
    elif isinstance(value, list | tuple):
        items = [(entry, here.inner(index), "") for index, entry in enumerate(value)]
    else:
        written.error("wrong_kind", key, f"must be a list of repositories, not {describe_kind(value)}")
        return (), []
    sources: dict[tuple[str, tuple[str, ...]], SourceEntry] = {}
    repos = []
    for entry, origin, name in items:
        found = read_source(entry, origin, problems, repo_id=name)
        if found is None:
            continue
        source, repo = found
        if source.key in sources:
            message = f"{source.repo_id} is here twice with the same path"
            first = sources[source.key].origin
            problems.append(EntryProblem(Severity.ERROR, "same_source", origin, message, other=first))
            continue
        sources[source.key] = source
        repos += [repo] if repo is not None else []
    return tuple(sources.values()), repos


def _read_repo_facts(repo_id: str, written: WrittenMapping, *, has_notes: bool) -> RepoEntry:
    return RepoEntry(
        repo_id=repo_id,
        fetch_from=read_url(written, "fetch_from"),
        default_branch=written.optional_text("default_branch", max_length=255),
        ownership=written.choice(Ownership, "ownership"),
        visibility=written.choice(Visibility, "visibility"),
        is_whitelisted=written.flag("whitelisted"),
        notes=written.optional_text("notes") if has_notes else None,
        origin=written.origin,
    )


def read_names(written: WrittenMapping, slug: str) -> str:
    """Take what names the entry, and return its title: written, or made of the slug."""
    for key in ("slug", "id"):
        if written.is_text(key, slug):
            written.find(key)
    title = written.line("title", max_length=200)
    if title:
        return title
    return written.line("name", max_length=200) or title_of(slug)


def _read_category(written: WrittenMapping) -> str:
    category = written.line("category", max_length=100)
    if category and not _KEBAB_CASE.fullmatch(category):
        written.warn(
            "not_kebab_case", "category", f"{category!r} is not lower case with hyphens", slugify(category)
        )
    return category


def _read_distinct(
    written: WrittenMapping, key: str, code: str, problems: list[EntryProblem]
) -> tuple[str, ...]:
    """Texts of which no two are the same but for capitals; `code` is that of the problem if they are."""
    first: dict[str, Origin] = {}
    texts = []
    for origin, text in written.placed_texts(key):
        if text.casefold() in first:
            other = first[text.casefold()]
            message = f"{text!r} is here twice"
            problems.append(EntryProblem(Severity.ERROR, code, origin, message, other=other))
            continue
        first[text.casefold()] = origin
        texts.append(text)
    return tuple(texts)


def _read_phrases(written: WrittenMapping, problems: list[EntryProblem]) -> tuple[str, ...]:
    phrases = _read_distinct(written, "phrases", "same_phrase", problems)
    if len(phrases) > MAX_PHRASES:
        written.error("too_many", "phrases", f"are {len(phrases)}; at most {MAX_PHRASES} are kept")
    for origin, phrase in written.placed_texts("phrases"):
        if len(phrase) > MAX_PHRASE:
            message = f"has {len(phrase)} characters; at most {MAX_PHRASE} are kept"
            problems.append(EntryProblem(Severity.ERROR, "too_long", origin, message))
        elif len(phrase.splitlines()) > 1:
            message = "must be a text of one line"
            problems.append(EntryProblem(Severity.ERROR, "not_one_line", origin, message))
    return phrases


def _read_others(written: WrittenMapping, key: str, slug: str) -> tuple[str, ...]:
    others = written.names(key)
    if slug in others:
        written.error("self_reference", key, f"{slug} names itself")
    return others


def _is_name(repo_id: str, written: WrittenMapping) -> bool:
    if not repo_id:
        written.error("missing", "id", "is missing: the id of a repository")
    elif not NAME.fullmatch(repo_id):
        written.error("bad_name", "id", f"{repo_id!r} is no name: use {NAME_RULE}", slugify(repo_id))
    else:
        return True
    return False


def _read_license(written: WrittenMapping) -> tuple[str, str]:
    """The text as written and the SPDX expression that it means. What is not settled is a warning: it is
    kept, and nothing is decided on it."""
    text = ", ".join(written.texts("license"))
    if len(text) > _MAX_LICENSE:
        written.error("too_long", "license", f"has {len(text)} characters; at most {_MAX_LICENSE} are kept")
        return "", ""
    found = parse_license(text)
    for problem in found.problems:
        suggestion = " or ".join(problem.suggestions)
        if problem.level is ProblemLevel.ERROR:
            written.warn("unsettled_license", "license", problem.detail, suggestion)
        elif problem.level is ProblemLevel.WARNING:
            written.warn("license_to_confirm", "license", problem.detail, suggestion)
    if found.expression == PRIVATE_LICENSE and text != PRIVATE_LICENSE:
        message = f"{text!r} is read as the licence of a repository of one's own"
        written.warn("private_license", "license", message, PRIVATE_LICENSE)
    if len(found.expression) > _MAX_LICENSE:
        message = f"is an expression of {len(found.expression)} characters; at most {_MAX_LICENSE} are kept"
        written.error("too_long", "license", message)
        return "", ""
    return text, found.expression


def _read_paths(written: WrittenMapping) -> tuple[str, ...]:
    """In order, each once, without slashes at their ends. The whole repository is no path at all."""
    paths = set()
    key, _ = written.find("path", "paths")
    for origin, text in written.placed_texts("path", "paths"):
        steps = [step for step in text.split("/") if step not in ("", ".")]
        if text.startswith("/") or ".." in steps or "\\" in text or not text.isprintable():
            written.error("bad_path", key, f"{text!r} is no path inside a repository: {origin.path}")
        paths.add("/".join(steps))
    return () if "" in paths else tuple(sorted(paths))


def _read_commit(written: WrittenMapping) -> str | None:
    commit = written.optional_text("pinned_commit")
    if not commit:
        return commit
    if not _COMMIT.fullmatch(commit.lower()):
        written.error(
            "bad_commit", "pinned_commit", "must be a full object name: 40 or 64 hexadecimal digits"
        )
        return None
    return commit.lower()
