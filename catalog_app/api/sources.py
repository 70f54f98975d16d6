"""Sources."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import sources as answers
from catalog_app.api.base import CatalogListing, ThingEndpoint
from catalog_app.api.parameters import (
    DECISION,
    IS_RETIRED,
    REPO,
    STATUS,
    UPDATED_SINCE,
    Q,
    Query,
    described_flag,
    described_texts,
)
from catalog_app.api.requests import JudgementBody, PinBody, ReasonBody
from catalog_app.api.schema import CATALOG, described_read, described_write
from catalog_app.api.tags import make_tag, own_part, progress_of, state_of
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureCatalog, FeatureSource
from catalog_app.selectors.sources import (
    SourceFilter,
    find_live_scan,
    get_source,
    list_sources,
)
from catalog_app.selectors.stacks import list_stack_slugs
from catalog_app.services.trusting import restore_sources, retire_sources, set_judgement, set_pin

TAG = "catalog: sources"
PINNING = OpenApiExample(
    "Pinning",
    value={"commit": "8f1cb3dd2b1f2f6c9a5f1c7b0a4f8f2e6d0c9b1a", "reason": "The release that we have read."},
    request_only=True,
    media_type="application/json",
)
STACK = described_texts("stack", "Made for one of these stack profiles, or for any.")
USABLE = described_flag("usable", "Whether a plan may take from it unattended.")


class ListSources(CatalogListing):
    @described_read(
        answers.SourceAnswer(many=True),
        tag=TAG,
        parameters=[
            CATALOG,
            Q,
            described_texts("feature", "Of one of these features."),
            REPO,
            STACK,
            STATUS,
            DECISION,
            USABLE,
            described_flag("pinned", "Whether it is pinned to a commit."),
            IS_RETIRED,
            UPDATED_SINCE,
        ],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Sources with what is declared, found and decided, oldest first, paged by cursor."""
        catalog = self.catalog()
        wanted = read_source_filter(request, catalog)
        return self.answer_catalog_page(catalog, lambda: list_sources(catalog, wanted), answers.SourceAnswer)


class SourceEndpoint(ThingEndpoint[FeatureSource]):
    def find(self) -> FeatureSource:
        return get_source(self.kwargs["source_id"])

    def tag_of(self, thing: FeatureSource) -> str:
        path = reverse("catalog_api:source", args=[thing.pk])
        shown = (state_of(thing.feature.catalog), progress_of(find_live_scan(thing)))
        return make_tag(self.request, own_part(thing), *shown, path=path)

    def describe(self, thing: FeatureSource) -> Any:
        return answers.SourceDetail(thing, context={"live_scan": find_live_scan(thing)}).data


class GetSource(SourceEndpoint):
    @described_read(answers.SourceDetail, tag=TAG)
    def get(self, request: Request, source_id: int) -> HttpResponseBase:  # noqa: ARG002
        """One source with the parts of its quality, and the scan that waits or runs."""
        return self.look()


class PinSource(SourceEndpoint):
    @described_write(answers.SourceDetail, tag=TAG, body=PinBody, examples=[PINNING])
    def post(self, request: Request, source_id: int) -> Response:  # noqa: ARG002
        """Pin a source to a commit by hand, or take its pin away.

        It counts as verified only if a scan has verified that very commit.
        """
        body = self.read(PinBody)
        with self.seen() as source:
            set_pin(source, body.validated_data["commit"], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class JudgeSource(SourceEndpoint):
    @described_write(answers.SourceDetail, tag=TAG, body=JudgementBody)
    def post(self, request: Request, source_id: int) -> Response:  # noqa: ARG002
        """Say what you think of a source. It stands beside the measured quality, never in place of it."""
        body = self.read(JudgementBody).validated_data
        with self.seen() as source:
            set_judgement(source, body["judgement"], note=body.get("note") or "", actor=self.actor())
        return self.answer_changed()


class RetireSource(SourceEndpoint):
    @described_write(answers.SourceDetail, tag=TAG, body=ReasonBody)
    def post(self, request: Request, source_id: int) -> Response:  # noqa: ARG002
        """Take a source out of plans and exports; its history and scans stay."""
        body = self.read(ReasonBody)
        with self.seen() as source:
            retire_sources([source], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class RestoreSource(SourceEndpoint):
    @described_write(answers.SourceDetail, tag=TAG, body=ReasonBody)
    def post(self, request: Request, source_id: int) -> Response:  # noqa: ARG002
        """Bring a retired source back."""
        body = self.read(ReasonBody)
        with self.seen() as source:
            restore_sources([source], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


def read_source_filter(request: Request, catalog: FeatureCatalog) -> SourceFilter:
    """Raises Refused for values that do not exist."""
    query = Query(request)
    wanted = SourceFilter(
        words=query.text("q"),
        features=query.texts("feature"),
        repos=query.texts("repo"),
        stacks=read_stacks(query, catalog),
        statuses=query.choices("status", SourceStatus),
        decisions=query.choices("license_decision", LicenseDecision),
        is_usable=query.flag("usable"),
        is_pinned=query.flag("pinned"),
        is_retired=query.retired(),
        updated_since=query.moment("updated_since"),
    )
    query.check()
    return wanted


def read_stacks(query: Query, catalog: FeatureCatalog) -> tuple[str, ...]:
    """Slugs of stack profiles that the catalog has."""
    return query.known("stack", list_stack_slugs(catalog)) if query.texts("stack") else ()
