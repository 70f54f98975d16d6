"""What a plan sees of a catalog: exactly what it needs, at one state, by a number of queries that stays."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from autopack.errors import Unavailable
from catalog_app.choices import CiProfile, LicenseDecision, SourceStatus
from catalog_app.licensing import PolicyTerms
from catalog_app.models import FeatureCatalog, OutcomeSnapshot
from catalog_app.planning.snapshot import ReuseRecord, Snapshot
from catalog_app.selectors.feature_facts import PolicyInForce
from catalog_app.selectors.snapshots import load_snapshot, read_at_one_state
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START

pytestmark = pytest.mark.django_db

TERMS = PolicyTerms(
    allowed=("category:permissive",),
    review=(),
    denied=("category:copyleft",),
    allowed_as_dependency=(),
    own_repositories=LicenseDecision.ALLOWED,
)
OWN = PolicyInForce("default", TERMS, is_of_project=False)


def load(*slugs: str, policy: PolicyInForce = OWN) -> Snapshot:
    return load_snapshot(make.CatalogFactory.create(), slugs, policy=policy)


def test_a_catalog_is_read_until_it_stands_still_and_not_for_ever() -> None:
    catalog = make.CatalogFactory.create()
    seen: list[int] = []

    def read(now: FeatureCatalog) -> int:
        seen.append(now.version)
        if len(seen) < moves:
            FeatureCatalog.objects.update(version=F("version") + 1)
        return now.version

    moves = 3
    assert read_at_one_state(catalog, read) == seen[0] + 2
    moves = 99
    with pytest.raises(Unavailable, match="changing just now"):
        read_at_one_state(catalog, read)


def test_nothing_that_is_retired_unasked_for_or_of_another_catalog() -> None:
    make.FeatureFactory.create(slug="login", requires=["users", "gone", "missing"])
    make.FeatureFactory.create(slug="users", requires=["login", "email"])
    make.FeatureFactory.create(slug="email")
    make.FeatureFactory.create(slug="gone", retired_at=START, requires=["deeper"])
    make.FeatureFactory.create(slug="deeper")
    make.FeatureFactory.create(slug="login-elsewhere", catalog=make.CatalogFactory.create(slug="other"))
    make.StackFactory.create(slug="old", retired_at=START)

    seen = load("login", "login-elsewhere", "never-heard-of")

    assert sorted(seen.features) == ["email", "login", "users"]
    assert seen.known_slugs == {"login", "users", "email", "deeper"}
    assert seen.stacks == ()


def test_sources_stand_in_their_order_with_the_decision_of_the_policy_in_force() -> None:
    feature = make.FeatureFactory.create(slug="login")
    make.SourceFactory.create(feature=feature, position=2, declared_text="GPL-3.0-only")
    make.SourceFactory.create(
        feature=feature,
        position=1,
        paths=["auth"],
        effective_license="Apache-2.0",
        status=SourceStatus.STALE.value,
        judgement=Decimal("0.8"),
    )
    make.SourceFactory.create(feature=feature, position=0, retired_at=START)

    stored = load("login").features["login"].sources
    decided = load("login", policy=PolicyInForce("shop", TERMS, is_of_project=True)).features["login"].sources

    assert [(source.license, source.position, source.paths) for source in stored] == [
        ("Apache-2.0", 0, ("auth",)),
        ("GPL-3.0-only", 1, ()),
    ]
    assert (stored[0].judgement, stored[0].status) == (Decimal("0.80"), SourceStatus.STALE)
    assert [source.decision for source in stored] == [LicenseDecision.ALLOWED, LicenseDecision.ALLOWED]
    assert [source.decision for source in decided] == [LicenseDecision.ALLOWED, LicenseDecision.DENIED]
    assert "GPL-3.0-only" in decided[1].decision_reason


def test_stacks_thresholds_and_labels_come_as_the_catalog_has_them() -> None:
    catalog = make.CatalogFactory.create(
        quality_thresholds={"minimum": 0.4, "preferred": "high"},
        project_type_mapping={"saas": "web", "odd": ["web"]},
    )
    stack = make.StackFactory.create(
        catalog=catalog, slug="web", vector_db="", slots={"cache": ["redis", "memory"], "none": ""}
    )
    for position, repo in ((1, "second"), (0, "first")):
        stack.preferred_repos.create(repo_ref=repo, position=position)

    seen = load()

    assert (seen.minimum_quality, seen.preferred_quality) == (Decimal("0.4"), Decimal(0))
    assert seen.project_types == {"saas": "web"}
    (facts,) = seen.stacks
    assert facts.slots == {"backend": "django", "db": "postgres", "cache": "redis, memory"}
    assert (facts.preferred_repos, facts.ci_profile) == (("first", "second"), CiProfile.NORMAL)


def test_only_the_newest_published_outcomes_count() -> None:
    make.FeatureFactory.create(slug="login")
    said = {"catalog": "main", "feature": "login", "repo_id": "kit", "paths": [], "tried": 1, "completed": 1}
    other = said | {"catalog": "other", "tried": 9}
    OutcomeSnapshot.objects.create(digest="1" * 64, content=[said], published_at=START)
    OutcomeSnapshot.objects.create(
        digest="2" * 64, content=[said | {"tried": 4, "completed": 3}, other], published_at=START
    )

    seen = load("login")

    assert seen.outcomes_digest == "2" * 64
    assert seen.outcomes == {("login", "kit", ()): ReuseRecord(tried=4, completed=3)}


def test_the_number_of_queries_does_not_depend_on_the_number_of_features(
    django_assert_num_queries: Any,
) -> None:
    catalog = make.CatalogFactory.create(digest="f" * 64)
    for number in range(30):
        feature = make.FeatureFactory.create(slug=f"f{number}", requires=[f"f{number + 1}"])
        make.SourceFactory.create(feature=feature)
    load_snapshot(catalog, ["f29"], policy=OWN)

    for slugs in (["f29"], ["f0"], [f"f{number}" for number in range(30)]):
        with django_assert_num_queries(6):
            load_snapshot(catalog, slugs, policy=OWN)
