"""The list of features: search, facets, order, pages, and a cost that does not depend on the size."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from django.test import Client

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureCatalog
from tests.support.catalog_bulk import fill_catalog
from tests.support.catalog_factories import (
    START,
    CatalogFactory,
    FeatureFactory,
    RepoFactory,
    SourceFactory,
    StackFactory,
    verified_source,
)
from tests.support.pages import CountQueries

LIST = "/dashboard/catalog/main/"


@pytest.fixture(autouse=True)
def catalog(db: None) -> FeatureCatalog:
    catalog: FeatureCatalog = CatalogFactory.create()
    return catalog


def listed(client: Client, query: str = "") -> list[str]:
    """Slugs on the page, in its order."""
    html = client.get(f"{LIST}{query}").content.decode()
    return re.findall(r'class="ap-strong" href="/dashboard/catalog/main/features/([^/]+)/"', html)


def facets(client: Client, query: str = "") -> Mapping[str, tuple[int, str]]:
    """Every value of every facet with its count and where it leads."""
    html = client.get(f"{LIST}{query}").content.decode()
    found = re.findall(
        r'<a href="([^"]+)"[^>]*><span class="ap-facet-box".*?<span class="ap-facet-label">([^<]+)</span>'
        r'<span class="ap-count">(\d+)</span>',
        html,
    )
    return {label: (int(count), unescape(href)) for href, label, count in found}


def counts(client: Client, query: str = "") -> dict[str, int]:
    return {label: count for label, (count, _) in facets(client, query).items()}


@pytest.mark.parametrize(
    "query",
    [
        "?status=nonsense",
        "?decision=&reuse=maybe&sort=random&retired=yes",
        "?page=x",
        "?page=-1",
        "?page=0",
        "?page=99999999999999999999",
        "?page=1000",
        "?q=%00",
        "?q=%00%20%00&category=%00&stack=%00",
        "?q=%25_%5C",
    ],
)
def test_nonsense_in_the_address_is_no_error(reader: Client, query: str) -> None:
    verified_source()
    assert reader.get(f"{LIST}{query}").status_code == 200


def test_nonsense_beside_a_filter_leaves_the_filter(reader: Client) -> None:
    wanted = SourceFactory.create(status=SourceStatus.MISMATCH.value).feature
    SourceFactory.create()
    assert listed(reader, "?status=nonsense&status=mismatch") == [wanted.slug]


def test_search_text_is_escaped(reader: Client) -> None:
    html = reader.get(f"{LIST}?q=%22%3E%3Cscript%3E&category=%22%3E%3Cscript%3E").content.decode()
    assert '"><script>' not in html


def test_no_match_says_what_to_do(reader: Client) -> None:
    FeatureFactory.create()
    html = reader.get(f"{LIST}?q=nothing-like-it").content.decode()
    assert "No feature matches" in html
    assert "every word has to be found" in html


def test_an_empty_catalog_says_what_to_do(reader: Client) -> None:
    assert "manage.py import_catalog" in reader.get(LIST).content.decode()


def test_no_catalog_at_all_says_what_to_do(reader: Client, catalog: FeatureCatalog) -> None:
    FeatureCatalog.objects.all().delete()
    assert "There is no catalog yet" in reader.get("/dashboard/catalog/").content.decode()


def test_a_catalog_of_which_nothing_is_usable_says_why(reader: Client) -> None:
    SourceFactory.create()
    why = "Nothing here can be reused unattended yet"
    html = reader.get(LIST).content.decode()
    assert why in html
    assert "manage.py verify --all<" in html
    verified_source(repo=RepoFactory.create(is_whitelisted=True))
    assert why not in reader.get(LIST).content.decode()


def test_every_word_is_searched_in_names_aliases_and_descriptions(reader: Client) -> None:
    make("oauth-login", title="Social login", aliases=["sign in with provider"])
    make("ldap-login", title="Directory login", description="Against Active Directory.")
    make("invoices", title="Invoices")
    assert listed(reader, "?q=login") == ["ldap-login", "oauth-login"]
    assert listed(reader, "?q=PROVIDER+login") == ["oauth-login"]
    assert listed(reader, "?q=active") == ["ldap-login"]
    assert listed(reader, "?q=login+invoices") == []
    assert listed(reader, "?q=%25") == []


def test_a_hit_in_the_name_comes_before_one_in_the_description(reader: Client) -> None:
    make("a-portal", title="A portal", description="With search.")
    make("site-search", title="Site search")
    make("search", title="Zoned finding")
    make("searchable-notes", title="Notes")
    assert listed(reader, "?q=search") == ["search", "searchable-notes", "site-search", "a-portal"]
    assert listed(reader, "?q=search&sort=title") == ["a-portal", "searchable-notes", "site-search", "search"]


def test_facets_count_features_and_lead_to_them(reader: Client) -> None:
    good = verified_source(
        feature__slug="good", feature__category="auth", repo=RepoFactory.create(is_whitelisted=True)
    )
    SourceFactory.create(feature=good.feature, status=SourceStatus.MISMATCH.value)
    SourceFactory.create(feature__slug="declared", feature__category="files")
    SourceFactory.create(
        feature__slug="denied", feature__category="files", license_decision=LicenseDecision.DENIED.value
    )
    found = counts(reader)
    assert found == {
        "Usable": 1,
        "Not usable yet": 2,
        "files": 2,
        "auth": 1,
        "Allowed": 2,
        "Denied": 1,
        "Verified": 1,
        "Mismatch": 1,
        "Declared": 2,
    }
    for label, (count, query) in facets(reader).items():
        assert len(listed(reader, query)) == count, label


def test_values_of_one_facet_add_up_and_facets_narrow_each_other(reader: Client) -> None:
    SourceFactory.create(feature__slug="a", feature__category="auth")
    SourceFactory.create(feature__slug="b", feature__category="files")
    SourceFactory.create(feature__slug="c", feature__category="geo", status=SourceStatus.STALE.value)
    assert listed(reader, "?category=auth&category=files") == ["a", "b"]
    assert listed(reader, "?category=auth&category=geo&status=stale") == ["c"]
    found = facets(reader, "?category=auth")
    assert {label: count for label, (count, _) in found.items() if label in ("auth", "files", "geo")} == {
        "auth": 1,
        "files": 1,
        "geo": 1,
    }
    assert found["auth"][1] == "?"
    assert found["files"][1] == "?category=auth&category=files"


def test_a_status_and_a_decision_are_asked_of_the_same_source(reader: Client) -> None:
    feature = FeatureFactory.create()
    SourceFactory.create(feature=feature, status=SourceStatus.STALE.value)
    SourceFactory.create(feature=feature, license_decision=LicenseDecision.DENIED.value)
    assert listed(reader, "?status=stale") == listed(reader, "?decision=denied") == [feature.slug]
    assert listed(reader, "?status=stale&decision=denied") == []


def test_a_stack_takes_what_suits_it_by_feature_and_by_source(reader: Client) -> None:
    StackFactory.create(slug="web", title="Web shop")
    StackFactory.create(slug="rag", title="Assistant")
    SourceFactory.create(feature__slug="any")
    SourceFactory.create(feature__slug="by-feature", feature__compatible_stacks=["rag"])
    SourceFactory.create(feature__slug="by-source", compatible_stacks=["rag", "web"])
    SourceFactory.create(
        feature__slug="by-neither", feature__compatible_stacks=["web"], compatible_stacks=["rag"]
    )
    FeatureFactory.create(slug="without-source")
    assert listed(reader, "?stack=rag") == ["any", "by-feature", "by-source"]
    assert listed(reader, "?stack=web") == ["any", "by-source"]
    assert (counts(reader)["Assistant"], counts(reader)["Web shop"]) == (3, 2)


def test_retired_features_show_when_asked_for_and_retired_sources_do_not_count(reader: Client) -> None:
    SourceFactory.create(feature__slug="kept")
    SourceFactory.create(feature__slug="gone", feature__retired_at=START)
    SourceFactory.create(
        feature=Feature.objects.get(slug="kept"), retired_at=START, status=SourceStatus.STALE.value
    )
    assert listed(reader) == ["kept"]
    assert counts(reader)["Show retired"] == 1
    assert "Stale" not in counts(reader)
    assert listed(reader, facets(reader)["Show retired"][1]) == ["gone", "kept"]


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("Not verified yet", {}),
        ("Licence denied", {"license_decision": "denied"}),
        ("Licence needs review", {"license_decision": "review"}),
        ("Licence is not the declared one", {"status": "mismatch"}),
        ("Repository cannot be reached", {"status": "unreachable"}),
    ],
)
def test_a_row_says_why_a_feature_cannot_be_used(
    reader: Client, reason: str, changes: dict[str, Any]
) -> None:
    SourceFactory.create(repo__is_whitelisted=True, **changes)
    assert reason in reader.get(LIST).content.decode()


def test_a_row_names_the_reason_of_the_source_that_lacks_least(reader: Client) -> None:
    source = verified_source()
    SourceFactory.create(feature=source.feature, license_decision="denied")
    html = reader.get(LIST).content.decode()
    assert "Repository not whitelisted" in html
    assert "Licence denied" not in html
    source.repo.is_whitelisted = True
    source.repo.save()
    assert '<span class="ap-state ap-green"><svg' in reader.get(LIST).content.decode()


def test_the_best_measured_quality_comes_first_when_asked_for(reader: Client) -> None:
    for slug, quality in (("poor", "0.20"), ("good", "0.90"), ("unknown", None)):
        SourceFactory.create(feature__slug=slug, quality_score=quality)
    assert listed(reader, "?sort=quality") == ["good", "poor", "unknown"]


def test_pages_lead_to_every_feature_once_and_keep_the_filter(reader: Client) -> None:
    fill_catalog(features=120, sources=120)
    pages, query = [], "?sort=changed"
    while True:
        html = reader.get(f"{LIST}{query}").content.decode()
        pages.append(listed(reader, query))
        following = re.search(r'href="([^"]+)" rel="next"', html)
        if following is None:
            break
        query = unescape(following[1])
        assert "sort=changed" in query
    assert [len(page) for page in pages] == [50, 50, 18]
    assert len({slug for page in pages for slug in page}) == 118
    assert listed(reader, "?sort=changed&page=1000") == pages[-1]


def test_htmx_gets_the_list_alone_and_going_back_the_whole_page(reader: Client) -> None:
    SourceFactory.create()
    part = reader.get(LIST, HTTP_HX_REQUEST="true").content.decode()
    assert part.startswith('<div id="features"')
    back = reader.get(LIST, HTTP_HX_REQUEST="true", HTTP_HX_HISTORY_RESTORE_REQUEST="true").content.decode()
    assert back.startswith("<!doctype html>")


def test_other_catalogs_are_a_click_away(reader: Client) -> None:
    assert "Other catalogs" not in reader.get(LIST).content.decode()
    other = CatalogFactory.create(slug="internal", title="Internal")
    FeatureFactory.create(catalog=other, slug="ours")
    assert 'href="/dashboard/catalog/internal/"' in reader.get(LIST).content.decode()
    assert listed(reader) == []


def test_queries_are_the_same_for_10_and_300_features(reader: Client, count_queries: CountQueries) -> None:
    fill_catalog(features=10, sources=30)
    few = count_queries(reader, LIST)
    fill_catalog(features=290, sources=870)
    assert count_queries(reader, LIST) == few <= 11


@pytest.mark.slow
def test_queries_are_the_same_for_10000_features(reader: Client, count_queries: CountQueries) -> None:
    queries = ["", "?q=login", "?reuse=usable&sort=quality", "?status=mismatch&stack=stack-03&page=2"]
    fill_catalog(features=100, sources=300)
    few = {query: count_queries(reader, f"{LIST}{query}") for query in queries}
    fill_catalog(features=9_900, sources=29_700)
    for query, count in few.items():
        assert count_queries(reader, f"{LIST}{query}") == count


def make(slug: str, *, title: str, description: str = "", aliases: list[str] | None = None) -> Feature:
    """With its `search_text` as the services keep it."""
    names = [slug, title, *(aliases or []), description]
    feature: Feature = FeatureFactory.create(
        slug=slug,
        title=title,
        description=description,
        aliases=aliases or [],
        search_text="\n".join(names).lower(),
    )
    return feature
