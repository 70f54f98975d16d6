"""Features."""

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import features as answers
from catalog_app.api.answers.entries import SavedFeature
from catalog_app.api.base import BySlug, CatalogListing, EntryEndpoint
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
from catalog_app.api.requests import FeatureBody, ReasonBody
from catalog_app.api.schema import CATALOG, ONLY_NEW, described_read, described_write
from catalog_app.api.tags import make_tag, own_part, state_of
from catalog_app.choices import Complexity, LicenseDecision, SourceStatus
from catalog_app.errors import FeatureNotFound
from catalog_app.interchange.entries import Json
from catalog_app.interchange.writing import write_feature
from catalog_app.models import Feature, FeatureCatalog
from catalog_app.selectors.browsing import FeatureFilter, Reuse, list_features
from catalog_app.selectors.contents import feature_entry, source_entry
from catalog_app.selectors.features import get_feature, list_categories, list_combinations, with_sources
from catalog_app.selectors.stacks import list_stack_slugs
from catalog_app.services.entries import EntryKind
from catalog_app.services.trusting import restore_features, retire_features

TAG = "catalog: features"
WHOLE = OpenApiExample(
    "A feature with a source",
    value={
        "title": "Sign in with other accounts",
        "category": "auth",
        "complexity": "medium",
        "aliases": ["social login", "oauth"],
        "repos": [
            {
                "id": "django-allauth",
                "repo_url": "https://github.com/pennersr/django-allauth",
                "path": "allauth/",
                "license": "MIT",
            }
        ],
        "reason": "Asked for by three projects.",
    },
    request_only=True,
    media_type="application/json",
)
PART = OpenApiExample(
    "Other aliases",
    value={"aliases": ["social login", "sso"], "notes": None},
    request_only=True,
    media_type="application/json",
)
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


class FeatureEndpoint(EntryEndpoint[Feature]):
    kind = EntryKind.FEATURE
    missing = FeatureNotFound

    def find(self) -> Feature:
        return get_feature(self.catalog(), self.kwargs["slug"])

    def tag_of(self, thing: Feature) -> str:
        path = reverse("catalog_api:feature", args=[thing.slug])
        return make_tag(self.request, own_part(thing), state_of(thing.catalog), path=path)

    def describe(self, thing: Feature) -> Any:
        combinations = list_combinations(thing.catalog, feature=thing.slug)
        return answers.FeatureDetail(thing, context={"combinations": combinations}).data

    def write(self, thing: Feature) -> dict[str, Json]:
        sources = [source_entry(source) for source in thing.sources.all() if source.retired_at is None]
        return write_feature(feature_entry(thing, sources))


class OneFeature(FeatureEndpoint):
    @described_read(answers.FeatureDetail, tag=TAG, parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:  # noqa: ARG002
        """A feature with all that is known of its sources, the retired ones too."""
        return self.look()

    @described_write(
        {200: SavedFeature, 201: SavedFeature},
        tag=TAG,
        body=FeatureBody,
        parameters=[CATALOG, ONLY_NEW],
        examples=[WHOLE],
    )
    def put(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Make a feature, or replace all that was said of it and of its sources.

        The body is the feature as it stands in feature_catalog.yaml below its slug, with `reason` beside.
        Sources that it does not name are retired; what is known of the others stays as long as it is true of
        them. A retired feature comes back.
        """
        return self.put_entry()

    @described_write(SavedFeature, tag=TAG, body=FeatureBody, parameters=[CATALOG], examples=[PART])
    def patch(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Replace a part of what was said of a feature (RFC 7396): null takes away, lists are whole."""
        return self.patch_entry()


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
