"""Features in the admin, their sources inline."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from autopack.actors import Role
from autopack.authentication import get_actor
from catalog_app.admin import decisions, filters
from catalog_app.admin.badges import age, badge, choice_badge, joined, score, subtle, tally, words
from catalog_app.admin.base import all_words
from catalog_app.admin.entries import EntryAdmin
from catalog_app.admin.entry_forms import CombinationForm, FeatureForm, SourceForm, SourceFormSet
from catalog_app.admin.steps import run_step
from catalog_app.choices import Complexity, LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureCombination, FeatureSource, SourceRepo


def active_sources(feature: Feature) -> Sequence[FeatureSource]:
    """Of a row of the list, where they are loaded already."""
    return feature.active_sources  # type: ignore[attr-defined,no-any-return]  # by the Prefetch of the list


def is_usable(source: FeatureSource) -> bool:
    """As `FeatureSource.objects.usable()` has it, for an active row that is loaded."""
    return (
        source.status == SourceStatus.VERIFIED.value
        and source.license_decision == LicenseDecision.ALLOWED.value
        and source.repo.is_whitelisted
    )


class SourceInline(StackedInline):  # type: ignore[misc]  # Unfold has no types
    """The sources of a feature that are not retired. Each has a page of its own for what is known of it."""

    model = FeatureSource
    form = SourceForm
    formset = SourceFormSet
    fk_name = "feature"
    extra = 0
    can_delete = False
    show_change_link = True
    ordering_field = "position"
    hide_ordering_field = True
    autocomplete_fields = ["repo"]
    readonly_fields = ["known"]
    fields = [
        ("repo", "paths"),
        ("declared_text", "pinned_commit"),
        ("judgement", "judgement_note"),
        ("compatible_stacks", "notes"),
        "known",
        "retire",
        "position",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeatureSource]:
        sources: QuerySet[FeatureSource] = super().get_queryset(request)
        return sources.filter(retired_at=None).select_related("repo", "feature").order_by("position", "pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_active

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_retired = obj is not None and obj.retired_at is not None
        return get_actor(request).has_role(Role.CURATOR) and not is_retired

    @display(description="known of it")  # type: ignore[untyped-decorator]
    def known(self, source: FeatureSource) -> SafeString:
        if source._state.adding:
            return subtle("It is declared, and not verified, once it is saved.")
        marks = [
            choice_badge(SourceStatus(source.status), title=source.status_detail),
            choice_badge(LicenseDecision(source.license_decision), title=source.license_reason),
        ]
        if not source.is_settled:
            marks.append(badge("Licence not settled", "warning"))
        if source.quality_score is not None:
            marks.append(badge(f"Quality {source.quality_score:.2f}", "info"))
        listed = badge("Whitelisted", "success") if source.repo.is_whitelisted else badge("Not whitelisted")
        return joined([*marks, listed, subtle(f" {source.status_detail or source.license_reason}")])


@admin.register(Feature)
class FeatureAdmin(EntryAdmin):
    form = FeatureForm
    inlines = [SourceInline]
    fieldsets = [
        (None, {"fields": ["catalog", "slug", "title", "description", ("category", "complexity")]}),
        ("Found by", {"fields": [("aliases", "tags"), "request_phrases"]}),
        ("Goes with", {"fields": [("requires", "conflicts"), "compatible_stacks"]}),
        ("Notes", {"fields": ["notes", "extra"], "classes": ["collapse"]}),
    ]
    list_display = [
        "named",
        "category",
        "shown_complexity",
        "statuses",
        "decisions",
        "licenses",
        "quality",
        "verified",
        "usable",
    ]
    list_filter = [
        ("catalog", AutocompleteSelectFilter),
        filters.CategoryFilter,
        filters.FeatureStatusFilter,
        filters.FeatureDecisionFilter,
        filters.StackFilter,
        filters.FeatureStalenessFilter,
        filters.FeatureWhitelistedFilter,
        filters.HasUsableSourceFilter,
        filters.RetiredFilter,
    ]
    search_fields = ["search_text"]
    search_help_text = "Slug, title, alias, category, tag or description"
    actions_list = ["exchange"]
    actions = ["verify", "whitelist", "unlist", "retire", "restore"]
    actions_detail = ["verify_one", "retire_one", "restore_one"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feature]:
        sources = FeatureSource.objects.filter(retired_at=None).select_related("repo")
        features: QuerySet[Feature] = super().get_queryset(request)
        return features.select_related("catalog").prefetch_related(
            Prefetch("sources", queryset=sources.order_by("position", "pk"), to_attr="active_sources")
        )

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Feature],
        search_term: str,
    ) -> tuple[QuerySet[Feature], bool]:
        return all_words(queryset, "search_text", search_term), False

    @display(description="feature", ordering="slug", header=True)  # type: ignore[untyped-decorator]
    def named(self, feature: Feature) -> list[Any]:
        return [feature.title, f"{feature.slug} (retired)" if feature.retired_at else feature.slug]

    @display(description="complexity", ordering="complexity")  # type: ignore[untyped-decorator]
    def shown_complexity(self, feature: Feature) -> str:
        return Complexity(feature.complexity).label

    @display(description="sources")  # type: ignore[untyped-decorator]
    def statuses(self, feature: Feature) -> SafeString:
        return tally((SourceStatus(source.status) for source in active_sources(feature)), SourceStatus)

    @display(description="licence decision")  # type: ignore[untyped-decorator]
    def decisions(self, feature: Feature) -> SafeString:
        found = (LicenseDecision(source.license_decision) for source in active_sources(feature))
        return tally(found, LicenseDecision)

    @display(description="licences")  # type: ignore[untyped-decorator]
    def licenses(self, feature: Feature) -> SafeString:
        found = (source.effective_license or source.declared_text for source in active_sources(feature))
        return words(dict.fromkeys(name for name in found if name))

    @display(description="quality")  # type: ignore[untyped-decorator]
    def quality(self, feature: Feature) -> SafeString:
        measured = [source.quality_score for source in active_sources(feature)]
        return score(max((value for value in measured if value is not None), default=None))

    @display(description="verified")  # type: ignore[untyped-decorator]
    def verified(self, feature: Feature) -> SafeString:
        moments = [source.verified_at for source in active_sources(feature)]
        return age(max((moment for moment in moments if moment), default=None))

    @display(description="usable")  # type: ignore[untyped-decorator]
    def usable(self, feature: Feature) -> SafeString:
        if feature.retired_at:
            return badge("Retired")
        count = sum(is_usable(source) for source in active_sources(feature))
        return badge(f"{count} usable", "success") if count else badge("None", "warning")

    @action(description="Verify the sources", permissions=["curate"])  # type: ignore[untyped-decorator]
    def verify(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        return run_step(request, decisions.VERIFY, _sources_of(queryset))

    @action(description="Verify", url_path="verify", permissions=["curate"], icon="radar")  # type: ignore[untyped-decorator]
    def verify_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        feature = self.find_or_404(request, object_id)
        back = redirect(reverse("admin:catalog_app_feature_change", args=[feature.pk]))
        return run_step(request, decisions.VERIFY, _sources_of(Feature.objects.filter(pk=feature.pk))) or back

    @action(description="Whitelist the repositories", permissions=["curate"])  # type: ignore[untyped-decorator]
    def whitelist(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        return run_step(request, decisions.WHITELIST, _repos_of(queryset))

    @action(description="Take the repositories off the whitelist", permissions=["curate"])  # type: ignore[untyped-decorator]
    def unlist(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        return run_step(request, decisions.UNLIST, _repos_of(queryset))

    @action(description="Retire", permissions=["curate"])  # type: ignore[untyped-decorator]
    def retire(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        return run_step(request, decisions.RETIRE_FEATURES, queryset)

    @action(description="Restore", permissions=["curate"])  # type: ignore[untyped-decorator]
    def restore(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        return run_step(request, decisions.RESTORE_FEATURES, queryset)

    @action(description="Retire", url_path="retire", permissions=["curate"], icon="archive")  # type: ignore[untyped-decorator]
    def retire_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RETIRE_FEATURES, object_id)

    @action(description="Restore", url_path="restore", permissions=["curate"], icon="unarchive")  # type: ignore[untyped-decorator]
    def restore_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RESTORE_FEATURES, object_id)


def _sources_of(features: QuerySet[Feature]) -> QuerySet[FeatureSource]:
    sources = FeatureSource.objects.filter(feature__in=features.order_by().values("pk"), retired_at=None)
    return sources.select_related("feature", "repo")


def _repos_of(features: QuerySet[Feature]) -> QuerySet[SourceRepo]:
    return SourceRepo.objects.filter(pk__in=_sources_of(features).order_by().values("repo"))


@admin.register(FeatureCombination)
class CombinationAdmin(EntryAdmin):
    form = CombinationForm
    fieldsets = [
        (None, {"fields": ["catalog", "slug", "title", "description", "features", "compatible_stacks"]}),
        ("Kept from imports", {"fields": ["extra"], "classes": ["collapse"]}),
    ]
    list_display = ["named", "shown_features", "shown_stacks", "state"]
    list_filter = [("catalog", AutocompleteSelectFilter), filters.StackFilter, filters.RetiredFilter]
    search_fields = ["slug", "title", "description"]
    actions = ["retire", "restore"]
    actions_detail = ["retire_one", "restore_one"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeatureCombination]:
        rows: QuerySet[FeatureCombination] = super().get_queryset(request)
        return rows.select_related("catalog")

    @display(description="combination", ordering="slug", header=True)  # type: ignore[untyped-decorator]
    def named(self, combination: FeatureCombination) -> list[Any]:
        return [combination.title, combination.slug]

    @display(description="features")  # type: ignore[untyped-decorator]
    def shown_features(self, combination: FeatureCombination) -> SafeString:
        return words(combination.features)

    @display(description="stacks")  # type: ignore[untyped-decorator]
    def shown_stacks(self, combination: FeatureCombination) -> SafeString:
        return words(combination.compatible_stacks)

    @display(description="state")  # type: ignore[untyped-decorator]
    def state(self, combination: FeatureCombination) -> SafeString:
        return badge("Retired") if combination.retired_at else badge("Active", "success")

    @action(description="Retire", permissions=["curate"])  # type: ignore[untyped-decorator]
    def retire(self, request: HttpRequest, queryset: QuerySet[FeatureCombination]) -> HttpResponse | None:
        return run_step(request, decisions.RETIRE_COMBINATIONS, queryset)

    @action(description="Restore", permissions=["curate"])  # type: ignore[untyped-decorator]
    def restore(self, request: HttpRequest, queryset: QuerySet[FeatureCombination]) -> HttpResponse | None:
        return run_step(request, decisions.RESTORE_COMBINATIONS, queryset)

    @action(description="Retire", url_path="retire", permissions=["curate"], icon="archive")  # type: ignore[untyped-decorator]
    def retire_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RETIRE_COMBINATIONS, object_id)

    @action(description="Restore", url_path="restore", permissions=["curate"], icon="unarchive")  # type: ignore[untyped-decorator]
    def restore_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RESTORE_COMBINATIONS, object_id)
