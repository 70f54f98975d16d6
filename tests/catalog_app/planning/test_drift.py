from dataclasses import replace

from catalog_app.choices import (
    Complexity,
    DriftKind,
    FeatureDecision,
    FeatureOrigin,
    LicenseDecision,
    SourceStatus,
    SourceVerdict,
    Strength,
)
from catalog_app.planning.drift import CatalogChange, find_drift
from catalog_app.planning.planner import make_plan
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Snapshot
from catalog_app.planning.types import PlanDocument, PlannedFeature, SlotChoice, SourceOption, StackChoice

EMPTY = make_plan(PlanRequest(), Snapshot("main", "1", "default", "2", {}, ()), {})
STACK = StackChoice("web", "Web", "", False, 1.0, (), (SlotChoice("db", "postgres", ""),))
OLD = SourceOption(
    repo_id="auth-kit",
    repo_url="https://github.com/example/auth-kit",
    paths=("src",),
    pinned_commit="a" * 40,
    license="MIT",
    decision=LicenseDecision.ALLOWED,
    status=SourceStatus.VERIFIED,
    is_whitelisted=True,
    verdict=SourceVerdict.CHOSEN,
    score=0.7,
    parts=(),
    why="Best score.",
)
OTHER = replace(OLD, repo_id="other-kit", score=0.9)


def feature(*options: SourceOption, **said: object) -> PlannedFeature:
    """One with these sources, of which the first is taken."""
    planned = PlannedFeature(
        key="sign-in",
        quotes=("Users sign in",),
        slug="login",
        title="Login",
        description="",
        category="auth",
        complexity=Complexity.MEDIUM,
        strength=Strength.MUST,
        origin=FeatureOrigin.NAMED,
        confidence=1.0,
        decision=FeatureDecision.REUSE if options else FeatureDecision.BUILD_NEW,
        reason="",
        source=options[0] if options else None,
        options=options,
    )
    return replace(planned, **said)  # type: ignore[arg-type]  # whatever a test says


def plan(*features: PlannedFeature, stack: StackChoice = STACK) -> PlanDocument:
    return replace(EMPTY, features=features, stack=stack)


def drift(
    before: PlanDocument, now: PlanDocument, slugs: tuple[str, ...] = ("login",)
) -> tuple[CatalogChange, ...]:
    return find_drift(before, now, slugs=slugs, stacks=("web", "api"))


def kinds(before: PlanDocument, now: PlanDocument) -> list[DriftKind]:
    return [change.kind for change in drift(before, now)]


def test_the_same_catalog_has_not_drifted() -> None:
    assert drift(plan(feature(OLD)), plan(feature(OLD))) == ()


def test_a_source_that_was_pinned_anew_says_both_commits() -> None:
    (change,) = drift(plan(feature(OLD)), plan(feature(replace(OLD, pinned_commit="b" * 40))))
    assert (change.kind, change.before, change.after) == (DriftKind.SOURCE_REPINNED, "a" * 40, "b" * 40)
    assert (change.key, change.slug, change.source) == ("sign-in", "login", "auth-kit src")
    assert change.text == "Login: auth-kit src is pinned to bbbbbbbbbbbb now, not to aaaaaaaaaaaa."


def test_a_licence_that_is_denied_now_is_said_with_what_is_taken_instead() -> None:
    denied = replace(
        OLD,
        license="GPL-3.0-only",
        decision=LicenseDecision.DENIED,
        verdict=SourceVerdict.EXCLUDED,
        why="GPL-3.0-only is denied by policy default.",
    )
    license_change, unusable = drift(plan(feature(OLD)), plan(feature(OTHER, denied)))
    assert license_change.kind is DriftKind.LICENSE_CHANGED
    assert (license_change.before, license_change.after) == ("MIT (allowed)", "GPL-3.0-only (denied)")
    assert unusable.kind is DriftKind.SOURCE_UNUSABLE
    assert unusable.text == (
        "Login: auth-kit src may not be reused any more: GPL-3.0-only is denied by policy default. "
        "other-kit src is taken instead."
    )


def test_a_source_that_has_gone_leaves_new_work() -> None:
    (change,) = drift(plan(feature(OLD)), plan(feature()))
    assert change.kind is DriftKind.SOURCE_GONE
    assert change.text == "Login: the catalog has no source auth-kit src any more. It is to be built new."


def test_a_better_source_is_named_with_both_scores() -> None:
    still = replace(OLD, verdict=SourceVerdict.USABLE, score=0.65)
    (change,) = drift(plan(feature(OLD)), plan(feature(OTHER, still)))
    assert (change.kind, change.source) == (DriftKind.BETTER_SOURCE, "other-kit src")
    assert change.text == "Login: other-kit src scores 0.90 now, auth-kit src 0.65."


def test_what_was_to_be_built_can_be_reused() -> None:
    (change,) = drift(plan(feature()), plan(feature(OTHER)))
    assert (change.kind, change.source) == (DriftKind.BETTER_SOURCE, "other-kit src")


def test_a_blocked_source_may_be_verified_and_a_verified_one_stale() -> None:
    blocked = replace(OLD, verdict=SourceVerdict.BLOCKED, status=SourceStatus.DECLARED)
    assert kinds(plan(feature(blocked)), plan(feature(OLD))) == [DriftKind.SOURCE_USABLE]
    stale = replace(blocked, status=SourceStatus.STALE)
    assert kinds(plan(feature(OLD)), plan(feature(stale))) == [DriftKind.SOURCE_UNUSABLE]
    assert kinds(plan(feature(blocked)), plan(feature(blocked))) == []


def test_features_may_be_retired_or_mean_something_else() -> None:
    (gone,) = drift(plan(feature(OLD)), plan(feature(slug="")), slugs=("other",))
    assert (gone.kind, gone.before) == (DriftKind.FEATURE_GONE, "login")
    assert kinds(plan(feature(OLD)), plan(feature(OTHER, slug="sso"))) == [DriftKind.FEATURE_CHANGED]
    required = feature(OLD, key="requires:login", required_by=("teams",))
    assert kinds(plan(required), plan()) == [DriftKind.FEATURE_CHANGED]


def test_stacks_may_be_retired_or_changed() -> None:
    api = replace(STACK, profile="api", title="API")
    gone = replace(STACK, profile="desk", title="Desk")
    assert kinds(plan(stack=gone), plan(stack=api)) == [DriftKind.STACK_GONE]
    assert kinds(plan(stack=STACK), plan(stack=api)) == [DriftKind.STACK_CHANGED]
    other_db = replace(STACK, slots=(SlotChoice("db", "sqlite", ""),))
    (change,) = drift(plan(), plan(stack=other_db))
    assert change.text == "The db of the stack Web was postgres, and is sqlite."


def test_another_planner_is_said() -> None:
    newer = replace(EMPTY, inputs=replace(EMPTY.inputs, planner="2"))
    assert kinds(EMPTY, newer) == [DriftKind.PLANNER_CHANGED]
