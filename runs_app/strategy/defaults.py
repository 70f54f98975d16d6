"""The v7 defaults (§6, §9, §10) as a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from autopack.task_categories import HIGH_RISK
from runs_app.choices import CiProfile, Complexity, SafetyProfile

TOKEN_CAP = 5_000_000
MAX_PHASES = 25
MAX_DURATION_MINUTES = 120
MAX_BUILDER_ATTEMPTS = 3
MAX_AUDITOR_ATTEMPTS = 2
LEASE_SECONDS = 15 * 60
VERDICT_TIMEOUT_SECONDS = 30 * 60

MINORS_TOLERATED_PER_PHASE: dict[SafetyProfile, int] = {
    SafetyProfile.NORMAL: 2,
    SafetyProfile.SAFETY_CRITICAL: 1,
}
"""v7 §9: a tier is clean with this many minor issues for each of its phases, and no major one."""


@dataclass(frozen=True, slots=True)
class PhaseOutline:
    """What the request says about a phase. Empty strings and None where it is silent."""

    phase_id: str
    task_category: str = ""
    complexity: str = ""
    ci_profile: str = ""
    max_builder_attempts: int | None = None
    max_auditor_attempts: int | None = None
    incident_token_cap: int | None = None


@dataclass(frozen=True, slots=True)
class RunCaps:
    """Caps that the request asks for; None means the default."""

    token_cap: int | None = None
    max_phases: int | None = None
    max_duration_minutes: int | None = None
    lease_seconds: int | None = None
    verdict_timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class PhaseStrategy:
    phase_id: str
    complexity: Complexity
    ci_profile: CiProfile
    auditor_profile: str
    max_builder_attempts: int
    max_auditor_attempts: int
    incident_token_cap: int | None


@dataclass(frozen=True, slots=True)
class RunStrategy:
    token_cap: int
    max_phases: int
    max_duration_minutes: int
    lease_seconds: int
    verdict_timeout_seconds: int
    phases: tuple[PhaseStrategy, ...]


def plan_strategy(outlines: Sequence[PhaseOutline], caps: RunCaps) -> RunStrategy:
    """Decide once, at RUN_CREATED. The same request always gives the same strategy."""
    return RunStrategy(
        token_cap=_given(caps.token_cap, TOKEN_CAP),
        max_phases=_given(caps.max_phases, MAX_PHASES),
        max_duration_minutes=_given(caps.max_duration_minutes, MAX_DURATION_MINUTES),
        lease_seconds=_given(caps.lease_seconds, LEASE_SECONDS),
        verdict_timeout_seconds=_given(caps.verdict_timeout_seconds, VERDICT_TIMEOUT_SECONDS),
        phases=tuple(_plan_phase(outline) for outline in outlines),
    )


def is_tier_clean(profile: SafetyProfile, *, phases: int, minor_issues: int, major_issues: int) -> bool:
    """Whether distinct, unexpected issues leave a tier clean (v7 §9)."""
    return major_issues == 0 and minor_issues <= MINORS_TOLERATED_PER_PHASE[profile] * phases


def _plan_phase(outline: PhaseOutline) -> PhaseStrategy:
    is_high_risk = outline.task_category in HIGH_RISK
    default_profile = CiProfile.STRICT if is_high_risk else CiProfile.NORMAL
    default_complexity = Complexity.HIGH if is_high_risk else Complexity.MEDIUM
    return PhaseStrategy(
        phase_id=outline.phase_id,
        complexity=Complexity(outline.complexity or default_complexity),
        ci_profile=CiProfile(outline.ci_profile or default_profile),
        auditor_profile=HIGH_RISK.get(outline.task_category, ""),
        max_builder_attempts=_given(outline.max_builder_attempts, MAX_BUILDER_ATTEMPTS),
        max_auditor_attempts=_given(outline.max_auditor_attempts, MAX_AUDITOR_ATTEMPTS),
        incident_token_cap=outline.incident_token_cap,
    )


def _given(value: int | None, default: int) -> int:
    return default if value is None else value
