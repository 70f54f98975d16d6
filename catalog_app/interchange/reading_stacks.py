"""Stack profiles. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from autopack.documents import describe_kind
from catalog_app.choices import CiProfile
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity, StackEntry
from catalog_app.interchange.mapping import NAME, NAME_RULE, WrittenMapping, slugify
from catalog_app.interchange.reading_features import read_names

NAMED_SLOTS: Mapping[str, tuple[str, ...]] = {
    "backend": ("backend",),
    "db": ("db", "database"),
    "vector_db": ("vector_db", "vector_database"),
    "frontend": ("frontend",),
}
_MAX_SLOT = 100
_LEAST_BUDGET, _MOST_BUDGET = Decimal("0.1"), Decimal(10)


def read_stack(
    slug: str, entry: Mapping[object, object], origin: Origin, problems: list[EntryProblem]
) -> StackEntry:
    """One stack profile. Its parts are beside its other keys or in a `stack` of their own."""
    written = WrittenMapping(entry, origin, problems)
    title = read_names(written, slug)
    parts = written.mapping("stack")
    named, slots = _read_parts(written, parts)
    preferred, extra_of_preferred = _read_preferred(written, problems)
    multiplier = written.number("budget_multiplier", least=_LEAST_BUDGET, most=_MOST_BUDGET)
    stack = StackEntry(
        slug=slug,
        title=title,
        description=written.text("description"),
        project_types=written.texts("project_types"),
        backend=named.get("backend", ""),
        db=named.get("db", ""),
        vector_db=named.get("vector_db", ""),
        frontend=named.get("frontend", ""),
        slots=slots,
        preferred_repos=preferred,
        ci_profile=written.choice(CiProfile, "ci_profile") or CiProfile.NORMAL,
        budget_multiplier=Decimal(1) if multiplier is None else multiplier,
        notes=written.text("notes"),
        origin=origin,
    )
    extra = dict(written.rest(known=("stack",)))
    if extra_of_preferred:
        # A known key, so that no unknown one can be in its place.
        extra["preferred_repos"] = extra_of_preferred
    return replace(stack, extra=extra)


def _read_parts(
    written: WrittenMapping, inside: WrittenMapping | None
) -> tuple[dict[str, str], dict[str, Json]]:
    named: dict[str, str] = {}
    slots: dict[str, Json] = {}
    for name, keys in NAMED_SLOTS.items():
        places = [
            place for place in (written, inside) if place is not None and place.find(*keys)[1] is not None
        ]
        if len(places) == 2:
            places[1].error(
                "said_twice", places[1].find(*keys)[0], "is also beside `stack`; leave one of them out"
            )
        if places:
            named[name] = _read_part(places[0], name, keys, slots)
    if inside is not None:
        slots.update(inside.rest())
    return named, slots


def _read_part(written: WrittenMapping, name: str, keys: tuple[str, ...], slots: dict[str, Json]) -> str:
    """A text. Anything richer is kept among the further slots, and does not count as the part."""
    key, value = written.find(*keys)
    if not isinstance(value, Mapping | list | tuple):
        return written.line(*keys, max_length=_MAX_SLOT)
    message = f"is kept as it is, but does not say which {key}: that is a text, not {describe_kind(value)}"
    written.warn("part_not_text", key, message)
    slots[name] = written.json(key)
    return ""


def _read_preferred(
    written: WrittenMapping, problems: list[EntryProblem]
) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Ids of repositories, best first, and what else was said with them, by id."""
    key, value = written.find("preferred_repos")
    here = written.origin.inner(key)
    if value is None:
        return (), {}
    if isinstance(value, Mapping):
        value = [{"id": repo_id, **(e if isinstance(e, Mapping) else {})} for repo_id, e in value.items()]
    if not isinstance(value, list | tuple):
        written.error("wrong_kind", key, f"must be a list of repositories, not {describe_kind(value)}")
        return (), {}
    ids: dict[str, None] = {}
    extras: dict[str, Json] = {}
    for index, item in enumerate(value):
        origin = here.inner(index)
        found = _read_preferred_one(item, origin, problems)
        if found is None:
            continue
        repo_id, extra = found
        ids[repo_id] = None
        if extra:
            extras[repo_id] = extra
    return tuple(ids), extras


def _read_preferred_one(
    item: object, origin: Origin, problems: list[EntryProblem]
) -> tuple[str, Json] | None:
    if isinstance(item, str):
        item = {"id": item}
    if not isinstance(item, Mapping):
        message = f"must be the id of a repository, not {describe_kind(item)}"
        problems.append(EntryProblem(Severity.ERROR, "wrong_kind", origin, message))
        return None
    written = WrittenMapping(item, origin, problems)
    repo_id = written.text("id", "repo_id")
    if NAME.fullmatch(repo_id):
        return repo_id, written.rest()
    if not repo_id:
        written.error("missing", "id", "is missing: the id of a repository")
    else:
        written.error("bad_name", "id", f"{repo_id!r} is no name: use {NAME_RULE}", slugify(repo_id))
    return None
