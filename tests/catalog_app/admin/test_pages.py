"""Pages of the catalog's admin beside lists and forms: health, history."""

import pytest
from django.test import Client

from autopack.actors import Actor, Role
from catalog_app.models import SourceScan
from catalog_app.services.trusting import whitelist_repos
from tests.catalog_app.admin.conftest import SignIn
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

HEALTH = "/admin/catalog_app/featurecatalog/health/"


def test_health_is_for_staff(sign_in: SignIn) -> None:
    assert Client().get(HEALTH).status_code == 302
    assert sign_in("eve", Role.CURATOR, is_staff=False).get(HEALTH).status_code == 302


def test_health_of_no_catalog_says_so(bob: Client) -> None:
    assert "There is no catalog yet" in bob.get(HEALTH).content.decode()
    assert bob.get(f"{HEALTH}?catalog=none", headers={"accept": "text/html"}).status_code == 404


def test_every_number_of_the_health_page_leads_to_the_rows_it_counts(ada: Client) -> None:
    usable = make.verified_source(repo__is_whitelisted=True)
    make.SourceFactory.create(status="mismatch", declared_text="BSD", declared_license="")
    make.SourceFactory.create(license_decision="review", declared_text="")
    make.FeatureFactory.create()
    make.verified_source(feature__catalog=make.CatalogFactory.create(slug="other"))

    response = ada.get(f"{HEALTH}?catalog={usable.feature.catalog.slug}")

    tiles = [tile for group in response.context["groups"] for tile in group.tiles]
    assert len(tiles) == 20
    for tile in tiles:
        assert ada.get(tile.url).context["cl"].result_count == tile.number, tile.label


def test_health_lists_what_no_filter_finds(ada: Client) -> None:
    make.SourceFactory.create(feature__requires=["nowhere"], feature__aliases=["x"], repo__url_key="h/o/r")
    make.FeatureFactory.create(aliases=["x"])
    make.RepoFactory.create(repo_id="the-other-id", url_key="h/o/r")

    page = ada.get(HEALTH).content.decode()

    assert "nowhere" in page
    assert "the-other-id" in page


def test_a_history_says_who_changed_what_and_why(bob: Client, curator: Actor) -> None:
    repo = make.RepoFactory.create()
    whitelist_repos([repo], actor=curator, reason="Read it <all>.")

    page = bob.get(f"/admin/catalog_app/sourcerepo/{repo.pk}/history/").content.decode()

    assert "Read it &lt;all&gt;." in page
    assert "ada (user:7)" in page
    assert "Whitelisted" in page


def test_the_history_of_nothing_leads_back(ada: Client) -> None:
    assert ada.get("/admin/catalog_app/feature/999/history/").status_code == 302


def test_a_source_shows_licence_status_and_every_part_of_its_quality(bob: Client) -> None:
    source = make.verified_source(paths=["src"], nested_licenses={"vendor/x": "GPL-2.0-only"})
    part = {"name": "tests", "points": 8, "weight": 3, "out_of": 10, "reason": "Tests are <there>."}
    unmeasured = {"name": "ci", "points": None, "weight": 2, "reason": "No history."}
    SourceScan.objects.filter(source=source).update(quality={"score": 0.8, "parts": [part, unmeasured]})

    page = bob.get(f"/admin/catalog_app/featuresource/{source.pk}/change/").content.decode()

    for text in ("GPL-2.0-only", "8 of 10", "Tests are &lt;there&gt;.", "not measured", "Licence allowed"):
        assert text in page, text
    assert source.license_reason in page
    assert source.pinned_commit in page


def test_a_scan_shows_its_evidence_and_leads_to_the_history_of_its_source(bob: Client) -> None:
    scan = make.ScanFactory.create(evidence={"files": ["LICENSE"]}, state="failed", detail="No such host.")
    url = f"/admin/catalog_app/sourcescan/{scan.pk}/"

    page = bob.get(f"{url}change/").content.decode()

    assert "No such host." in page
    assert "LICENSE" in page
    assert bob.get(f"{url}history/", follow=True).status_code == 200
