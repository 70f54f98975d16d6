"""What the database itself refuses, whoever writes, and what counts as usable."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from catalog_app.choices import CandidateState, LicenseDecision, ScanState, SourceStatus
from catalog_app.models import FeatureSource
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START

pytestmark = pytest.mark.django_db


def refused(constraint: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_refuses_two_features_of_one_slug_in_a_catalog() -> None:
    feature = make.FeatureFactory.create()

    refused(
        "feature_unique_slug", lambda: make.FeatureFactory.create(catalog=feature.catalog, slug=feature.slug)
    )

    make.FeatureFactory.create(catalog=make.CatalogFactory.create(slug="other"), slug=feature.slug)


@pytest.mark.parametrize("slug", ["", "a b", "-a", "a/b", "ä", "a" * 101])
def test_refuses_slugs_that_are_no_names(slug: str) -> None:
    with pytest.raises(Exception, match=r"feature_slug_pattern|too long"), transaction.atomic():
        make.FeatureFactory.create(slug=slug)


def test_refuses_the_same_paths_of_a_repository_twice() -> None:
    source = make.SourceFactory.create(paths=["auth"])

    refused(
        "featuresource_once",
        lambda: make.SourceFactory.create(feature=source.feature, repo=source.repo, paths=["auth"]),
    )

    make.SourceFactory.create(feature=source.feature, repo=source.repo, paths=["users"])


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("featuresource_verified_is_pinned", {"status": SourceStatus.VERIFIED.value}),
        ("featuresource_verified_is_pinned", {"status": "verified", "pinned_commit": "a" * 40}),
        ("featuresource_status_known", {"status": "fine"}),
        ("featuresource_license_decision_known", {"license_decision": "maybe"}),
        ("featuresource_judgement_range", {"judgement": "1.01"}),
        ("featuresource_judgement_range", {"judgement": "-0.01"}),
        ("featuresource_quality_range", {"quality_score": "1.50"}),
        ("featuresource_pinned_commit_pattern", {"pinned_commit": "abc"}),
        ("featuresource_pinned_commit_pattern", {"pinned_commit": "A" * 40}),
    ],
)
def test_refuses_a_source_that_contradicts_itself(constraint: str, changes: dict[str, Any]) -> None:
    refused(constraint, lambda: make.SourceFactory.create(**changes))


def test_refuses_a_whitelisted_repository_without_an_address() -> None:
    refused(
        "sourcerepo_whitelisted_has_url",
        lambda: make.RepoFactory.create(url="https://github.com/...", url_key="", is_whitelisted=True),
    )

    make.RepoFactory.create(url="", url_key="", fetch_from="/srv/git/auth.git", is_whitelisted=True)


def test_refuses_a_second_live_scan_of_a_source() -> None:
    scan = make.ScanFactory.create()

    refused("sourcescan_one_live", lambda: make.ScanFactory.create(source=scan.source))

    scan.state = ScanState.CANCELLED.value
    scan.save()
    make.ScanFactory.create(source=scan.source)


def test_refuses_a_finished_scan_without_an_outcome() -> None:
    refused("sourcescan_done_has_outcome", lambda: make.ScanFactory.create(state=ScanState.DONE.value))


def test_refuses_an_accepted_candidate_that_became_no_source() -> None:
    refused(
        "curationcandidate_accepted_has_source",
        lambda: make.CandidateFactory.create(
            state=CandidateState.ACCEPTED.value, decided_by="ada", decided_at=START
        ),
    )


def test_refuses_a_decision_that_nobody_made() -> None:
    refused(
        "curationcandidate_decision_has_author",
        lambda: make.CandidateFactory.create(state=CandidateState.REJECTED.value),
    )


def test_refuses_a_budget_multiplier_out_of_range() -> None:
    refused(
        "stackprofile_budget_multiplier_range", lambda: make.StackFactory.create(budget_multiplier="0.05")
    )


def test_keeps_a_policy_and_a_repository_that_something_stands_on() -> None:
    source = make.SourceFactory.create()

    for row in (source.repo, source.feature.catalog.license_policy, source.feature):
        with pytest.raises(ProtectedError):
            row.delete()


def test_only_verified_allowed_whitelisted_sources_are_usable() -> None:
    source = make.verified_source(repo=make.RepoFactory.create(is_whitelisted=True))
    assert list(FeatureSource.objects.usable()) == [source]

    for row, field, value in [
        (source, "status", SourceStatus.STALE.value),
        (source, "license_decision", LicenseDecision.REVIEW.value),
        (source, "retired_at", START),
        (source.feature, "retired_at", START),
        (source.repo, "is_whitelisted", False),
    ]:
        before = getattr(row, field)
        setattr(row, field, value)
        row.save()
        assert not FeatureSource.objects.usable().exists(), field
        setattr(row, field, before)
        row.save()

    assert FeatureSource.objects.usable().exists()


def test_every_save_leaves_a_historical_row_with_its_author() -> None:
    feature = make.FeatureFactory.create()
    vars(feature).update(_history_user="ada (user:7)", _change_reason="a better title")
    feature.title = "Better"
    feature.save()

    newest, oldest = feature.history.all()

    assert (newest.history_user, newest.history_change_reason) == ("ada (user:7)", "a better title")
    assert oldest.title != newest.title == "Better"
