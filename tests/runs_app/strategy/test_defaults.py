"""The v7 defaults (§6, §9, §10) as a decision."""

import pytest

from autopack.task_categories import HIGH_RISK
from runs_app.choices import CiProfile, Complexity, SafetyProfile
from runs_app.strategy import PhaseOutline, RunCaps, is_tier_clean, plan_strategy


def test_a_silent_request_gets_the_defaults_of_v7() -> None:
    strategy = plan_strategy([PhaseOutline("p1")], RunCaps())
    assert (strategy.token_cap, strategy.max_phases, strategy.max_duration_minutes) == (5_000_000, 25, 120)
    assert strategy.lease_seconds == 15 * 60
    (phase,) = strategy.phases
    assert (phase.max_builder_attempts, phase.max_auditor_attempts) == (3, 2)
    assert phase.ci_profile is CiProfile.NORMAL
    assert phase.complexity is Complexity.MEDIUM
    assert phase.auditor_profile == ""
    assert phase.incident_token_cap is None


@pytest.mark.parametrize("category", sorted(HIGH_RISK))
def test_a_high_risk_category_is_tested_strictly_and_names_its_auditor(category: str) -> None:
    (phase,) = plan_strategy([PhaseOutline("p1", task_category=category)], RunCaps()).phases
    assert phase.ci_profile is CiProfile.STRICT
    assert phase.complexity is Complexity.HIGH
    assert phase.auditor_profile


def test_all_categories_of_v7_are_known() -> None:
    assert set(HIGH_RISK) == {
        "cross_cutting_refactor",
        "index_registry_maintenance",
        "schema_change",
        "bulk_operation",
        "security_auth",
        "external_feature_reuse",
        "external_code_intake",
    }


def test_an_unknown_category_carries_no_rule() -> None:
    (phase,) = plan_strategy([PhaseOutline("p1", task_category="gardening")], RunCaps()).phases
    assert (phase.ci_profile, phase.complexity) == (CiProfile.NORMAL, Complexity.MEDIUM)


def test_what_the_request_says_wins_even_when_it_is_zero() -> None:
    outline = PhaseOutline(
        "p1",
        task_category="schema_change",
        complexity="low",
        ci_profile="normal",
        max_builder_attempts=1,
        max_auditor_attempts=0,
        incident_token_cap=7,
    )
    caps = RunCaps(
        token_cap=1, max_phases=2, max_duration_minutes=3, lease_seconds=5, verdict_timeout_seconds=6
    )
    strategy = plan_strategy([outline], caps)
    assert (strategy.token_cap, strategy.max_phases, strategy.max_duration_minutes) == (1, 2, 3)
    assert (strategy.lease_seconds, strategy.verdict_timeout_seconds) == (5, 6)
    (phase,) = strategy.phases
    assert (phase.complexity, phase.ci_profile) == (Complexity.LOW, CiProfile.NORMAL)
    assert (phase.max_builder_attempts, phase.max_auditor_attempts, phase.incident_token_cap) == (1, 0, 7)


def test_the_same_request_gives_the_same_strategy_in_the_same_order() -> None:
    outlines = [PhaseOutline(f"p{n}", task_category="bulk_operation") for n in range(30)]
    first = plan_strategy(outlines, RunCaps())
    assert first == plan_strategy(list(outlines), RunCaps())
    assert [phase.phase_id for phase in first.phases] == [outline.phase_id for outline in outlines]


@pytest.mark.parametrize(
    ("profile", "minor_issues", "major_issues", "is_clean"),
    [
        (SafetyProfile.NORMAL, 0, 1, False),
        (SafetyProfile.NORMAL, 7, 0, False),
        (SafetyProfile.NORMAL, 6, 0, True),
        (SafetyProfile.SAFETY_CRITICAL, 4, 0, False),
        (SafetyProfile.SAFETY_CRITICAL, 3, 0, True),
    ],
)
def test_a_tier_of_three_phases_tolerates_what_its_safety_profile_allows(
    profile: SafetyProfile, minor_issues: int, major_issues: int, is_clean: bool
) -> None:
    found = is_tier_clean(profile, phases=3, minor_issues=minor_issues, major_issues=major_issues)
    assert found is is_clean
