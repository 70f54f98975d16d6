"""Scans in the admin: the evidence, read-only."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from catalog_app.admin.badges import NOTHING, age, choice_badge, code, score
from catalog_app.admin.base import ReadOnlyCatalogAdmin
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import SourceScan


@admin.register(SourceScan)
class ScanAdmin(ReadOnlyCatalogAdmin):
    list_display = [
        "number",
        "source",
        "state_mark",
        "progress",
        "outcome_mark",
        "detected_license",
        "quality",
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
    search_fields = ["source__repo__repo_id", "source__feature__slug", "commit", "requested_by"]

    @display(description="scan", ordering="pk")  # type: ignore[untyped-decorator]
    def number(self, scan: SourceScan) -> str:
        return f"#{scan.pk}"

    @display(description="state", ordering="state")  # type: ignore[untyped-decorator]
    def state_mark(self, scan: SourceScan) -> SafeString:
        return choice_badge(ScanState(scan.state), title=scan.detail)

    @display(description="progress")  # type: ignore[untyped-decorator]
    def progress(self, scan: SourceScan) -> str | SafeString:
        return f"{scan.progress_percent} % {scan.step}" if scan.is_live else NOTHING

    @display(description="outcome", ordering="outcome")  # type: ignore[untyped-decorator]
    def outcome_mark(self, scan: SourceScan) -> SafeString:
        return choice_badge(SourceStatus(scan.outcome), title=scan.detail) if scan.outcome else NOTHING

    @display(description="quality", ordering="quality_score")  # type: ignore[untyped-decorator]
    def quality(self, scan: SourceScan) -> SafeString:
        return score(scan.quality_score)

    @display(description="commit")  # type: ignore[untyped-decorator]
    def inspected(self, scan: SourceScan) -> SafeString:
        return code(scan.commit[:10], title=scan.commit)

    @display(description="requested", ordering="created_at")  # type: ignore[untyped-decorator]
    def requested(self, scan: SourceScan) -> SafeString:
        return age(scan.created_at)
