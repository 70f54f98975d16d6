"""Features."""

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import features as answers
from catalog_app.api.base import BySlug, CatalogListing, ThingEndpoint
from catalog_app.api.parameters import (
    DECISION,
    IS_RETIRED,
    REPO,
    STATUS,
    UPDATED_SINCE,
    Q,
    Query,
    described_choices,
    described_flag,
    described_text,
    described_texts,
)
from catalog_app.api.requests import ReasonBody
from catalog_app.api.schema import CATALOG, described_read, described_write
from catalog_app.api.tags import make_tag, own_part, state_of
from catalog_app.choices import Complexity, LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureCatalog
from catalog_app.selectors.browsing import FeatureFilter, Reuse, list_features
from catalog_app.selectors.features import get_feature, list_categories, list_combinations, with_sources
from catalog_app.selectors.stacks import list_stack_slugs
from catalog_app.services.trusting import restore_features, retire_features

TAG = "catalog: features"
RETIRING = OpenApiExample(
    "Retiring",
    value={"reason": "Its upstream is archived."},
    request_only=True,
    media_type="application/json",
)


class ListFeatures(CatalogListing):
    pagination_class = BySlug

    @described_read(
        answers.FeatureSummary(many=True),
        tag=TAG,
        parameters=[
            CATALOG,
            Q,
            described_texts("category", "In one of these categories."),
            described_choices("complexity", Complexity, "Any of these."),
            described_text("stack", "With a source that is made for this stack profile, or for any."),
            REPO,
            STATUS,
            DECISION,
            described_flag("usable", "Whether a plan may take it from somewhere unattended."),
            IS_RETIRED,
            UPDATED_SINCE,
        ],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Features with their active sources by slug, paged by cursor.

        What is asked of sources (`stack`, `repo`, `status`, `license_decision`, `usable=true`) has to be true
        of one and the same source.
        """
        catalog = self.catalog()
        wanted, is_retired = read_feature_filter(request, catalog)

        def list_rows() -> QuerySet[Feature]:
            features = list_features(catalog, wanted)
            return with_sources(features.retired() if is_retired else features)

        return self.answer_catalog_page(catalog, list_rows, answers.FeatureSummary)


class FeatureEndpoint(ThingEndpoint[Feature]):
    def find(self) -> Feature:
        return get_feature(self.catalog(), self.kwargs["slug"])

    def tag_of(self, thing: Feature) -> str:
        path = reverse("catalog_api:feature", args=[thing.slug])
        return make_tag(self.request, own_part(thing), state_of(thing.catalog), path=path)

    def describe(self, thing: Feature) -> Any:
        combinations = list_combinations(thing.catalog, feature=thing.slug)
        return answers.FeatureDetail(thing, context={"combinations": combinations}).data


class GetFeature(FeatureEndpoint):
    @described_read(answers.FeatureDetail, tag=TAG, parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:  # noqa: ARG002
        """A feature with all that is known of its sources, the retired ones too."""
        return self.look()


class RetireFeature(FeatureEndpoint):
    @described_write(
        answers.FeatureDetail, tag=TAG, body=ReasonBody, parameters=[CATALOG], examples=[RETIRING]
    )
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Take a feature out of search, plans and exports; its history and scans stay."""
        body = self.read(ReasonBody)
        with self.seen() as feature:
            retire_features([feature], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class RestoreFeature(FeatureEndpoint):
    @described_write(answers.FeatureDetail, tag=TAG, body=ReasonBody, parameters=[CATALOG])
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Bring a retired feature back."""
        body = self.read(ReasonBody)
        with self.seen() as feature:
            restore_features([feature], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


def read_feature_filter(request: Request, catalog: FeatureCatalog) -> tuple[FeatureFilter, bool | None]:
    """The filter, and whether retired features alone are wanted. Raises Refused for unknown values."""
    query = Query(request)
    is_usable, is_retired = query.flag("usable"), query.retired()
    reuse = None if is_usable is None else Reuse.USABLE if is_usable else Reuse.UNUSABLE
    wanted = FeatureFilter(
        text=query.text("q"),
        categories=query.known("category", list_categories(catalog)) if query.texts("category") else (),
        complexities=query.choices("complexity", Complexity),
        stack=query.known_one("stack", list_stack_slugs(catalog)) if query.text("stack") else "",
        repos=query.texts("repo"),
        statuses=query.choices("status", SourceStatus),
        decisions=query.choices("license_decision", LicenseDecision),
        reuse=reuse,
        updated_since=query.moment("updated_since"),
        is_with_retired=is_retired is not False,
    )
    query.check()
    return wanted, is_retired
