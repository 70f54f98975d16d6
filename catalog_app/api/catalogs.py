"""Catalogs as a whole."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import catalogs as answers
from catalog_app.api.answers.health import HealthAnswer
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.api.tags import digest_repos, list_part, make_tag, own_part, state_of
from catalog_app.selectors.catalogs import get_catalog, list_catalogs
from catalog_app.selectors.health import measure_health


class ListCatalogs(CatalogEndpoint):
    @described_read(answers.CatalogList, tag="catalog", operation_id="catalog_catalogs_list")
    def get(self, request: Request) -> HttpResponseBase:
        """Every catalog with the state that it is in, the one that is used by default first."""
        catalogs = list_catalogs()
        tag = make_tag(request, list_part(), [state_of(catalog) for catalog in catalogs])
        return self.answer_unless_known(
            tag, lambda: Response(answers.CatalogList({"results": catalogs}).data)
        )


class GetCatalog(CatalogEndpoint):
    @described_read(answers.CatalogAnswer, tag="catalog")
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """A catalog's own facts, version and digest. Name them in what you make from it."""
        catalog = get_catalog(slug)
        tag = make_tag(request, own_part(catalog))
        return self.answer_unless_known(tag, lambda: Response(answers.CatalogAnswer(catalog).data))


class GetHealth(CatalogEndpoint):
    @described_read(HealthAnswer, tag="catalog", parameters=[CATALOG])
    def get(self, request: Request) -> HttpResponseBase:
        """What of a catalog wants a curator."""
        catalog = self.catalog()
        tag = make_tag(request, list_part(), state_of(catalog), digest_repos())

        def make() -> Response:
            health = measure_health(catalog)
            return Response(HealthAnswer(health, context={"catalog": catalog}).data)

        return self.answer_unless_known(tag, make)
