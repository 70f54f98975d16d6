"""Version and digest: they move with every change of what a plan could see, and only then."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from autopack.actors import Actor, system_actor
from catalog_app.briefing.types import Wish
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, Plan
from catalog_app.planning.request import PlanRequest
from catalog_app.services import row_writing, saving
from catalog_app.services.plans import create_plan
from catalog_app.services.sealing import catalogs_with, changing, hold_catalogs
from tests.support import catalog_factories as make
from tests.support.catalog_yaml import read_text

pytestmark = pytest.mark.django_db


def seal(source: FeatureSource) -> FeatureCatalog:
    catalog = source.feature.catalog
    with changing([catalog]) as changes:
        changes.touch([source.feature])
    catalog.refresh_from_db()
    return catalog


def test_a_change_that_fails_leaves_version_and_rows_as_they_were() -> None:
    source = make.SourceFactory.create()
    before = seal(source)

    def change_and_fail() -> None:
        with changing([before]) as changes:
            Feature.objects.filter(pk=source.feature_id).update(title="Changed")
            changes.touch([source.feature])
            make.FeatureFactory.create(catalog=before, slug=source.feature.slug)

    with pytest.raises(IntegrityError):
        change_and_fail()

    after = FeatureCatalog.objects.get(pk=before.pk)
    assert (after.version, after.digest) == (before.version, before.digest)
    assert Feature.objects.get(pk=source.feature_id).title == source.feature.title


def test_sealing_again_changes_nothing() -> None:
    source = make.SourceFactory.create()
    first = seal(source)
    version, digest = first.version, first.digest
    again = seal(source)

    assert (again.version, again.digest) == (version, digest)
    assert version == 1
    assert len(digest) == 64


def test_what_a_plan_cannot_see_moves_the_time_of_change_alone() -> None:
    source = make.SourceFactory.create()
    first = seal(source)
    before = (first.version, first.updated_at)
    FeatureSource.objects.filter(pk=source.pk).update(status_detail="Read again, and the same.")
    after = seal(source)

    assert after.version == before[0]
    assert after.updated_at > before[1]


CHANGES: list[tuple[str, Callable[[FeatureSource], Any]]] = [
    ("title", lambda s: Feature.objects.filter(pk=s.feature_id).update(title="Other")),
    ("phrase", lambda s: Feature.objects.filter(pk=s.feature_id).update(request_phrases=["let me in"])),
    ("alias", lambda s: Feature.objects.filter(pk=s.feature_id).update(aliases=["other"])),
    ("extra", lambda s: Feature.objects.filter(pk=s.feature_id).update(extra={"files": ["a.py"]})),
    ("status", lambda s: FeatureSource.objects.filter(pk=s.pk).update(status="stale")),
    ("pin", lambda s: FeatureSource.objects.filter(pk=s.pk).update(pinned_commit="a" * 40)),
    ("decision", lambda s: FeatureSource.objects.filter(pk=s.pk).update(license_decision="denied")),
    ("quality", lambda s: FeatureSource.objects.filter(pk=s.pk).update(quality_score="0.50")),
    ("judgement", lambda s: FeatureSource.objects.filter(pk=s.pk).update(judgement="0.50")),
    ("retired source", lambda s: FeatureSource.objects.filter(pk=s.pk).update(retired_at=make.START)),
    ("retired feature", lambda s: Feature.objects.filter(pk=s.feature_id).update(retired_at=make.START)),
    ("whitelist", lambda s: type(s.repo).objects.filter(pk=s.repo_id).update(is_whitelisted=True)),
    ("second source", lambda s: make.SourceFactory.create(feature=s.feature)),
    ("stack", lambda s: make.StackFactory.create(catalog=s.feature.catalog)),
    ("combination", lambda s: make.CombinationFactory.create(catalog=s.feature.catalog)),
    ("catalog", lambda s: FeatureCatalog.objects.update(quality_thresholds={"minimum": 0.5})),
    ("policy", lambda s: type(s.feature.catalog.license_policy).objects.update(denied=["MIT"])),
]


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=[what for what, _ in CHANGES])
def test_every_change_that_a_plan_could_see_moves_the_digest(
    what: str, change: Callable[[FeatureSource], Any]
) -> None:
    source = make.SourceFactory.create()
    before = seal(source)
    version, digest = before.version, before.digest

    change(source)
    after = seal(source)

    assert after.version == version + 1
    assert after.digest != digest


def test_what_is_retired_and_came_back_has_its_digest_back() -> None:
    source = make.SourceFactory.create()
    digest = seal(source).digest

    Feature.objects.filter(pk=source.feature_id).update(retired_at=make.START)
    assert seal(source).digest != digest

    Feature.objects.filter(pk=source.feature_id).update(retired_at=None)
    assert seal(source).digest == digest


def test_equal_features_have_equal_digests_whatever_the_order_they_were_written_in() -> None:
    digests = set()
    for name, slugs in (("one", ["b", "A", "a-b", "a_b"]), ("two", ["a_b", "a-b", "A", "b"])):
        catalog = make.CatalogFactory.create(slug=name)
        features = [make.FeatureFactory.create(catalog=catalog, slug=slug) for slug in slugs]
        with changing([catalog]) as changes:
            changes.touch(features)
        digests.add(tuple(Feature.objects.filter(catalog=catalog).order_by("slug").values_list("digest")))

    assert len(digests) == 1


def test_searches_find_slug_title_alias_tag_and_description() -> None:
    source = make.SourceFactory.create(
        feature__slug="oauth", feature__title="Social LOGIN", feature__aliases=["Sign in with X"]
    )
    Feature.objects.filter(pk=source.feature_id).update(search_text="")
    seal(source)

    text = Feature.objects.get(pk=source.feature_id).search_text

    for part in ("oauth", "social login", "sign in with x", "what oauth does"):
        assert part in text


def test_a_repository_changes_the_catalogs_that_take_from_it() -> None:
    repo = make.RepoFactory.create()
    catalogs = [make.CatalogFactory.create(slug=slug) for slug in ("one", "two", "three")]
    for catalog in catalogs[:2]:
        make.SourceFactory.create(repo=repo, feature=make.FeatureFactory.create(catalog=catalog))

    assert catalogs_with([repo]) == {catalogs[0].pk, catalogs[1].pk}


@pytest.mark.django_db(transaction=True)
def test_an_import_keeps_other_changes_waiting_and_no_plans(
    curator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = make.CatalogFactory.create()
    wanted = PlanRequest(title="Shop", wishes=(Wish("login", "Has login"),))

    def change() -> None:
        with changing([catalog]):
            pass

    def keep_plan() -> None:
        create_plan(wanted, catalog=catalog, plan_id="shop", actor=system_actor("test"))

    def meanwhile(act: Callable[[], object]) -> object:
        """On a connection of its own, which does not wait for locks. Gives what went wrong."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            act()
        except OperationalError as error:
            return error
        finally:
            connections.close_all()
        return None

    met: list[object] = []

    def write_rows(*args: Any, **options: Any) -> None:
        hold_catalogs()
        row_writing.write_rows(*args, **options)
        with ThreadPoolExecutor(1) as pool:
            met.extend(pool.submit(meanwhile, act).result(timeout=60) for act in (change, keep_plan))

    monkeypatch.setattr(saving, "write_rows", write_rows)
    content, _, _ = read_text("features: {login: {title: Login}}")
    saving.save_content(catalog, content, actor=curator, reason="New", is_complete=False)

    waited, went_through = met
    assert "lock timeout" in str(waited)
    assert went_through is None
    assert Plan.objects.get().plan_id == "shop"
    assert Feature.objects.get().slug == "login"
