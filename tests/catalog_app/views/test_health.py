"""The health of a catalog: numbers, each a way to the list that it counts."""

import re
from html import unescape

import pytest
from django.test import Client

from catalog_app.choices import SourceStatus
from catalog_app.models import PreferredRepo
from tests.support.catalog_bulk import fill_catalog
from tests.support.catalog_factories import (
    CatalogFactory,
    FeatureFactory,
    RepoFactory,
    SourceFactory,
    StackFactory,
)
from tests.support.factories import note_worker
from tests.support.pages import CountQueries

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/catalog/main/health/"


def figures(client: Client) -> dict[str, tuple[int, str]]:
    html = client.get(PAGE).content.decode()
    found = re.findall(
        r'<a class="ap-figure" href="([^"]+)"><span class="ap-figure-label">([^<]+)</span>'
        r'<span class="ap-figure-number[^"]*">(\d+)</span>',
        html,
    )
    return {label: (int(count), unescape(href)) for href, label, count in found}


def test_a_healthy_catalog_says_so(reader: Client) -> None:
    CatalogFactory.create()
    html = reader.get(PAGE).content.decode()
    assert "Every reference leads somewhere." in html
    assert "Every name means one feature." in html
    assert "Every repository has one id." in html


def test_every_number_leads_to_a_list_of_as_many(reader: Client) -> None:
    fill_catalog(features=100, sources=250)
    FeatureFactory.create(slug="bare")
    SourceFactory.create(declared_text="BSD", declared_license="")
    SourceFactory.create(declared_text="", declared_license="")
    found = figures(reader)
    assert found["Features"][0] == 101
    assert found["Without any source"][0] == 1
    for label, (count, url) in found.items():
        html = reader.get(url).content.decode()
        total = re.search(r'id="found">(?:<span role="status">)?(\d+) ', html)
        assert total is not None
        assert int(total[1]) == count, label


def test_findings_lead_to_where_they_are(reader: Client) -> None:
    FeatureFactory.create(slug="login", aliases=["Sign in"], requires=["nowhere"])
    FeatureFactory.create(slug="sso", aliases=["sign in"])
    stack = StackFactory.create(slug="web")
    PreferredRepo.objects.create(stack=stack, repo_ref="unknown-repo")
    SourceFactory.create(repo=RepoFactory.create(repo_id="one", url_key="github.com/a/b"))
    RepoFactory.create(repo_id="two", url_key="github.com/a/b")
    html = reader.get(PAGE).content.decode()
    for text in (
        'href="/dashboard/catalog/main/features/login/">login</a>',
        "<code>nowhere</code>",
        'href="/dashboard/catalog/main/stacks/web/">web</a>',
        "<code>unknown-repo</code>",
        "sign in",
        'href="/dashboard/catalog/main/sources/?repo=two">two</a>',
    ):
        assert text in html


def test_queries_do_not_grow(reader: Client, count_queries: CountQueries) -> None:
    fill_catalog(features=10, sources=30)
    few = count_queries(reader, PAGE)
    fill_catalog(features=190, sources=570)
    assert count_queries(reader, PAGE) == few


def test_the_overview_names_catalogs_with_something_wrong(reader: Client) -> None:
    note_worker()
    SourceFactory.create()
    assert PAGE not in reader.get("/dashboard/").content.decode()
    SourceFactory.create(status=SourceStatus.MISMATCH.value)
    SourceFactory.create(status=SourceStatus.STALE.value)
    html = reader.get("/dashboard/").content.decode()
    assert f'href="{PAGE}"' in html
    assert "1 mismatch</a>" in html
    assert 'href="/dashboard/catalog/main/sources/?status=stale">1 stale</a>' in html
