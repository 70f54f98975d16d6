"""Scans in the admin: the evidence, read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action, display

from catalog_app.admin import decisions
from catalog_app.admin.badges import NOTHING, age, choice_badge, code, pretty, score, table
from catalog_app.admin.base import ReadOnlyCatalogAdmin
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import SourceScan


def outcome_of(scan: SourceScan) -> SafeString:
    """The conclusion; before there is one, the state."""
    if scan.outcome:
        return choice_badge(SourceStatus(scan.outcome), title=scan.detail)
    return choice_badge(ScanState(scan.state), title=scan.error_code)


def parts_of(scan: SourceScan | None) -> SafeString:
    """Every part of the measured quality with its reason."""
    parts = scan.quality.get("parts", []) if scan else []
    rows = [
        [
            str(part.get("name", "")).replace("_", " ").capitalize(),
            "not measured" if part.get("points") is None else f"{part['points']} of {part.get('out_of', 10)}",
            part.get("weight", ""),
            part.get("reason", ""),
        ]
        for part in parts
    ]
    return table(["Part", "Points", "Weight", "Reason"], rows)


@admin.register(SourceScan)
class ScanAdmin(ReadOnlyCatalogAdmin):
    list_display = [
        "number",
        "source",
        "state_mark",
        "progress",
        "outcome_mark",
        "detected",
        "measured",
        "inspected",
        "requested_by",
        "requested",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("source", AutocompleteSelectFilter),
    ]
    list_select_related = ["source__repo", "source__feature"]
    actions_detail = ["cancel"]
    fieldsets = [
        (
            "Request",
            {
                "fields": [
                    "source",
                    "requested_by",
                    "reason",
                    "created_at",
                    "fetch_from",
                    "revision",
                    "is_repin",
                ]
            },
        ),
        (
            "Course",
            {
                "fields": [
                    "state_mark",
                    "step",
                    "progress_percent",
                    "is_cancel_requested",
                    "times_started",
                    "started_at",
                    "heartbeat_at",
                    "finished_at",
                ]
            },
        ),
        (
            "Conclusion",
            {
                "fields": [
                    "outcome_mark",
                    "detail",
                    "error_code",
                    "commit",
                    "head_commit",
                    "detected",
                    "effective",
                ]
            },
        ),
        ("Quality", {"fields": ["measured", "quality_parts"]}),
        ("Evidence", {"fields": ["shown_evidence", "shown_measures"]}),
    ]
    search_fields = ["source__repo__repo_id", "source__feature__slug", "commit", "requested_by"]

    @display(description="scan", ordering="pk")  # type: ignore[untyped-decorator]
    def number(self, scan: SourceScan) -> str:
        return f"#{scan.pk}"

    @display(description="state", ordering="state")  # type: ignore[untyped-decorator]
    def state_mark(self, scan: SourceScan) -> SafeString:
        return choice_badge(ScanState(scan.state), title=scan.detail)

    @display(description="detected licence")  # type: ignore[untyped-decorator]
    def detected(self, scan: SourceScan) -> str:
        return scan.detected_license

    @display(description="effective licence")  # type: ignore[untyped-decorator]
    def effective(self, scan: SourceScan) -> str:
        return scan.effective_license

    @display(description="parts of the quality")  # type: ignore[untyped-decorator]
    def quality_parts(self, scan: SourceScan) -> SafeString:
        return parts_of(scan)

    @display(description="evidence")  # type: ignore[untyped-decorator]
    def shown_evidence(self, scan: SourceScan) -> SafeString:
        return pretty(scan.evidence)

    @display(description="measures")  # type: ignore[untyped-decorator]
    def shown_measures(self, scan: SourceScan) -> SafeString:
        return pretty(scan.measures)

    @display(description="progress")  # type: ignore[untyped-decorator]
    def progress(self, scan: SourceScan) -> str | SafeString:
        return f"{scan.progress_percent} % {scan.step}" if scan.is_live else NOTHING

    @display(description="outcome", ordering="outcome")  # type: ignore[untyped-decorator]
    def outcome_mark(self, scan: SourceScan) -> SafeString:
        return choice_badge(SourceStatus(scan.outcome), title=scan.detail) if scan.outcome else NOTHING

    @display(description="quality", ordering="quality_score")  # type: ignore[untyped-decorator]
    def measured(self, scan: SourceScan) -> SafeString:
        return score(scan.quality_score)

    @display(description="commit")  # type: ignore[untyped-decorator]
    def inspected(self, scan: SourceScan) -> SafeString:
        return code(scan.commit[:10], title=scan.commit)

    @display(description="requested", ordering="created_at")  # type: ignore[untyped-decorator]
    def requested(self, scan: SourceScan) -> SafeString:
        return age(scan.created_at)

    def idle_actions(self, row: SourceScan) -> frozenset[str]:
        return frozenset() if row.is_live else frozenset({"cancel"})

    @action(description="Call off", url_path="cancel", permissions=["curate"], icon="cancel")  # type: ignore[untyped-decorator]
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.CANCEL_SCAN, object_id)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """A scan is evidence and has no history of its own; its source's tells what it changed."""
        scan = self.find_or_404(request, object_id)
        return redirect(reverse("admin:catalog_app_featuresource_history", args=[scan.source_id]))
