"""Lookup on a catalog in the database: always as the catalog is now."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog_app.choices import LookupBand
from catalog_app.lookup.answering import name_engine
from catalog_app.lookup.results import LookupPart
from catalog_app.models import Feature, FeatureCatalog
from catalog_app.selectors.lookup import look_up
from catalog_app.services.indexing import refresh_index
from catalog_app.services.sealing import changing
from tests.support.catalog_factories import CatalogFactory, FeatureFactory
from tests.support.lookup import WordEncoder, use_encoder

pytestmark = pytest.mark.django_db

LOGIN = LookupPart("let me in with my password")


@pytest.fixture
def catalog() -> FeatureCatalog:
    catalog = CatalogFactory.create()
    add(catalog, "login", "Password login", ["let me in with a password", "who is it that knocks"])
    add(catalog, "invoices", "Invoices", ["bill the customer", "send them what they owe"])
    return catalog


def add(catalog: FeatureCatalog, slug: str, title: str, phrases: list[str]) -> None:
    feature = FeatureFactory.create(
        catalog=catalog, slug=slug, title=title, description=f"About {title}.", request_phrases=phrases
    )
    seal(catalog, feature)


def seal(catalog: FeatureCatalog, feature: Feature) -> None:
    with changing([catalog]) as changes:
        changes.touch([feature])
    catalog.refresh_from_db()


def slugs(catalog: FeatureCatalog, part: LookupPart = LOGIN) -> list[str]:
    (answer,) = look_up(catalog, [part]).answers
    return [candidate.slug for candidate in answer.candidates]


def test_an_empty_catalog_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    use_encoder(monkeypatch, WordEncoder())
    (answer,) = look_up(CatalogFactory.create(), [LOGIN]).answers
    assert (answer.band, answer.candidates, answer.best) == (LookupBand.NONE, (), None)
    assert "Nothing in the catalog" in answer.reason


def test_without_an_encoder_words_are_compared_and_it_says_so(
    catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_encoder(monkeypatch, None)
    outcome = look_up(catalog, [LOGIN])
    assert not outcome.state.is_complete
    assert "weights are not installed" in outcome.state.text
    assert outcome.engine.startswith("words+")
    best = outcome.answers[0].best
    assert best is not None
    assert best.slug == "login"
    assert {evidence.kind for evidence in best.evidence} <= {"words", "phrase"}


def test_until_the_index_is_built_it_says_how_far_it_is(
    catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_encoder(monkeypatch, WordEncoder())
    assert slugs(catalog)[0] == "login"
    assert look_up(catalog, []).state.text.startswith("The index is being built: 0 of 8 texts")
    refresh_index(catalog)
    outcome = look_up(catalog, [LOGIN])
    assert (outcome.state.is_complete, outcome.state.text) == (True, "Complete.")
    assert (outcome.catalog_version, outcome.engine) == (catalog.version, name_engine(WordEncoder()))
    best = outcome.answers[0].best
    assert best is not None
    assert ("phrase", "let me in with a password") in {(e.kind, e.text) for e in best.evidence}


def test_what_changes_is_seen_at_once_and_nothing_else_is_read(
    catalog: FeatureCatalog,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    use_encoder(monkeypatch, WordEncoder())
    refresh_index(catalog)
    assert slugs(catalog)[0] == "login"
    with django_assert_num_queries(2):
        assert slugs(catalog)[0] == "login"

    add(catalog, "badges", "Door badges", ["swipe a card"])
    assert slugs(catalog, LookupPart("swipe a card"))[0] == "badges"
    assert not look_up(catalog, []).state.is_complete
    refresh_index(catalog)
    assert look_up(catalog, []).state.is_complete

    badges = Feature.objects.get(slug="badges")
    badges.retired_at = timezone.now()
    badges.save(update_fields=["retired_at"])
    seal(catalog, badges)
    assert "badges" not in slugs(catalog)

    login = Feature.objects.get(slug="login")
    login.slug, login.request_phrases = "sign-in", ["completely other"]
    login.save()
    seal(catalog, login)
    assert "login" not in slugs(catalog)
    assert slugs(catalog, LookupPart("completely other"))[0] == "sign-in"


def test_one_answer_for_each_part_whatever_its_company(
    catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_encoder(monkeypatch, WordEncoder())
    refresh_index(catalog)
    parts = [LOGIN, LookupPart("bill people", ("invoices",)), LookupPart(""), LOGIN]
    together = look_up(catalog, parts, limit=1).answers
    assert [answer.part for answer in together] == parts
    assert [len(answer.candidates) for answer in together] == [1, 1, 0, 1]
    assert list(together) == [look_up(catalog, [part], limit=1).answers[0] for part in parts]
    with monkeypatch.context() as patched:
        # Nothing is encoded again while the catalog stands still.
        patched.setattr(WordEncoder, "encode_requests", lambda _, texts: [] if not texts else None)
        assert list(look_up(catalog, parts, limit=1).answers) == list(together)
    best = together[1].best
    assert best is not None
    assert ("title", "Invoices", 1.0) in {(e.kind, e.text, e.score) for e in best.evidence}
