"""Plans as values, for tests of what shows or keeps them: small, complete, and not made by the planner."""

from typing import Any

from catalog_app.choices import (
    CiProfile,
    Complexity,
    FeatureDecision,
    FeatureOrigin,
    LicenseDecision,
    PlanMode,
    SourceStatus,
    SourceVerdict,
    Strength,
)
from catalog_app.planning.types import (
    Budget,
    Inputs,
    PlanDocument,
    PlannedFeature,
    PlannedPhase,
    PlannedRun,
    PlannedTier,
    ProjectTypeChoice,
    SlotChoice,
    SourceOption,
    StackChoice,
)


def make_option(repo_id: str = "auth-kit", **fields: Any) -> SourceOption:
    """Any: fields of an option."""
    given: dict[str, Any] = {
        "repo_id": repo_id,
        "repo_url": f"https://example.org/{repo_id}",
        "paths": ("src",),
        "pinned_commit": "c" * 40,
        "license": "MIT",
        "decision": LicenseDecision.ALLOWED,
        "status": SourceStatus.VERIFIED,
        "is_whitelisted": True,
        "verdict": SourceVerdict.CHOSEN,
        "score": 0.9,
        "parts": (),
        "why": "The best one.",
    }
    return SourceOption(**given | fields)


def make_feature(key: str = "login", **fields: Any) -> PlannedFeature:
    """Reused if it has a `source`, else built new. Any: fields of a feature."""
    source = fields.get("source")
    given: dict[str, Any] = {
        "key": key,
        "quotes": (f"a {key}",),
        "slug": key,
        "title": key.replace("-", " ").capitalize(),
        "description": "",
        "category": "auth",
        "complexity": Complexity.MEDIUM,
        "strength": Strength.MUST,
        "origin": FeatureOrigin.NAMED,
        "confidence": 1.0,
        "decision": FeatureDecision.REUSE if source else FeatureDecision.BUILD_NEW,
        "reason": "It is asked for.",
        "options": (source,) if source else (),
    }
    return PlannedFeature(**given | fields)


def make_phase(phase_id: str = "login", **fields: Any) -> PlannedPhase:
    """Any: fields of a phase."""
    given: dict[str, Any] = {
        "phase_id": phase_id,
        "phase_index": 0,
        "tier_id": "foundation",
        "name": phase_id.replace("-", " ").capitalize(),
        "description": "What is to be done.",
        "task_category": "feature_scaffolding",
        "complexity": Complexity.MEDIUM,
        "builder_mode": "",
        "ci_profile": CiProfile.NORMAL,
        "acceptance_criteria": ("It works.",),
        "allowed_paths": ("app/",),
        "depends_on": (),
        "incident_token_cap": 100_000,
        "features": ("login",),
    }
    return PlannedPhase(**given | fields)


def make_document(*features: PlannedFeature, **fields: Any) -> PlanDocument:
    """One run with a phase for each feature. Any: fields of a plan."""
    phases = tuple(
        make_phase(feature.key, phase_index=index, features=(feature.key,))
        for index, feature in enumerate(features)
    )
    tier = PlannedTier("foundation", 0, "Foundation", "What everything else stands on.")
    given: dict[str, Any] = {
        "title": "Shop",
        "summary": "",
        "mode": PlanMode.ZERO_INTERVENTION,
        "inputs": Inputs("1" * 64, "main", "2" * 64, "default", "3" * 64, "", "", "1"),
        "project_type": ProjectTypeChoice("web_app", is_proposed=False, reasons=("It was said.",)),
        "stack": StackChoice(
            "web",
            "Web shop",
            "It fits.",
            is_pinned=False,
            score=0.8,
            parts=(),
            slots=(SlotChoice("db", "postgres", "It is the profile's."),),
        ),
        "constraints": (),
        "parameters": {},
        "features": features,
        "vetoes": (),
        "questions": (),
        "leftovers": (),
        "warnings": (),
        "runs": (PlannedRun(1, "All of it", (tier,), phases, 1_000_000, 60),) if phases else (),
        "budget": Budget(500_000, 100_000, 400_000, 900_000, 45, 6, ("Earlier runs.",)),
    }
    return PlanDocument(**given | fields)
