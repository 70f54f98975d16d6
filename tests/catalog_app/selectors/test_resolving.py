"""Wishes and vetoes that name no feature are looked up; what they find is what plans ask about."""

import pytest

from catalog_app.briefing.types import Place, Veto, Wish
from catalog_app.choices import LookupBand
from catalog_app.planning.request import PlanRequest
from catalog_app.selectors import resolving
from catalog_app.selectors.lookup import LoadedCatalog, look_up
from catalog_app.selectors.resolving import resolve
from catalog_app.services.indexing import refresh_index
from tests.support import catalog_factories as make
from tests.support.lookup import WordEncoder, use_encoder

pytestmark = pytest.mark.django_db


def test_nothing_is_looked_up_that_is_named() -> None:
    catalog = make.CatalogFactory.create()

    resolved = resolve(catalog, PlanRequest(wishes=(Wish("a", "a", slug="login"),)))

    assert (resolved.resolutions, resolved.engine, resolved.state) == ({}, "", None)


def test_each_finds_its_own_and_what_is_too_much_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = make.CatalogFactory.create()
    make.FeatureFactory.create(
        slug="password-reset",
        title="Password reset",
        description="Lets people who forgot their password set a new one.",
        request_phrases=["I forgot my password and want a new one"],
    )
    make.FeatureFactory.create(slug="invoices", title="Invoices", description="Sends invoices.")
    monkeypatch.setattr(resolving, "MOST_LOOKUPS", 2)
    request = PlanRequest(
        wishes=(
            Wish("reset", "forgot my password"),
            Wish("named", "x", slug="invoices"),
            Wish("late", "late"),
        ),
        vetoes=(Veto("no-late", "invoices"),),
    )

    resolved = resolve(catalog, request)

    assert resolved.resolutions["reset"].matches[0].slug == "password-reset"
    assert resolved.resolutions["reset"].matches[0].title == "Password reset"
    assert "reset" in resolved.resolutions
    assert "named" not in resolved.resolutions
    assert resolved.resolutions["no-late"].band is LookupBand.NONE
    assert "not looked up" in resolved.resolutions["no-late"].reason
    assert "password-reset" in resolved.slugs
    assert resolved.engine
    assert resolved.state is not None


def test_few_words_are_looked_up_with_their_heading() -> None:
    catalog = make.CatalogFactory.create()
    make.FeatureFactory.create(slug="subscriptions", title="Subscription billing", description="Plans.")
    make.FeatureFactory.create(slug="archive", title="Archive", description="Old things.")
    place = Place(line=3, section=("App", "Subscription billing"))
    said = Wish("w", "by month", places=(place,))

    resolved = resolve(catalog, PlanRequest(wishes=(said, Wish("alone", "by month"))))

    found = resolved.resolutions["w"]
    assert found.matches[0].slug == "subscriptions"
    assert found.reason.startswith("Under “Subscription billing”. ")
    assert not resolved.resolutions["alone"].reason.startswith("Under")


def test_a_plan_names_which_part_of_the_index_was_not_built_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = make.CatalogFactory.create()
    make.FeatureFactory.create(slug="invoices", title="Invoices")
    use_encoder(monkeypatch, WordEncoder())
    wanted = PlanRequest(wishes=(Wish("a", "invoices"),))
    first, second = (
        LoadedCatalog(slugs={1: "login", 2: "teams"}, counts={1: (3, done), 2: (3, 3 - done)})
        for done in (0, 3)
    )
    assert first.state(None).done_count == second.state(None).done_count
    assert "" != first.gaps != second.gaps != ""

    half = resolve(catalog, wanted).engine
    refresh_index(catalog)

    assert ", 0 of " in half
    assert resolve(catalog, wanted).engine == look_up(catalog, []).engine
