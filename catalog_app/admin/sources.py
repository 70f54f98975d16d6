"""Sources in the admin: what is known of each, and what a curator can decide about one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from catalog_app.admin import decisions, filters
from catalog_app.admin.badges import (
    age,
    badge,
    choice_badge,
    code,
    joined,
    lines,
    link,
    plain,
    score,
    subtle,
    table,
    words,
)
from catalog_app.admin.base import ReadOnlyCatalogAdmin
from catalog_app.admin.scans import outcome_of, parts_of
from catalog_app.admin.steps import run_step
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureSource, SourceRepo
from catalog_app.presentation.usability import read_gates
from catalog_app.selectors.sources import list_scans

SCANS_SHOWN = 10


@admin.register(FeatureSource)
class SourceAdmin(ReadOnlyCatalogAdmin):
    list_display = [
        "named",
        "feature",
        "status_mark",
        "licenses",
        "decision_mark",
        "quality",
        "pin",
        "verified",
        "whitelisted",
    ]
    list_filter = [
        filters.StatusFilter,
        filters.DecisionFilter,
        filters.SettledFilter,
        filters.StalenessFilter,
        filters.StackFilter,
        filters.WhitelistedFilter,
        filters.UsableFilter,
        filters.ReachableFilter,
        filters.SourceRetiredFilter,
        ("feature__catalog", AutocompleteSelectFilter),
        ("feature", AutocompleteSelectFilter),
        ("repo", AutocompleteSelectFilter),
    ]
    search_fields = ["repo__repo_id", "repo__url", "feature__search_text", "declared_text"]
    search_help_text = "Repository, address, licence as declared, or whatever finds the feature"
    fieldsets = [
        (
            "Where it is",
            {"fields": ["shown_feature", "shown_repo", "shown_paths", "shown_stacks", "notes", "usability"]},
        ),
        (
            "Licence",
            {
                "fields": [
                    "declared_text",
                    "declared_license",
                    "detected",
                    "effective",
                    "nested",
                    "decision_mark",
                    "reason",
                    "rule",
                ]
            },
        ),
        (
            "Verification",
            {
                "fields": [
                    "status_mark",
                    "status_detail",
                    "pinned_commit",
                    "pinned_at",
                    "verified_at",
                    "unreachable_since",
                    "scans",
                ]
            },
        ),
        ("Quality", {"fields": ["quality", "quality_parts", "judgement", "judgement_note"]}),
        ("Kept from imports", {"fields": ["extra"], "classes": ["collapse"]}),
    ]
    # By feature, without looking at its slug: that would sort all sources for each page.
    ordering = ["feature_id", "position", "pk"]
    actions = ["verify", "whitelist", "unlist", "retire", "restore"]
    actions_detail = ["verify_one", "repin", "set_pin_of", "judge", "retire_one", "restore_one"]

    @display(description="source", ordering="repo__repo_id", header=True)  # type: ignore[untyped-decorator]
    def named(self, source: FeatureSource) -> list[Any]:
        return [source.repo.repo_id, ", ".join(source.paths) or "the whole repository"]

    @display(description="status", ordering="status")  # type: ignore[untyped-decorator]
    def status_mark(self, source: FeatureSource) -> SafeString:
        if source.retired_at or source.feature.retired_at:
            return badge("Retired", title=source.status_detail)
        return choice_badge(SourceStatus(source.status), title=source.status_detail)

    @display(description="decision", ordering="license_decision")  # type: ignore[untyped-decorator]
    def decision_mark(self, source: FeatureSource) -> SafeString:
        return choice_badge(LicenseDecision(source.license_decision), title=source.license_reason)

    @display(description="licence", ordering="declared_text")  # type: ignore[untyped-decorator]
    def licenses(self, source: FeatureSource) -> SafeString:
        """As it is declared, and what was found where that is something else."""
        found, declared = source.effective_license, source.declared_text
        marks = [plain(declared or "not declared")]
        if not source.is_settled:
            marks.append(badge("Not settled", "warning"))
        if found and found != source.declared_license:
            marks.append(subtle(f" found: {found}"))
        return joined(marks)

    @display(description="quality", ordering="quality_score")  # type: ignore[untyped-decorator]
    def quality(self, source: FeatureSource) -> SafeString:
        """As measured, with a curator's judgement beside it."""
        marks = [score(source.quality_score)]
        if source.judgement is not None:
            marks.append(subtle(f" judged {source.judgement:.2f}", title=source.judgement_note))
        return joined(marks)

    @display(description="pin")  # type: ignore[untyped-decorator]
    def pin(self, source: FeatureSource) -> SafeString:
        return code(source.pinned_commit[:10], title=source.pinned_commit)

    @display(description="verified", ordering="verified_at")  # type: ignore[untyped-decorator]
    def verified(self, source: FeatureSource) -> SafeString:
        return age(source.verified_at)

    @display(description="whitelisted", ordering="repo__is_whitelisted", boolean=True)  # type: ignore[untyped-decorator]
    def whitelisted(self, source: FeatureSource) -> bool:
        return source.repo.is_whitelisted

    @display(description="feature")  # type: ignore[untyped-decorator]
    def shown_feature(self, source: FeatureSource) -> SafeString:
        feature = source.feature
        url = reverse("admin:catalog_app_feature_change", args=[feature.pk])
        return joined(
            [link(url, feature.title), subtle(f" {feature.slug}: what is declared is edited there")]
        )

    @display(description="repository")  # type: ignore[untyped-decorator]
    def shown_repo(self, source: FeatureSource) -> SafeString:
        repo = source.repo
        listed = (
            badge("Whitelisted", "success") if repo.is_whitelisted else badge("Not whitelisted", "warning")
        )
        url = reverse("admin:catalog_app_sourcerepo_change", args=[repo.pk])
        return joined([link(url, repo.repo_id), subtle(f" {repo.url} "), listed])

    @display(description="paths")  # type: ignore[untyped-decorator]
    def shown_paths(self, source: FeatureSource) -> SafeString:
        return lines(source.paths or ["the whole repository"])

    @display(description="compatible stacks")  # type: ignore[untyped-decorator]
    def shown_stacks(self, source: FeatureSource) -> SafeString:
        return words(source.compatible_stacks or ["any"])

    @display(description="usable")  # type: ignore[untyped-decorator]
    def usability(self, source: FeatureSource) -> SafeString:
        if source.retired_at or source.feature.retired_at:
            return badge("Retired")
        return joined(
            badge(gate.text, "success" if gate.is_passed else "warning") for gate in read_gates(source)
        )

    @display(description="detected at the paths")  # type: ignore[untyped-decorator]
    def detected(self, source: FeatureSource) -> str:
        return source.detected_license

    @display(description="with what is below them")  # type: ignore[untyped-decorator]
    def effective(self, source: FeatureSource) -> str:
        return source.effective_license

    @display(description="because")  # type: ignore[untyped-decorator]
    def reason(self, source: FeatureSource) -> str:
        return source.license_reason

    @display(description="rule of the policy")  # type: ignore[untyped-decorator]
    def rule(self, source: FeatureSource) -> SafeString:
        return code(source.license_rule)

    @display(description="licences below the paths")  # type: ignore[untyped-decorator]
    def nested(self, source: FeatureSource) -> SafeString:
        return table(["Path", "Licence"], sorted(source.nested_licenses.items()))

    @display(description="parts of the quality")  # type: ignore[untyped-decorator]
    def quality_parts(self, source: FeatureSource) -> SafeString:
        return parts_of(source.last_scan)

    @display(description="latest scans")  # type: ignore[untyped-decorator]
    def scans(self, source: FeatureSource) -> SafeString:
        rows = [
            [
                link(reverse("admin:catalog_app_sourcescan_change", args=[scan.pk]), f"#{scan.pk}"),
                outcome_of(scan),
                scan.detail,
                code(scan.commit[:10], title=scan.commit),
                age(scan.created_at),
            ]
            for scan in list_scans(source)[:SCANS_SHOWN]
        ]
        return table(["Scan", "Outcome", "Detail", "Commit", "Requested"], rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeatureSource]:
        rows: QuerySet[FeatureSource] = super().get_queryset(request)
        return rows.select_related("feature__catalog", "repo")

    @action(description="Verify", permissions=["curate"])  # type: ignore[untyped-decorator]
    def verify(self, request: HttpRequest, queryset: QuerySet[FeatureSource]) -> HttpResponse | None:
        return run_step(request, decisions.VERIFY, queryset)

    @action(description="Verify", url_path="verify", permissions=["curate"], icon="radar")  # type: ignore[untyped-decorator]
    def verify_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.VERIFY, object_id)

    @action(description="Re-pin", url_path="repin", permissions=["curate"], icon="move_up")  # type: ignore[untyped-decorator]
    def repin(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.REPIN, object_id)

    @action(description="Whitelist the repositories", permissions=["curate"])  # type: ignore[untyped-decorator]
    def whitelist(self, request: HttpRequest, queryset: QuerySet[FeatureSource]) -> HttpResponse | None:
        return run_step(request, decisions.WHITELIST, _repos_of(queryset))

    @action(description="Take the repositories off the whitelist", permissions=["curate"])  # type: ignore[untyped-decorator]
    def unlist(self, request: HttpRequest, queryset: QuerySet[FeatureSource]) -> HttpResponse | None:
        return run_step(request, decisions.UNLIST, _repos_of(queryset))

    @action(description="Retire", permissions=["curate"])  # type: ignore[untyped-decorator]
    def retire(self, request: HttpRequest, queryset: QuerySet[FeatureSource]) -> HttpResponse | None:
        return run_step(request, decisions.RETIRE_SOURCES, queryset)

    @action(description="Restore", permissions=["curate"])  # type: ignore[untyped-decorator]
    def restore(self, request: HttpRequest, queryset: QuerySet[FeatureSource]) -> HttpResponse | None:
        return run_step(request, decisions.RESTORE_SOURCES, queryset)

    @action(description="Set the pin", url_path="pin", permissions=["curate"], icon="push_pin")  # type: ignore[untyped-decorator]
    def set_pin_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.SET_PIN, object_id)

    @action(description="Judge", url_path="judge", permissions=["curate"], icon="grade")  # type: ignore[untyped-decorator]
    def judge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.JUDGE, object_id)

    @action(description="Retire", url_path="retire", permissions=["curate"], icon="archive")  # type: ignore[untyped-decorator]
    def retire_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RETIRE_SOURCES, object_id)

    @action(description="Restore", url_path="restore", permissions=["curate"], icon="unarchive")  # type: ignore[untyped-decorator]
    def restore_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RESTORE_SOURCES, object_id)


def _repos_of(sources: QuerySet[FeatureSource]) -> QuerySet[SourceRepo]:
    return SourceRepo.objects.filter(pk__in=sources.values("repo"))
