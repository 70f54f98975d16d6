"""Scans: looking at them, asking for them, calling them off."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import NewestFirst
from autopack.permissions import Curates
from catalog_app.api.answers import sources as answers
from catalog_app.api.base import CatalogEndpoint, CatalogListing, CatalogPages, ThingEndpoint
from catalog_app.api.requests import ReasonBody, VerifyBody, VerifyManyBody
from catalog_app.api.schema import CATALOG, described_read, described_write
from catalog_app.api.tags import make_tag, own_part, progress_of, state_of
from catalog_app.choices import ScanState
from catalog_app.models import SourceScan
from catalog_app.selectors.sources import get_scan, get_source, list_scans, list_waiting_for_scan
from catalog_app.services.verifying import cancel_scan, request_scan_once, request_scans

TAG = "catalog: scans"
VERIFYING = [
    OpenApiExample("At its pin", value={}, request_only=True, media_type="application/json"),
    OpenApiExample(
        "A new release",
        value={"at": "v3.2.0", "reason": "It fixes a hole."},
        request_only=True,
        media_type="application/json",
    ),
    OpenApiExample(
        "From a clone on the server",
        value={"from": "/srv/mirrors/flask"},
        request_only=True,
        media_type="application/json",
    ),
]
VERIFYING_MANY = [
    OpenApiExample(
        "Whatever is not verified",
        value={"filter": {"status": ["declared", "stale"]}, "limit": 100},
        request_only=True,
        media_type="application/json",
    ),
    OpenApiExample(
        "These, at their heads",
        value={"sources": [17, 18], "repin": True, "reason": "The yearly look."},
        request_only=True,
        media_type="application/json",
    ),
]


class NewestScans(CatalogPages):
    ordering = NewestFirst.ordering


class ListScans(CatalogListing):
    pagination_class = NewestScans

    @described_read(answers.ScanAnswer(many=True), tag=TAG)
    def get(self, request: Request, source_id: int) -> HttpResponseBase:  # noqa: ARG002
        """What was found at each look, newest first, paged by cursor."""
        source = get_source(source_id)
        scans = list_scans(source)
        return self.answer_catalog_page(
            source.feature.catalog, lambda: scans, answers.ScanAnswer, shows=progress_of(scans.first())
        )


class ScanEndpoint(ThingEndpoint[SourceScan]):
    def find(self) -> SourceScan:
        return get_scan(self.kwargs["scan_id"])

    def tag_of(self, thing: SourceScan) -> str:
        path = reverse("catalog_api:scan", args=[thing.pk])
        return make_tag(self.request, own_part(thing), state_of(thing.source.feature.catalog), path=path)

    def describe(self, thing: SourceScan) -> Any:
        return answers.ScanDetail(thing).data


class GetScan(ScanEndpoint):
    @described_read(answers.ScanDetail, tag=TAG)
    def get(self, request: Request, scan_id: int) -> HttpResponseBase:  # noqa: ARG002
        """One scan: its progress, and with its end the whole evidence."""
        return self.look()


class CancelScan(ScanEndpoint):
    @described_write(answers.ScanDetail, tag=TAG, body=ReasonBody)
    def post(self, request: Request, scan_id: int) -> Response:  # noqa: ARG002
        """Call a scan off. One that waits ends now, one that runs within seconds; the source stays as it is.

        One that has ended in another way is 409.
        """
        body = self.read(ReasonBody)
        with self.seen() as scan:
            if scan.state != ScanState.CANCELLED:
                cancel_scan(scan, actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class VerifySource(CatalogEndpoint):
    permission_classes = [Curates]

    @described_write(answers.ScanDetail, tag=TAG, body=VerifyBody, examples=VERIFYING, is_conditional=False)
    def post(self, request: Request, source_id: int) -> Response:  # noqa: ARG002
        """Have the worker verify a source; follow the scan that is answered.

        Who asks for the same again while it waits or runs gets the same scan. Asking for something else
        meanwhile is 409 `scan_running` with its `scan_id`.
        """
        body = self.read(VerifyBody)
        asked = body.validated_data
        scan = request_scan_once(
            get_source(source_id),
            actor=self.actor(),
            reason=body.reason_given,
            fetch_from=asked.get("from") or "",
            revision=asked.get("at") or "",
            is_repin=body.is_repin,
        )
        return Response(answers.ScanDetail(get_scan(scan.pk)).data)


class VerifyMany(CatalogEndpoint):
    permission_classes = [Curates]

    @described_write(
        answers.RequestedScansAnswer,
        tag=TAG,
        body=VerifyManyBody,
        parameters=[CATALOG],
        examples=VERIFYING_MANY,
        is_conditional=False,
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Have the worker verify many sources of a catalog, those that were never verified first.

        What is being scanned already is left alone, so that the same request again goes on with the
        `remaining` ones. What is refused for one source does not keep the others.
        """
        body = self.read(VerifyManyBody)
        catalog = self.catalog()
        waiting = list_waiting_for_scan(catalog, body.to_filter())
        found, limit = waiting.count(), body.limit_given
        requested = request_scans(
            waiting[:limit], actor=self.actor(), reason=body.reason_given, is_repin=body.is_repin
        )
        answer = {
            "catalog": catalog,
            "scans": requested.scans,
            "refused": requested.refused,
            "remaining": max(0, found - limit),
        }
        return Response(answers.RequestedScansAnswer(answer).data)
