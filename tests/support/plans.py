"""Values that a plan is made of, with defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from catalog_app.briefing.types import Leftover, Place
from catalog_app.choices import (
    Complexity,
    FeatureDecision,
    FeatureOrigin,
    LicenseDecision,
    PlanMode,
    QuestionKind,
    SourceStatus,
    SourceVerdict,
    Strength,
)
from catalog_app.planning.laying import lay_out
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Match, Snapshot, StackFacts
from catalog_app.planning.types import (
    Decisions,
    Inputs,
    Option,
    PlanDocument,
    PlannedFeature,
    PlannedVeto,
    PlanWarning,
    ProjectTypeChoice,
    Question,
    RunnerUp,
    ScorePart,
    SlotChoice,
    SourceOption,
    StackChoice,
)

DIGEST = "0" * 64
COMMIT = "5b3f2a1c" * 5


def a_source(**changes: Any) -> SourceOption:  # any field of a source
    base = SourceOption(
        repo_id="django-allauth",
        repo_url="https://github.com/pennersr/django-allauth",
        paths=("allauth/socialaccount", "allauth/account"),
        pinned_commit=COMMIT,
        license="MIT",
        decision=LicenseDecision.ALLOWED,
        status=SourceStatus.VERIFIED,
        is_whitelisted=True,
        verdict=SourceVerdict.CHOSEN,
        score=0.81,
        parts=(
            ScorePart("licence", 1.0, 0.25, "MIT is allowed and verified"),
            ScorePart("quality", 0.7, 0.3, "measured 0.7"),
        ),
        why="Best of one usable source.",
        duties=("Keep the copyright notice and the licence text with the copy.",),
    )
    return replace(base, **changes)


def an_excluded_source(**changes: Any) -> SourceOption:  # any field of a source
    return a_source(
        **{
            "repo_id": "lockbox",
            "repo_url": "https://github.com/example/lockbox",
            "paths": (),
            "license": "GPL-3.0-only",
            "decision": LicenseDecision.DENIED,
            "verdict": SourceVerdict.EXCLUDED,
            "score": 0.0,
            "parts": (),
            "why": "The licence GPL-3.0-only is denied.",
            "remedy": "Choose another source or change the policy.",
            "duties": (),
            **changes,
        }
    )


def a_feature(key: str = "social-login", **changes: Any) -> PlannedFeature:  # any field of a feature
    """New work unless it has a source."""
    base = PlannedFeature(
        key=key,
        quotes=(f"people want {key}",),
        slug=key,
        title=key.replace("-", " ").capitalize(),
        description=f"What {key} does.",
        category="",
        complexity=Complexity.MEDIUM,
        strength=Strength.MUST,
        origin=FeatureOrigin.NAMED,
        confidence=1.0,
        decision=FeatureDecision.REUSE if changes.get("source") else FeatureDecision.BUILD_NEW,
        reason="",
    )
    return replace(base, **changes)


def a_stack(backend: str = "django", frontend: str = "htmx", profile: str = "django_htmx_pg") -> StackChoice:
    slots = {"backend": backend, "db": "postgres", "frontend": frontend}
    return StackChoice(
        profile=profile,
        title="Django with HTMX",
        reason="It fits the project type saas.",
        is_pinned=False,
        score=0.9,
        parts=(ScorePart("project type", 1.0, 0.4, "made for saas"),),
        slots=tuple(SlotChoice(slot, value, f"{profile} has it") for slot, value in slots.items() if value),
        runners_up=(
            RunnerUp("fastapi_react_pg", "FastAPI with React", 0.7, (), ("Two builds instead of one.",)),
        ),
    )


def decisions(*features: PlannedFeature, **changes: Any) -> Decisions:  # any field of decisions
    base = Decisions(
        project_type=ProjectTypeChoice("saas", False, ("It was asked for.",)),
        stack=a_stack(),
        features=features,
        vetoes=(),
        questions=(),
        warnings=(),
    )
    return replace(base, **changes)


def a_snapshot(**changes: Any) -> Snapshot:  # any field of a snapshot
    base = Snapshot(
        catalog="starter",
        catalog_digest=DIGEST,
        policy="default",
        policy_digest=DIGEST,
        features={},
        stacks=(StackFacts("django_htmx_pg", "Django with HTMX", budget_multiplier=Decimal("0.9")),),
    )
    return replace(base, **changes)


def some_features() -> tuple[PlannedFeature, ...]:
    """One of each decision."""
    return (
        a_feature(
            "social-login",
            title="Social login",
            category="auth",
            source=a_source(),
            options=(a_source(), an_excluded_source()),
            constraints=("Google only",),
            places=(Place(line=3, section=("Shop", "Accounts")),),
        ),
        a_feature("subscriptions", category="payments", complexity=Complexity.HIGH),
        a_feature("again", decision=FeatureDecision.MERGED, merged_into="social-login"),
        a_feature("chat", decision=FeatureDecision.VETOED),
        a_feature(
            "search",
            decision=FeatureDecision.OPEN,
            origin=FeatureOrigin.MATCHED,
            confidence=0.4,
            strength=Strength.SHOULD,
            matches=(Match("full-text-search", "Full-text search", 0.4, evidence=("find",)),),
        ),
    )


def a_plan(
    features: Sequence[PlannedFeature] | None = None,
    *,
    title: str = "Shop",
    summary: str = "A shop.",
    parameters: Mapping[str, Any] | None = None,  # any JSON
    decided: Decisions | None = None,
    **changes: Any,  # any other field of a document
) -> PlanDocument:
    decided = decided or decisions(
        *(some_features() if features is None else features),
        vetoes=(PlannedVeto("no-chat", "no chat", ("chat",), "Chat is left out."),),
        questions=(
            Question(
                "which:search",
                QuestionKind.WHICH_FEATURE,
                "What is meant by search?",
                ("search",),
                (
                    Option("full-text-search", "Full-text search", "It is reused.", "full-text-search"),
                    Option("build-new", "Build it new", "It is built."),
                ),
                "full-text-search",
            ),
        ),
        warnings=(PlanWarning("unknown_feature", "There is no feature sarch.", ("search",)),),
    )
    request = PlanRequest(title=title, summary=summary)
    laid_out = lay_out(request, decided, a_snapshot())
    base = PlanDocument(
        title=title,
        summary=summary,
        mode=PlanMode.ZERO_INTERVENTION,
        inputs=Inputs(DIGEST, "starter", DIGEST, "default", DIGEST, DIGEST, "hybrid-1", "1"),
        project_type=decided.project_type,
        stack=decided.stack,
        constraints=("runs on one small server",),
        parameters=parameters or {},
        features=decided.features,
        vetoes=decided.vetoes,
        questions=decided.questions,
        leftovers=(Leftover("make it pop", "No feature is meant.", Place(line=9)),),
        warnings=decided.warnings,
        runs=laid_out.runs,
        budget=laid_out.budget,
    )
    return replace(base, **changes)
