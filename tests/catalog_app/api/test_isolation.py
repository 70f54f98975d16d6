"""Nothing of a curation run can be reached by a plan, or by anybody but curators, before it is accepted."""

import pytest
from django.test import Client

from autopack.actors import Actor, Role
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo, SourceScan
from catalog_app.selectors.contents import get_content
from catalog_app.selectors.sources import SourceFilter, list_sources
from catalog_app.services.accepting import accept_candidates, reject_candidates
from tests.catalog_app.api.conftest import BASE, ClientOf
from tests.support.curation import WELL_KEPT, Curation

API = [
    "catalogs",
    "catalogs/main",
    "health",
    "features?q=zebra",
    "features",
    "sources?q=zebra",
    "sources?retired=all",
    "repositories?q=zebra",
    "repositories",
    "stacks",
    "combinations",
]
PAGES = ["", "?q=zebra", "sources/", "sources/?q=zebra", "health/", "stacks/"]


@pytest.fixture
def undecided(catalog: FeatureCatalog, curation: Curation) -> Curation:
    """A run with one repository that was looked at, one that could not be, and one that waits."""
    readme = {"README.md": "# Zebra links\n\nZebras sign in by a link that is sent to them.\n"}
    curation.survey(
        curation.make("zebra-links", {**WELL_KEPT, **readme}), curation.root / "zebra-gone", catalog=catalog
    )
    curation.start(curation.make("zebra-waits"), catalog=catalog)
    return curation


def test_a_run_leaves_the_catalog_as_it_was(
    catalog: FeatureCatalog, curation: Curation, request: pytest.FixtureRequest
) -> None:
    def everything() -> list[object]:
        state = FeatureCatalog.objects.values_list("version", "digest", "updated_at").get()
        rows = [
            list(model._base_manager.order_by("pk").values())
            for model in (Feature, FeatureSource, SourceRepo, SourceScan)
        ]
        return [state, rows, get_content(catalog)]

    before = everything()
    request.getfixturevalue("undecided")
    assert everything() == before


@pytest.mark.parametrize("path", API)
def test_no_answer_of_the_catalog_has_it(undecided: Curation, client_of: ClientOf, path: str) -> None:
    for role in (Role.PLANNER, Role.CURATOR):
        answer = client_of(role).get(BASE + path)
        assert answer.status_code == 200
        assert "zebra-" not in answer.content.decode().lower()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_the_catalog_has_it(undecided: Curation, admin_client: Client, path: str) -> None:
    page = admin_client.get(f"/dashboard/catalog/main/{path}")
    assert page.status_code == 200
    assert "zebra-" not in page.content.decode().lower()


def test_what_is_rejected_stays_out_and_what_is_accepted_is_there_unlisted(
    catalog: FeatureCatalog, curation: Curation, curator: Actor
) -> None:
    run = curation.survey(curation.make("zebra-links"), curation.make("zebra-old"), catalog=catalog)
    good, old = (candidate.pk for candidate in run.candidates.all())
    accept_candidates(run, [good], reason="Good.", actor=curator)
    reject_candidates(run, [old], reason="Old.", actor=curator)

    found = list_sources(catalog, SourceFilter(repos=["zebra-links", "zebra-old"]))
    assert [(source.repo.repo_id, source.status) for source in found] == [("zebra-links", "verified")]
    assert not FeatureSource.objects.usable().filter(repo__repo_id="zebra-links").exists()
