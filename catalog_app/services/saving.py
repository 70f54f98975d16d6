"""The one way in which what curators say gets into the database: files, forms, the API and curation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from autopack.actors import Actor
from catalog_app.errors import InvalidCatalog
from catalog_app.interchange.changes import (
    Change,
    ChangePlan,
    Key,
    Kind,
    compare,
    settle_facts,
    source_name,
    write_entries,
)
from catalog_app.interchange.checking import Surroundings, check_content
from catalog_app.interchange.entries import (
    CatalogContent,
    EntryProblem,
    FeatureEntry,
    Json,
    RepoEntry,
    Section,
    SourceEntry,
    StackEntry,
)
from catalog_app.interchange.repositories import own_by_license, settle_repos
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo, StackProfile
from catalog_app.selectors.contents import (
    CatalogRows,
    Names,
    catalog_facts,
    content_of,
    load_rows,
    repo_entry,
)
from catalog_app.services.recording import ensure_reason
from catalog_app.services.row_writing import Settled, write_rows
from catalog_app.services.sealing import changing
from catalog_app.verification.places import url_key

_SAVE_LOCK = 0x41_50_43_41  # "APCA": keeps this advisory lock apart from other users of the database.


def plan_changes(catalog: FeatureCatalog, content: CatalogContent, *, is_complete: bool) -> ChangePlan:
    """What `save_content` would change, and every problem of the content as part of the catalog."""
    return _draft(catalog, content, is_complete=is_complete).plan


def save_content(
    catalog: FeatureCatalog, content: CatalogContent, *, actor: Actor, reason: str = "", is_complete: bool
) -> ChangePlan:
    """Bring the catalog to what the content says: all of it, or with any error nothing.

    Complete content says everything of the sections it has: what it does not name is retired. Otherwise the
    rest of the catalog stays as it is. A named feature has exactly the sources of its entry either way.
    Content that is there already changes nothing.

    Raises InvalidCatalog with every error; ReasonRequired where pins, licences, ownership or the whitelist
    change, or something is retired.
    """
    plan = apply_content(catalog, content, actor=actor, reason=reason, is_complete=is_complete)
    if plan.errors:
        raise invalid_catalog(plan.errors)
    return plan


def apply_content(
    catalog: FeatureCatalog, content: CatalogContent, *, actor: Actor, reason: str = "", is_complete: bool
) -> ChangePlan:
    """Like `save_content`, for callers that know the places of problems: errors are in the plan that is
    returned, and then nothing was changed. Raises ReasonRequired."""
    with transaction.atomic():
        hold_saving()
        affected = _affected_catalogs(catalog, content, is_complete=is_complete)
        # Locked before anything is compared; `changing` is for those who do change something.
        list(FeatureCatalog.objects.select_for_update(no_key=True).filter(pk__in=affected).order_by("pk"))
        draft = _draft(catalog, content, is_complete=is_complete)
        plan = draft.plan
        if plan.errors or plan.is_empty:
            return plan
        wanting = plan.fields_that_want_a_reason
        why = ensure_reason(reason, *wanting) if wanting else reason.strip()
        with changing(affected) as changes:
            write_rows(draft.rows, draft.settled, actor=actor, reason=why, changes=changes)
    return plan


def hold_saving() -> None:
    """Until the end of the caller's transaction, nobody else saves content: two catalogs may bring the same
    new repository at once. Comes before any lock of a catalog."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SAVE_LOCK])


def invalid_catalog(problems: Collection[EntryProblem]) -> InvalidCatalog:
    """What to raise for problems of values that did not come from a file."""
    count = "There is a problem" if len(problems) == 1 else f"There are {len(problems)} problems"
    return InvalidCatalog(
        f"{count} with this; nothing was changed.",
        errors=[describe_problem(problem) for problem in problems],
    )


def describe_problem(problem: EntryProblem) -> dict[str, Json]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "detail": str(problem),
        "path": problem.origin.path,
        "pointer": problem.origin.pointer,
        "suggestion": problem.suggestion,
    }


@dataclass(frozen=True, slots=True)
class _Draft:
    rows: CatalogRows
    settled: Settled
    plan: ChangePlan


def _draft(catalog: FeatureCatalog, content: CatalogContent, *, is_complete: bool) -> _Draft:
    rows = load_rows(catalog, None if is_complete else _names_in(content))
    said = replace(content, features=tuple(_with_known_pins(entry, rows) for entry in content.features))
    known = {repo_id: repo_entry(repo) for repo_id, repo in rows.repos.items()}
    problems = check_content(said, _surroundings(rows, said, known, is_complete=is_complete))
    vanishing = _find_vanishing(rows, said, is_complete=is_complete)
    staying = _features_that_stay(rows, said) if is_complete else ()
    repos = settle_repos(
        said,
        known,
        own=own_by_license((*said.features, *staying)),
        used={source.repo_id for entry in staying for source in entry.sources},
        is_whole=is_complete,
    )
    facts = settle_facts(said.facts, catalog_facts(catalog), is_whole=is_complete, sections=said.sections)
    settled = Settled(content=said, facts=facts, repos=repos, vanishing=frozenset(vanishing))
    return _Draft(rows, settled, ChangePlan(_compare(rows, settled, known), tuple(problems)))


def _affected_catalogs(catalog: FeatureCatalog, content: CatalogContent, *, is_complete: bool) -> set[int]:
    """This one, and others with sources in repositories that the content speaks of, or restates."""
    spoken_of = Q(repo__repo_id__in=_names_in(content).repos)
    if is_complete and Section.REPOSITORIES in content.sections:
        in_use = FeatureSource.objects.active().filter(feature__catalog=catalog).values("repo")
        spoken_of |= Q(repo__in=in_use)
    sources = FeatureSource.objects.filter(spoken_of, feature__catalog=OuterRef("pk"))
    others = FeatureCatalog.objects.exclude(pk=catalog.pk).filter(Exists(sources))
    return {catalog.pk, *others.values_list("pk", flat=True)}


def _names_in(content: CatalogContent) -> Names:
    return Names(
        features=[entry.slug for entry in content.features],
        combinations=[entry.slug for entry in content.combinations],
        stacks=[entry.slug for entry in content.stacks],
        repos={
            *(repo.repo_id for repo in content.repos),
            *(source.repo_id for entry in content.features for source in entry.sources),
            *(repo_id for stack in content.stacks for repo_id in stack.preferred_repos),
        },
    )


def _with_known_pins(entry: FeatureEntry, rows: CatalogRows) -> FeatureEntry:
    """Sources that say nothing of their pin keep the one that they have."""
    feature = rows.features.get(entry.slug)
    pins = {} if feature is None else {_key(s): s.pinned_commit for s in rows.sources.get(feature.pk, ())}

    def with_pin(source: SourceEntry) -> SourceEntry:
        if source.pinned_commit is not None:
            return source
        return replace(source, pinned_commit=pins.get(source.key, ""))

    return replace(entry, sources=tuple(with_pin(source) for source in entry.sources))


def _key(source: FeatureSource) -> tuple[str, tuple[str, ...]]:
    return (source.repo.repo_id, tuple(sorted(source.paths)))


def _surroundings(
    rows: CatalogRows, said: CatalogContent, known: Mapping[str, RepoEntry], *, is_complete: bool
) -> Surroundings:
    """What of the catalog stays beside what is said."""
    if is_complete:
        features = () if Section.FEATURES in said.sections else content_of(rows).features
        stacks = () if Section.STACKS in said.sections else content_of(rows).stacks
        retired = [slug for slug, feature in rows.features.items() if feature.retired_at]
        return Surroundings(_besides(features, stacks), known, retired)
    others = Feature.objects.filter(catalog=rows.catalog).exclude(slug__in=[e.slug for e in said.features])
    listed = list(others.values_list("slug", "requires", "aliases", "retired_at"))
    slugs = StackProfile.objects.active().filter(catalog=rows.catalog).values_list("slug", flat=True)
    return Surroundings(
        _besides(
            tuple(
                FeatureEntry(slug, slug, requires=tuple(requires), aliases=tuple(aliases))
                for slug, requires, aliases, retired_at in listed
                if retired_at is None
            ),
            tuple(StackEntry(slug, slug) for slug in slugs),
        ),
        {**_repos_with_addresses_of(said), **known},
        [slug for slug, _, _, retired_at in listed if retired_at is not None],
    )


def _besides(features: tuple[FeatureEntry, ...], stacks: tuple[StackEntry, ...]) -> CatalogContent:
    return CatalogContent(frozenset(), features=features, stacks=stacks)


def _repos_with_addresses_of(said: CatalogContent) -> dict[str, RepoEntry]:
    """Repositories that might be the same as one that is said."""
    urls = {repo.url for repo in said.repos} | {s.repo_url for f in said.features for s in f.sources}
    keys = {url_key(url) for url in urls if url} - {""}
    return {repo.repo_id: repo_entry(repo) for repo in SourceRepo.objects.filter(url_key__in=keys)}


def _find_vanishing(rows: CatalogRows, said: CatalogContent, *, is_complete: bool) -> list[Key]:
    """What is there and will not be any more."""
    vanishing: list[Key] = []
    if is_complete:
        for kind, section, known, entries in (
            (Kind.FEATURE, Section.FEATURES, rows.features, said.features),
            (Kind.COMBINATION, Section.COMBINATIONS, rows.combinations, said.combinations),
            (Kind.STACK, Section.STACKS, rows.stacks, said.stacks),
        ):
            if section in said.sections:
                named = {entry.slug for entry in entries}
                active = [slug for slug, row in known.items() if row.retired_at is None]
                vanishing += [(kind, slug) for slug in active if slug not in named]
    for entry in said.features:
        kept = {source.key for source in entry.sources}
        gone = [key for key in _active_keys(rows, entry.slug) if key not in kept]
        vanishing += [(Kind.SOURCE, source_name(entry.slug, key)) for key in gone]
    return vanishing


def _active_keys(rows: CatalogRows, slug: str) -> list[tuple[str, tuple[str, ...]]]:
    feature = rows.features.get(slug)
    sources = rows.sources.get(feature.pk, ()) if feature is not None else ()
    return [_key(source) for source in sources if source.retired_at is None]


def _features_that_stay(rows: CatalogRows, said: CatalogContent) -> tuple[FeatureEntry, ...]:
    """Features that complete content does not speak of; their repositories are in use."""
    return () if Section.FEATURES in said.sections else content_of(rows).features


def _compare(rows: CatalogRows, settled: Settled, known: Mapping[str, RepoEntry]) -> tuple[Change, ...]:
    before_content = content_of(rows, with_retired=True)
    before = write_entries(replace(before_content, repos=tuple(known.values())))
    after = write_entries(
        replace(
            settled.content,
            sections=settled.content.sections | {Section.CATALOG},
            facts=settled.facts,
            repos=tuple(settled.repos.values()),
        )
    )
    for entry in settled.content.features:
        order_before, order_after = _active_keys(rows, entry.slug), [s.key for s in entry.sources]
        if order_before != order_after and sorted(order_before) == sorted(order_after):
            for written, order in ((before, order_before), (after, order_after)):
                key = (Kind.FEATURE, entry.slug)
                written[key] = {**written[key], "repos": [source_name("", k)[2:] for k in order]}
    return compare(before, after, retired=_retired_keys(rows), vanishing=settled.vanishing)


def _retired_keys(rows: CatalogRows) -> set[Key]:
    retired: set[Key] = set()
    for kind, known in (
        (Kind.FEATURE, rows.features),
        (Kind.COMBINATION, rows.combinations),
        (Kind.STACK, rows.stacks),
    ):
        retired |= {(kind, slug) for slug, row in known.items() if row.retired_at is not None}
    for slug, feature in rows.features.items():
        for source in rows.sources.get(feature.pk, ()):
            if source.retired_at is not None:
                retired.add((Kind.SOURCE, source_name(slug, _key(source))))
    return retired
