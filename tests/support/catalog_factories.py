# mypy: disallow-untyped-calls=False
# factory_boy declares its types only in part.
"""Catalog rows for tests, as the services would have left them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from catalog_app.choices import LicenseDecision, ScanState, SourceStatus
from catalog_app.models import (
    CurationCandidate,
    CurationRun,
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    LicensePolicy,
    SourceRepo,
    SourceScan,
    StackProfile,
)
from tests.support.factories import object_id

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


class LicensePolicyFactory(DjangoModelFactory[LicensePolicy]):
    class Meta:
        model = LicensePolicy
        django_get_or_create = ("slug",)

    slug = "default"
    title = "Default policy"
    allowed = ["category:permissive", "category:public-domain"]
    review = ["category:copyleft-limited"]
    denied = ["category:copyleft"]


class CatalogFactory(DjangoModelFactory[FeatureCatalog]):
    class Meta:
        model = FeatureCatalog
        django_get_or_create = ("slug",)

    slug = "main"
    title = "Main catalog"
    license_policy = SubFactory(LicensePolicyFactory)


class RepoFactory(DjangoModelFactory[SourceRepo]):
    class Meta:
        model = SourceRepo

    repo_id = Sequence(lambda n: f"repo-{n}")
    url = LazyAttribute(lambda o: f"https://github.com/example/{o.repo_id}")
    url_key = LazyAttribute(lambda o: o.url.removeprefix("https://").lower())


class StackFactory(DjangoModelFactory[StackProfile]):
    class Meta:
        model = StackProfile

    catalog = SubFactory(CatalogFactory)
    slug = Sequence(lambda n: f"stack-{n}")
    title = LazyAttribute(lambda o: o.slug.replace("-", " ").capitalize())
    backend = "django"
    db = "postgres"


class FeatureFactory(DjangoModelFactory[Feature]):
    class Meta:
        model = Feature

    catalog = SubFactory(CatalogFactory)
    slug = Sequence(lambda n: f"feature-{n}")
    title = LazyAttribute(lambda o: o.slug.replace("-", " ").capitalize())
    description = LazyAttribute(lambda o: f"What {o.slug} does.")
    category = "auth"
    search_text = LazyAttribute(
        lambda o: "\n".join([o.slug, o.title, o.description, o.category, *getattr(o, "aliases", [])]).lower()
    )


class SourceFactory(DjangoModelFactory[FeatureSource]):
    """Declared and allowed, not verified."""

    class Meta:
        model = FeatureSource

    feature = SubFactory(FeatureFactory)
    repo = SubFactory(RepoFactory)
    declared_text = "MIT"
    declared_license = LazyAttribute(lambda o: o.declared_text)
    license_decision = LicenseDecision.ALLOWED.value
    license_rule = "category:permissive"
    license_reason = "MIT is a permissive licence, which the policy allows."


class ScanFactory(DjangoModelFactory[SourceScan]):
    class Meta:
        model = SourceScan

    source = SubFactory(SourceFactory)
    requested_by = "ada (user:1)"


class CombinationFactory(DjangoModelFactory[FeatureCombination]):
    class Meta:
        model = FeatureCombination

    catalog = SubFactory(CatalogFactory)
    slug = Sequence(lambda n: f"combination-{n}")
    title = LazyAttribute(lambda o: o.slug.replace("-", " ").capitalize())


class CurationRunFactory(DjangoModelFactory[CurationRun]):
    class Meta:
        model = CurationRun

    catalog = SubFactory(CatalogFactory)
    title = "Ideas"
    requested_by = "ada (user:1)"


class CandidateFactory(DjangoModelFactory[CurationCandidate]):
    class Meta:
        model = CurationCandidate

    run = SubFactory(CurationRunFactory)
    position = Sequence(lambda n: n)
    url = LazyAttribute(lambda o: f"https://github.com/example/candidate-{o.position}")
    url_key = LazyAttribute(lambda o: o.url.removeprefix("https://").lower())


def verified_source(**changes: Any) -> FeatureSource:
    """A source with a scan behind it, as `usable()` wants it when its repository is whitelisted."""
    source: FeatureSource = SourceFactory.create(**changes)
    return verify(source)


def verify(source: FeatureSource) -> FeatureSource:
    """Leave on a source what a good scan leaves."""
    scan = ScanFactory.create(
        source=source,
        state=ScanState.DONE.value,
        outcome=SourceStatus.VERIFIED.value,
        commit=object_id("pin", source.pk),
        detected_license=source.declared_license,
        effective_license=source.declared_license,
        quality_score=Decimal("0.80"),
        finished_at=START,
    )
    source.status = SourceStatus.VERIFIED.value
    source.pinned_commit = scan.commit
    source.pinned_at = source.verified_at = START
    source.detected_license = source.effective_license = source.declared_license
    source.quality_score = scan.quality_score
    source.last_scan = scan
    source.save()
    return source
