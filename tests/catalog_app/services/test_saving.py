"""Content into the catalog's rows: what is refused, what it does to trust, and that nothing else moves."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopack.actors import Actor
from catalog_app.choices import LicenseDecision, Ownership, SourceStatus, Visibility
from catalog_app.errors import InvalidCatalog, ReasonRequired
from catalog_app.interchange.changes import Action, ChangePlan, Kind
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    PreferredRepo,
    SourceRepo,
    StackProfile,
)
from catalog_app.services.governing import get_or_create_catalog
from catalog_app.services.saving import plan_changes, save_content
from tests.support import catalog_factories as make
from tests.support.catalog_yaml import read_text

pytestmark = pytest.mark.django_db

Save = Callable[..., ChangePlan]


@pytest.fixture
def catalog(curator: Actor) -> FeatureCatalog:
    return get_or_create_catalog(actor=curator)


@pytest.fixture
def save(catalog: FeatureCatalog, curator: Actor) -> Save:
    """Save a text; with `whole`, as all of the sections that it has."""

    def save_text(text: str, *, reason: str = "", whole: bool = False, into: str = "main") -> ChangePlan:
        target = get_or_create_catalog(into, actor=curator)
        content, problems, _ = read_text(text)
        assert not [problem for problem in problems if problem.is_error]
        return save_content(target, content, actor=curator, reason=reason, is_complete=whole)

    return save_text


def feature(slug: str, *sources: str, more: str = "") -> str:
    listed = "".join(f"\n    - {{{source}}}" for source in sources)
    return f"  {slug}:\n    title: {slug.title()}\n{more}    repos: {listed or '[]'}\n"


R = "id: r, repo_url: https://github.com/a/r, license: MIT"
S = "id: s, repo_url: https://github.com/a/s, license: MIT"
OLD, NEW = "a" * 40, "b" * 40
EXTRA = "    x: {y: 1}\n"
ALIAS, ALIASES = "    aliases: [one]\n", "    aliases: [one, two]\n"
ONE = f"features:\n{feature('a', R)}"


def shown(plan: ChangePlan) -> list[tuple[str, str, str]]:
    return [(change.kind.value, change.action.value, change.name) for change in plan.changes]


def state() -> dict[str, list[dict[str, object]]]:
    """Everything in the catalogs' tables, history included."""
    tables = (SourceRepo, Feature, FeatureSource, StackProfile, FeatureCombination, FeatureCatalog)
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
    history = {f"{t.__name__} history": list(t.history.order_by("pk").values()) for t in tables}
    return {**rows, **history, "preferred": list(PreferredRepo.objects.order_by("pk").values())}


def test_with_any_error_nothing_is_changed(save: Save) -> None:
    save(ONE)
    before = state()
    with pytest.raises(InvalidCatalog) as caught:
        save(
            "features: {a: {title: New}, b: {requires: [gone], conflicts: [lost]}, c: {requires: [d]}, "
            "d: {requires: [c]}}"
        )
    assert [(e["code"], e["pointer"]) for e in caught.value.errors] == [
        ("unknown_feature", "/features/b/requires/0"),
        ("requires_cycle", "/features/c/requires"),
    ]
    assert str(caught.value) == "There are 2 problems with this; nothing was changed."
    assert state() == before


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (f"features:\n{feature('a', R.replace('MIT', 'ISC'))}", ["license"]),
        (f"features:\n{feature('a', f'{R}, pinned_commit: {OLD}')}", ["pinned_commit"]),
        (f"features:\n{feature('a', f'{R}, whitelisted: true')}", ["whitelisted"]),
        (f"features:\n{feature('a', f'{R}, ownership: own')}", ["ownership"]),
        (f"features:\n{feature('b', f'{S}, whitelisted: true')}", ["whitelisted"]),
        (f"features:\n{feature('a', R.replace('a/r', 'b/r'))}", ["repo_url"]),
        (f"features:\n{feature('a', f'{R}, fetch_from: /srv/git/a')}", ["fetch_from"]),
        (f"features:\n{feature('a')}", ["retired"]),
    ],
)
def test_trust_is_not_changed_without_a_reason(save: Save, text: str, fields: list[str]) -> None:
    save(ONE)
    before = state()
    with pytest.raises(ReasonRequired) as caught:
        save(text)
    assert [error["field"] for error in caught.value.errors] == fields
    assert state() == before
    save(text, reason="Looked at it")
    assert state() != before


def test_an_entry_that_vanished_is_retired_only_where_content_is_complete(save: Save) -> None:
    text = (
        f"{ONE}{feature('b', S)}profiles: {{web: {{}}, api: {{}}}}\n"
        "feature_combinations: {both: [a, b], one: [a]}\n"
    )
    save(text, whole=True)
    before = state()
    assert save(ONE).is_empty
    assert state() == before

    plan = save(f"{ONE}profiles: {{web: {{}}}}\n", whole=True, reason="Smaller")
    assert shown(plan) == [("feature", "retired", "b"), ("stack", "retired", "api")]
    assert [f.slug for f in Feature.objects.active()] == ["a"]
    assert FeatureSource.objects.count() == 2
    assert FeatureCombination.objects.active().count() == 2
    assert Feature.objects.get(slug="b").history.first().history_change_reason == "Smaller"

    plan = save(text, whole=True)
    assert shown(plan) == [("feature", "restored", "b"), ("stack", "restored", "api")]
    assert Feature.objects.active().count() == 2


def test_a_feature_has_exactly_the_sources_of_its_entry(save: Save) -> None:
    save(f"features:\n{feature('a', R, f'{R}, path: x', S)}")
    plan = save(f"features:\n{feature('a', S, R)}", reason="x is gone")
    assert shown(plan) == [("source", "retired", "a: r (x)")]
    assert [str(s) for s in FeatureSource.objects.active()] == ["s: all of it", "r: all of it"]

    plan = save(f"features:\n{feature('a', R, S)}")
    assert shown(plan) == [("feature", "changed", "a")]
    assert [(f.field, f.before, f.after) for f in plan.changes[0].fields] == [
        ("repos", ["s", "r"], ["r", "s"])
    ]
    assert [str(s) for s in FeatureSource.objects.active()] == ["r: all of it", "s: all of it"]

    plan = save(f"features:\n{feature('a', R, S, f'{R}, path: x')}")
    assert shown(plan) == [("source", "restored", "a: r (x)")]
    assert FeatureSource.objects.count() == 3


def test_saving_the_same_again_changes_nothing(save: Save, catalog: FeatureCatalog) -> None:
    text = (
        "title: Mine\nversion: 1\nextra_list: [1, 1.0, true, 1.0e+23]\n"
        "repositories: {r: {whitelisted: true, tier: [a]}}\n"
        f"{ONE}{feature('b', f'{S}, quality_score: 0.9, stars: 3', more=EXTRA)}"
        "profiles: {web: {stack: {cache: redis}, preferred_repos: [r, unknown], budget_multiplier: 1.5}}\n"
        "feature_combinations: {both: [a, b]}\n"
    )
    save(text, whole=True, reason="First")
    before = state()
    catalog.refresh_from_db()
    assert (catalog.title, catalog.version) == ("Mine", 2)
    assert save(text, whole=True).is_empty
    assert save(text).is_empty
    assert state() == before


def test_a_change_says_what_was_and_what_will_be(save: Save, catalog: FeatureCatalog) -> None:
    save(f"features:\n{feature('a', f'{R}, x: 1', more=ALIAS)}")
    content, _, _ = read_text(f"title: New\nfeatures:\n{feature('a', f'{R}, x: true', more=ALIASES)}")
    before = state()
    plan = plan_changes(catalog, content, is_complete=False)
    assert state() == before
    assert [
        (c.kind, c.action, c.name, [(f.field, f.before, f.after) for f in c.fields]) for c in plan.changes
    ] == [
        (Kind.CATALOG, Action.CHANGED, "", [("title", "Main catalog", "New")]),
        (Kind.FEATURE, Action.CHANGED, "a", [("aliases", ["one"], ["one", "two"])]),
        (Kind.SOURCE, Action.CHANGED, "a: r", [("x", 1, True)]),
    ]


def test_history_says_who_and_why_and_every_change_moves_the_version(
    save: Save, catalog: FeatureCatalog
) -> None:
    save(ONE)
    catalog.refresh_from_db()
    version = catalog.version
    save(ONE.replace("title: A", "title: B"), reason="Better words")
    catalog.refresh_from_db()
    row = Feature.objects.get()
    newest = row.history.first()
    assert (newest.title, newest.history_user, newest.history_change_reason) == (
        "B",
        "ada (user:7)",
        "Better words",
    )
    assert row.history.count() == 2
    assert FeatureSource.objects.get().history.count() == 1
    assert catalog.version == version + 1
    assert "b" in row.search_text


def test_licences_are_decided_and_what_is_not_settled_is_denied(save: Save) -> None:
    others = (S.replace("MIT", "BSD"), "id: t, license: private", "id: u, license: MPL-2.0")
    save(f"features:\n{feature('a', R, *others)}")
    found = {
        s.repo.repo_id: (s.declared_text, s.declared_license, s.license_decision, s.status)
        for s in FeatureSource.objects.select_related("repo")
    }
    declared = SourceStatus.DECLARED
    assert found == {
        "r": ("MIT", "MIT", LicenseDecision.ALLOWED, declared),
        "s": ("BSD", "", LicenseDecision.DENIED, declared),
        "t": ("private", "LicenseRef-Private", LicenseDecision.ALLOWED, declared),
        "u": ("MPL-2.0", "MPL-2.0", LicenseDecision.REVIEW, declared),
    }
    repo = SourceRepo.objects.get(repo_id="t")
    assert (repo.ownership, repo.visibility) == (Ownership.OWN, Visibility.PRIVATE)
    assert not FeatureSource.objects.usable().exists()


def test_another_owner_decides_anew_in_every_catalog(save: Save) -> None:
    private = "id: t, license: LicenseRef-Private, repo_url: https://github.com/a/t"
    save(f"features:\n{feature('a', private)}")
    save(f"features:\n{feature('b', private)}", into="other")
    other = FeatureCatalog.objects.get(slug="other")
    save("repositories: {t: {ownership: third_party}}", reason="It is not ours")
    assert {s.license_decision for s in FeatureSource.objects.all()} == {LicenseDecision.DENIED}
    before = other.version
    other.refresh_from_db()
    assert other.version == before + 1


def test_a_new_pin_or_licence_wants_a_new_verification(save: Save) -> None:
    save(ONE)
    source = make.verify(FeatureSource.objects.get())
    pin, scan = source.pinned_commit, source.last_scan
    assert scan is not None

    assert save(ONE).is_empty
    source.refresh_from_db()
    assert (source.status, source.pinned_commit) == (SourceStatus.VERIFIED, pin)

    other = f"features:\n{feature('a', f'{R}, pinned_commit: {NEW}')}"
    save(other, reason="Newer")
    source.refresh_from_db()
    assert (source.status, source.pinned_commit, source.last_scan) == (SourceStatus.DECLARED, NEW, None)
    assert source.scans.get() == scan

    save(other.replace(NEW, pin), reason="Back")
    source.refresh_from_db()
    assert (source.status, source.pinned_commit, source.last_scan) == (SourceStatus.VERIFIED, pin, scan)

    save(other.replace(NEW, pin).replace("MIT", "ISC"), reason="Read it again")
    source.refresh_from_db()
    assert (source.status, source.license_decision) == (SourceStatus.MISMATCH, LicenseDecision.ALLOWED)


def test_a_repository_that_moves_has_to_be_whitelisted_again(save: Save) -> None:
    save(ONE)
    make.verify(FeatureSource.objects.get())
    save("repositories: {r: {whitelisted: true}}", reason="Read it all")
    assert FeatureSource.objects.usable().exists()
    elsewhere = ONE.replace("a/r", "b/r")

    with pytest.raises(ReasonRequired):
        save(elsewhere)
    assert FeatureSource.objects.usable().exists()

    save(elsewhere, whole=True, reason="It has moved")
    assert not FeatureSource.objects.usable().exists()
    save(f"repositories: {{r: {{whitelisted: true}}}}\n{elsewhere}", reason="Read that, too")
    assert FeatureSource.objects.usable().exists()


def test_an_empty_pin_takes_the_pin_of_a_verified_source(save: Save) -> None:
    save(ONE)
    source = make.verify(FeatureSource.objects.get())

    without = f"features:\n{feature('a', f'{R}, pinned_commit: null')}"
    save(without, reason="Take the head")

    source.refresh_from_db()
    assert (source.status, source.pinned_commit, source.pinned_at) == (SourceStatus.DECLARED, "", None)
    assert save(without).is_empty


def test_restated_repositories_move_every_catalog_that_they_are_used_in(
    save: Save, catalog: FeatureCatalog
) -> None:
    save(ONE)
    save(ONE, into="other")
    save("repositories: {r: {whitelisted: true}}", reason="Read it all")
    before = FeatureCatalog.objects.get(slug="other")

    save("repositories: {}", whole=True, reason="In git now")

    after = FeatureCatalog.objects.get(slug="other")
    assert not SourceRepo.objects.get().is_whitelisted
    assert (after.version, after.digest != before.digest) == (before.version + 1, True)


def test_a_private_repository_stays_ours_when_only_repositories_are_restated(save: Save) -> None:
    save(f"features:\n{feature('a', 'id: t, license: private')}")

    assert save("repositories: {}", whole=True).is_empty
    assert SourceRepo.objects.get().ownership == Ownership.OWN


def test_facts_of_repositories_stay_where_nobody_speaks_of_them(save: Save) -> None:
    save(ONE)
    SourceRepo.objects.update(is_whitelisted=True, notes="Good", default_branch="main")
    assert save(ONE, whole=True).is_empty
    assert SourceRepo.objects.get().is_whitelisted

    plan = save(f"repositories: {{}}\n{ONE}", whole=True, reason="In git now")
    (change,) = plan.changes
    assert (change.kind, change.name) == (Kind.REPOSITORY, "r")
    assert {(f.field, f.before, f.after) for f in change.fields} == {
        ("whitelisted", True, False),
        ("notes", "Good", ""),
        ("default_branch", "main", ""),
    }
    repo = SourceRepo.objects.get()
    assert (repo.is_whitelisted, repo.url, repo.url_key) == (
        False,
        "https://github.com/a/r",
        "github.com/a/r",
    )


def test_preferred_repositories_are_found_once_they_are_there(save: Save) -> None:
    save("profiles: {web: {preferred_repos: [r, s]}}")
    assert set(PreferredRepo.objects.values_list("repo", flat=True)) == {None}
    save(ONE)
    assert [(p.repo_ref, p.repo is not None) for p in PreferredRepo.objects.all()] == [
        ("r", True),
        ("s", False),
    ]
    save("profiles: {web: {preferred_repos: [s, r]}}")
    assert [p.repo_ref for p in PreferredRepo.objects.all()] == ["s", "r"]
    assert StackProfile.objects.get().history.count() == 2


def test_a_judgement_is_kept_beside_the_measured_quality(save: Save) -> None:
    save(f"features:\n{feature('a', f'{R}, quality_score: 0.9, quality_note: Used it')}")
    source = FeatureSource.objects.get()
    assert (source.judgement, source.judgement_note, source.quality_score) == (
        Decimal("0.90"),
        "Used it",
        None,
    )


def test_one_entry_may_name_what_is_there_and_not_what_is_retired(save: Save) -> None:
    save(f"{ONE}{feature('b', S)}")
    save("features: {c: {requires: [a, b]}}")
    save(f"features:\n{feature('a', R)}  c: {{}}\n", whole=True, reason="Without b")
    with pytest.raises(InvalidCatalog) as caught:
        save("features: {d: {requires: [b]}}")
    assert caught.value.errors[0]["detail"] == "features.d.requires[0]: b is retired"


def _many(count: int, *, title: str) -> str:
    entries = "".join(
        feature(f"f{n}", f"id: r{n}, repo_url: https://github.com/a/r{n}, license: MIT") for n in range(count)
    )
    return f"features:\n{entries.replace('title: ', f'title: {title} ')}profiles: {{web: {{}}}}\n"


def test_queries_do_not_grow_with_the_catalog(save: Save, catalog: FeatureCatalog) -> None:
    def count(text: str, *, whole: bool) -> int:
        with CaptureQueriesContext(connection) as queries:
            save(text, whole=whole, reason="x")
        return len(queries)

    counts = {}
    for size in (10, 200):
        first, second = _many(size, title="One"), _many(size, title="Two")
        counts[size] = [
            count(text, whole=whole)
            for text, whole in ((first, True), (second, True), (second, True), (first, False))
        ]
        save("features: {}\n", whole=True, reason="Again")
        StackProfile.objects.all().delete()
        FeatureSource.objects.all().delete()
        Feature.objects.all().delete()
        SourceRepo.objects.all().delete()
    assert counts[10] == counts[200]
    assert max(counts[200]) < 50
