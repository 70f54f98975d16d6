"""One feature: its sources side by side, and what it goes together with."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from autopack.actors import Role
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import Feature, FeatureSource
from tests.support.catalog_factories import (
    START,
    CombinationFactory,
    FeatureFactory,
    RepoFactory,
    ScanFactory,
    SourceFactory,
    StackFactory,
    verified_source,
)
from tests.support.pages import CountQueries, SignIn
from tests.support.plan_factories import ReuseOutcomeFactory

PAGE = "/dashboard/catalog/main/features/login/"


@pytest.fixture(autouse=True)
def feature(db: None) -> Feature:
    feature: Feature = FeatureFactory.create(slug="login", title="Social login")
    return feature


def read(client: Client) -> str:
    """The page with every run of white space as one space."""
    return " ".join(client.get(PAGE).content.decode().split())


def test_a_feature_without_source_says_what_to_do(reader: Client) -> None:
    html = read(reader)
    assert "No source yet" in html
    assert "needs no other feature" in html


def test_what_people_wrote_is_escaped(reader: Client, feature: Feature) -> None:
    SourceFactory.create(
        feature=feature,
        repo__url="javascript:alert(1)",
        notes="<script>",
        license_reason="<b>",
        extra={"stars": "<i>"},
    )
    fields = {"aliases": ["<script>"], "request_phrases": ["<script>"], "notes": "<script>"}
    Feature.objects.update(title="<script>", description="<script>", **fields)
    html = reader.get(PAGE).content.decode()
    assert "<script>" not in html
    assert "<b>" not in html
    assert 'href="javascript:' not in html


def test_a_source_shows_what_was_declared_detected_and_decided(reader: Client, feature: Feature) -> None:
    verified_source(feature=feature, repo=RepoFactory.create(repo_id="allauth", is_whitelisted=True))
    SourceFactory.create(
        feature=feature,
        repo__repo_id="other",
        declared_text="MIT",
        detected_license="GPL-3.0-only",
        effective_license="GPL-3.0-only AND MIT",
        nested_licenses={"vendor/x": "MIT", "vendor/y": ""},
        status=SourceStatus.MISMATCH.value,
        status_detail="Detected GPL-3.0-only, declared MIT.",
        license_decision="denied",
        license_rule="category:copyleft",
        license_reason="GPL-3.0-only is a copyleft licence, which the policy denies.",
    )
    html = read(reader)
    for text in (
        "Repository whitelisted",
        "Repository not whitelisted",
        "MIT is a permissive licence, which the policy allows.",
        "GPL-3.0-only is a copyleft licence, which the policy denies.",
        "<code>category:copyleft</code>",
        "Detected GPL-3.0-only, declared MIT.",
        "GPL-3.0-only AND MIT",
        "2 nested licences",
    ):
        assert text in html


def test_a_licence_that_means_nothing_definite_says_so(reader: Client, feature: Feature) -> None:
    SourceFactory.create(feature=feature, declared_text="BSD", declared_license="", license_decision="denied")
    assert "names no definite licence" in read(reader)
    FeatureSource.objects.update(declared_text="private", declared_license="LicenseRef-Private")
    assert 'read as <span class="ap-mono">LicenseRef-Private</span>' in read(reader)


def test_the_pin_can_be_copied_whole(reader: Client, feature: Feature) -> None:
    source = verified_source(feature=feature)
    html = read(reader)
    assert f'data-copy="{source.pinned_commit}"' in html
    assert f">{source.pinned_commit[:10]}<" in html


def test_a_judgement_stands_beside_the_measured_quality(reader: Client, feature: Feature) -> None:
    verified_source(feature=feature, judgement=Decimal("0.95"), judgement_note="We run it.")
    html = read(reader)
    assert '<span class="ap-score-number">80</span>' in html
    assert 'judgement: <span class="ap-strong">95</span>' in html
    FeatureSource.objects.update(quality_score=None)
    html = read(reader)
    assert "Not measured yet" in html
    assert "ap-score-number" not in html


def test_stars_are_as_declared(reader: Client, feature: Feature) -> None:
    SourceFactory.create(feature=feature, extra={"stars": 12_400})
    assert '12.4k <span class="ap-faint">as declared</span>' in read(reader)


def test_relations_are_links_from_both_sides(reader: Client, feature: Feature) -> None:
    FeatureFactory.create(slug="users", title="User accounts")
    FeatureFactory.create(slug="kerberos", title="Kerberos", conflicts=["login"])
    FeatureFactory.create(slug="saas", title="Tenants", requires=["login"])
    CombinationFactory.create(slug="base", title="Base of a site", features=["login", "users", "gone"])
    Feature.objects.filter(pk=feature.pk).update(requires=["users"])
    html = read(reader)
    for slug, title in (("users", "User accounts"), ("kerberos", "Kerberos"), ("saas", "Tenants")):
        assert f'<a href="/dashboard/catalog/main/features/{slug}/">{title}</a>' in html
    assert "Base of a site" in html
    assert 'title="There is no such feature">gone<' in html
    assert '/features/login/">Social login' not in html


def test_stacks_are_named_by_their_titles(reader: Client, feature: Feature) -> None:
    StackFactory.create(slug="web", title="Web shop")
    Feature.objects.filter(pk=feature.pk).update(compatible_stacks=["web", "unknown"])
    html = read(reader)
    assert 'href="/dashboard/catalog/main/?stack=web">Web shop</a>' in html
    assert ">unknown</a>" in html


def test_retired_features_and_sources_stay_readable(reader: Client, feature: Feature) -> None:
    SourceFactory.create(feature=feature, repo__repo_id="old", retired_at=START)
    SourceFactory.create(feature=feature, repo__repo_id="new")
    assert re.findall(r'<article [^>]*aria-label="([^"]+)"', read(reader)) == ["new", "old"]
    Feature.objects.update(retired_at=START)
    assert "Retired</span>" in read(reader)


def test_it_polls_while_a_scan_is_live_and_no_longer(reader: Client, feature: Feature) -> None:
    source = SourceFactory.create(feature=feature)
    assert "hx-trigger" not in read(reader)
    scan = ScanFactory.create(
        source=source, state=ScanState.FETCHING.value, step="Fetching objects", progress_percent=40
    )
    html = read(reader)
    assert "Fetching objects" in html
    seen = re.search(r"seen=([^\"]+)", html)
    assert seen is not None
    poll = f"{PAGE}?seen={seen[1]}"
    assert reader.get(poll, HTTP_HX_REQUEST="true").status_code == 204
    scan.progress_percent = 80
    scan.save()
    assert b'value="80"' in reader.get(poll, HTTP_HX_REQUEST="true").content
    scan.state = ScanState.CANCELLED.value
    scan.save()
    part = reader.get(poll, HTTP_HX_REQUEST="true").content
    assert part.strip().startswith(b'<div id="feature"')
    assert b"hx-trigger" not in part


def test_only_curators_are_led_to_the_admin(sign_in: SignIn) -> None:
    assert "/admin/catalog_app/feature/" not in read(sign_in(Role.READER))
    assert "/admin/catalog_app/feature/" not in read(sign_in(Role.CURATOR))


def test_queries_do_not_grow_with_sources_and_relations(
    reader: Client, feature: Feature, count_queries: CountQueries
) -> None:
    verified_source(feature=feature)
    FeatureFactory.create(slug="opposed", conflicts=["login"])
    few = count_queries(reader, PAGE)
    for number in range(8):
        verified_source(feature=feature)
        FeatureFactory.create(slug=f"needs-{number}", requires=["login"], conflicts=["login"])
        CombinationFactory.create(features=["login", f"needs-{number}"])
    assert count_queries(reader, PAGE) == few <= 14


def test_it_says_how_often_it_was_reused(reader: Client) -> None:
    assert "not in a run yet" in read(reader)
    ReuseOutcomeFactory.create()
    assert "1 time, always with success" in read(reader)
    ReuseOutcomeFactory.create(is_completed=False)
    assert "2 times, 1 with success" in read(reader)
