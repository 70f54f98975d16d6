"""Stack profiles: the list, and one with what can be built on it."""

import pytest
from django.test import Client

from catalog_app.models import PreferredRepo
from tests.support.catalog_bulk import fill_catalog
from tests.support.catalog_factories import (
    START,
    CatalogFactory,
    RepoFactory,
    SourceFactory,
    StackFactory,
    verified_source,
)
from tests.support.pages import CountQueries

pytestmark = pytest.mark.django_db
LIST = "/dashboard/catalog/main/stacks/"


def read(client: Client, path: str) -> str:
    """A page with every run of white space as one space."""
    return " ".join(client.get(path).content.decode().split())


def test_no_stack_says_what_to_do(reader: Client) -> None:
    CatalogFactory.create()
    assert "manage.py import_catalog stack_profiles.yaml" in read(reader, LIST)


def test_an_unknown_stack_is_not_found(reader: Client) -> None:
    StackFactory.create(slug="web")
    assert reader.get(f"{LIST}other/", HTTP_ACCEPT="text/html").status_code == 404


def test_a_stack_shows_every_slot_and_what_it_is_for(reader: Client) -> None:
    StackFactory.create(
        slug="web",
        project_types=["api_service"],
        vector_db="pgvector",
        slots={"cache": "redis", "queues": ["celery", "rabbitmq"]},
        ci_profile="strict",
        budget_multiplier="1.40",
    )
    for path in (LIST, f"{LIST}web/"):
        html = read(reader, path)
        for text in (
            "django",
            "postgres",
            "pgvector",
            "redis",
            "celery, rabbitmq",
            "api_service",
            "\N{MULTIPLICATION SIGN} 1.4<",
        ):
            assert text in html


def test_dangling_references_are_marked(reader: Client) -> None:
    stack = StackFactory.create(slug="web")
    known = SourceFactory.create(repo=RepoFactory.create(repo_id="known", is_whitelisted=True)).repo
    PreferredRepo.objects.create(stack=stack, repo_ref="known", repo=known, position=0)
    PreferredRepo.objects.create(stack=stack, repo_ref="nowhere", position=1)
    html = read(reader, f"{LIST}web/")
    assert "1 source here, whitelisted" in html
    assert "nowhere</span>" in html
    assert "no such repository: without effect" in html
    assert "1 preferred repository unknown" in read(reader, LIST)


def test_it_counts_the_features_that_suit_and_shows_the_usable_ones(reader: Client) -> None:
    StackFactory.create(slug="web")
    SourceFactory.create(feature__slug="declared")
    SourceFactory.create(feature__slug="other", compatible_stacks=["rag"])
    good = verified_source(feature__slug="good", repo=RepoFactory.create(is_whitelisted=True))
    html = read(reader, f"{LIST}web/")
    assert '?stack=web">All 2</a>' in html
    assert f"/features/{good.feature.slug}/" in html
    assert "/features/declared/" not in html
    good.feature.sources.update(retired_at=START)
    assert "Nothing usable for it yet" in read(reader, f"{LIST}web/")


def test_retired_stacks_show_when_asked_for(reader: Client) -> None:
    StackFactory.create(slug="old", title="Old ways", retired_at=START)
    assert "Old ways" not in read(reader, LIST)
    assert "Old ways" in read(reader, f"{LIST}?retired=1")
    assert "Retired</span>" in read(reader, f"{LIST}old/")


def test_queries_do_not_grow(reader: Client, count_queries: CountQueries) -> None:
    fill_catalog(features=10, sources=30)
    few = [count_queries(reader, path) for path in (LIST, f"{LIST}stack-01/")]
    fill_catalog(features=190, sources=570)
    for number in range(20):
        StackFactory.create(slug=f"more-{number}")
    assert [count_queries(reader, path) for path in (LIST, f"{LIST}stack-01/")] == few
