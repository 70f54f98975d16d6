"""Sources: the list, all about one, and one of its scans."""

import re

import pytest
from django.test import Client

from autopack.actors import Actor
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.trusting import retire_sources, whitelist_repos
from tests.support.catalog_bulk import fill_catalog
from tests.support.catalog_factories import (
    START,
    CatalogFactory,
    RepoFactory,
    ScanFactory,
    SourceFactory,
    verified_source,
)
from tests.support.pages import CountQueries

LIST = "/dashboard/catalog/main/sources/"

EVIDENCE = {
    "reason": "",
    "contradictions": ["2 of 9 files say Apache-2.0, such as a.py; the licence file says MIT."],
    "evidence": [
        {"file": "LICENSE", "method": "licence text", "expression": "MIT", "lines": [1, 21], "note": ""},
        {"file": "a.py", "method": "SPDX header", "expression": "Apache-2.0", "lines": [2, 2], "note": ""},
        {
            "file": "pyproject.toml",
            "method": "package metadata",
            "expression": "",
            "note": "No definite one.",
            "confidence": 0.5,
        },
    ],
}
QUALITY = {
    "score": 0.8,
    "parts": [
        {
            "name": "ci",
            "points": 10,
            "out_of": 10,
            "weight": 2,
            "reason": "Changes are checked by GitHub Actions.",
        },
        {"name": "tests", "points": 0, "out_of": 10, "weight": 3, "reason": "No tests were found."},
        {"name": "dependencies", "points": None, "out_of": 10, "weight": 1, "reason": "Not measured."},
    ],
}


def page_of(source: FeatureSource) -> str:
    return f"/dashboard/catalog/sources/{source.pk}/"


def listed(client: Client, query: str = "") -> list[str]:
    html = client.get(f"{LIST}{query}").content.decode()
    return re.findall(r'class="ap-strong" href="/dashboard/catalog/sources/\d+/">([^<]+)<', html)


def read(client: Client, path: str) -> str:
    """A page with every run of white space as one space."""
    return " ".join(client.get(path).content.decode().split())


@pytest.fixture
def scanned(db: None) -> FeatureSource:
    """With evidence and quality, as a scan leaves them."""
    source = verified_source(repo=RepoFactory.create(repo_id="allauth"))
    SourceScan.objects.update(evidence=EVIDENCE, quality=QUALITY, measures={"authors": 3})
    return source


@pytest.mark.parametrize("path", ["sources/4711/", "sources/99999999999999999999/", "scans/4711/"])
def test_an_unknown_source_or_scan_is_not_found(reader: Client, path: str) -> None:
    assert reader.get(f"/dashboard/catalog/{path}", HTTP_ACCEPT="text/html").status_code == 404


@pytest.mark.parametrize(
    "query", ["?status=x&decision=y&concern=z", "?page=-2", "?q=%00", "?repo=%00", "?q=%25"]
)
def test_nonsense_in_the_address_is_no_error(reader: Client, query: str) -> None:
    SourceFactory.create()
    assert reader.get(f"{LIST}{query}").status_code == 200


def test_an_empty_list_says_what_to_do(reader: Client) -> None:
    CatalogFactory.create()
    assert "curation run" in read(reader, LIST)
    assert "No source matches" in read(reader, f"{LIST}?q=x")


def test_the_list_is_filtered_by_state_decision_repository_words_and_concern(reader: Client) -> None:
    SourceFactory.create(repo__repo_id="fine", repo__is_whitelisted=True)
    SourceFactory.create(repo__repo_id="wrong", status=SourceStatus.MISMATCH.value, license_decision="denied")
    SourceFactory.create(repo__repo_id="vague", declared_text="BSD", declared_license="")
    SourceFactory.create(repo__repo_id="bare", declared_text="", declared_license="")
    SourceFactory.create(repo__repo_id="lost", unreachable_since=START)
    SourceFactory.create(repo__repo_id="gone", retired_at=START)
    assert listed(reader) == ["bare", "fine", "lost", "vague", "wrong"]
    assert listed(reader, "?status=mismatch") == listed(reader, "?decision=denied") == ["wrong"]
    assert listed(reader, "?repo=vague") == listed(reader, "?concern=unsettled") == ["vague"]
    assert listed(reader, "?concern=undeclared") == ["bare"]
    assert listed(reader, "?concern=unreached") == ["lost"]
    assert listed(reader, "?concern=unlisted") == ["bare", "lost", "vague", "wrong"]
    assert listed(reader, "?q=FIN") == ["fine"]


def test_pages_of_the_list_keep_the_filter(reader: Client) -> None:
    fill_catalog(features=40, sources=130)
    html = read(reader, f"{LIST}?decision=allowed")
    following = re.search(r'href="([^"]+)" rel="next"', html)
    assert following is not None
    assert following[1] == "?decision=allowed&amp;page=2"
    first, second = listed(reader, "?decision=allowed"), listed(reader, "?decision=allowed&page=2")
    assert len(first) == 50
    assert second
    assert listed(reader, "?decision=allowed&page=99") == second


def test_queries_of_the_list_are_the_same_for_30_and_600_sources(
    reader: Client, count_queries: CountQueries
) -> None:
    fill_catalog(features=10, sources=30)
    few = count_queries(reader, LIST)
    fill_catalog(features=190, sources=570)
    assert count_queries(reader, LIST) == few <= 9


def test_evidence_says_which_file_which_lines_and_how(reader: Client, scanned: FeatureSource) -> None:
    html = read(reader, page_of(scanned))
    for text in ('LICENSE</span> <span class="ap-faint ap-small">lines 1 to 21', "line 2", "SPDX header"):
        assert text in html
    assert "2 of 9 files say Apache-2.0" in html
    assert "No definite one." in html
    assert html.count(" % sure") == html.count("50 % sure") == 1


def test_quality_parts_have_points_weights_and_reasons(reader: Client, scanned: FeatureSource) -> None:
    html = read(reader, page_of(scanned))
    assert re.findall(r"<div><dt>([^<]+)</dt>", html)[:3] == ["Tests", "CI", "Dependencies"]
    assert "Changes are checked by GitHub Actions." in html
    assert '10<span class="ap-faint"> / 10 \N{MULTIPLICATION SIGN} 2</span>' in html
    assert "not counted" in html


def test_a_source_that_was_never_scanned_says_so(reader: Client) -> None:
    html = read(reader, page_of(SourceFactory.create()))
    assert "It has never been scanned." in html
    assert "what is known was declared" in html


def test_what_people_and_repositories_say_is_escaped(reader: Client, scanned: FeatureSource) -> None:
    evil = "<script>alert(1)</script>"
    evidence = {
        "evidence": [{"file": evil, "method": evil, "expression": evil, "note": evil}],
        "reason": evil,
    }
    quality = {"parts": [{"name": evil, "points": 1, "reason": evil}]}
    SourceScan.objects.update(
        evidence=evidence, quality=quality, measures={evil: evil}, detail=evil, requested_by=evil, step=evil
    )
    FeatureSource.objects.update(
        extra={evil: evil}, notes=evil, status_detail=evil, nested_licenses={evil: evil}
    )
    assert scanned.last_scan is not None
    for path in (page_of(scanned), f"/dashboard/catalog/scans/{scanned.last_scan.pk}/", LIST):
        assert "<script>alert" not in reader.get(path).content.decode()


def test_changes_say_who_what_and_why(reader: Client, curator: Actor) -> None:
    source = SourceFactory.create(repo__repo_id="allauth")
    whitelist_repos([source.repo], actor=curator, reason="We know the maintainers.")
    retire_sources([source], actor=curator, reason="Not needed.")
    html = read(reader, page_of(source))
    assert "We know the maintainers." in html
    assert "Not needed." in html
    assert "ada (user:7)" in html
    assert "Retired</span>" in html


def test_scans_are_listed_with_their_outcome(reader: Client, scanned: FeatureSource) -> None:
    ScanFactory.create(
        source=scanned, state=ScanState.FAILED.value, error_code="timed_out", detail="It took too long."
    )
    html = read(reader, page_of(scanned))
    assert "timed_out" in html
    assert "It took too long." in html
    assert re.findall(r">Scan (\d+)</a> ?(?:<span|</td>)", html) == sorted(
        map(str, SourceScan.objects.values_list("pk", flat=True)), key=int, reverse=True
    )


def test_a_scan_shows_its_evidence_facts_and_measures(reader: Client, scanned: FeatureSource) -> None:
    scan = scanned.last_scan
    assert scan is not None
    html = read(reader, f"/dashboard/catalog/scans/{scan.pk}/")
    assert f'data-copy="{scan.commit}"' in html
    assert "80 of 100" in html
    assert "&quot;authors&quot;: 3" in html


@pytest.mark.parametrize("kind", ["source", "scan"])
def test_pages_poll_while_the_scan_is_live_and_no_longer(reader: Client, kind: str) -> None:
    source = SourceFactory.create()
    scan = ScanFactory.create(source=source, state=ScanState.INSPECTING.value, progress_percent=60)
    path = page_of(source) if kind == "source" else f"/dashboard/catalog/scans/{scan.pk}/"
    seen = re.search(r"seen=([^\"]+)", read(reader, path))
    assert seen is not None
    poll = f"{path}?seen={seen[1]}"
    assert reader.get(poll, HTTP_HX_REQUEST="true").status_code == 204
    SourceScan.objects.update(state=ScanState.FAILED.value, detail="The disk is full.")
    part = reader.get(poll, HTTP_HX_REQUEST="true").content
    assert b"hx-trigger" not in part
    assert b"The disk is full." in part
