"""Version and digest: they move with every change of what a plan could see, and only then."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from catalog_app.models import Feature, FeatureCatalog, FeatureSource
from catalog_app.services.sealing import catalogs_with, changing
from tests.support import catalog_factories as make

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
