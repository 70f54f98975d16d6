"""Features."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import features as answers
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.api.tags import make_tag, own_part, state_of
from catalog_app.selectors.features import get_feature, list_combinations


class GetFeature(CatalogEndpoint):
    @described_read(answers.FeatureDetail, tag="catalog: features", parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """A feature with all that is known of its sources, the retired ones too."""
        catalog = self.catalog()
        feature = get_feature(catalog, slug)
        tag = make_tag(request, own_part(feature), state_of(catalog))

        def make() -> Response:
            combinations = list_combinations(catalog, feature=slug)
            return Response(answers.FeatureDetail(feature, context={"combinations": combinations}).data)

        return self.answer_unless_known(tag, make)
