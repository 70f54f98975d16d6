"""Decisions as phases, tiers and runs."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_app.briefing.types import Place
from catalog_app.choices import CiProfile, Complexity, FeatureDecision, FeatureOrigin, SourceVerdict, Strength
from catalog_app.planning.document import as_json
from catalog_app.planning.laying import LaidOut, lay_out
from catalog_app.planning.request import GivenPhase, PlanRequest
from catalog_app.planning.snapshot import ReuseRecord, StackFacts
from catalog_app.planning.splitting import MAX_PHASES, MAX_TOKENS
from catalog_app.planning.tiers import CATEGORY_TIERS
from catalog_app.planning.types import PlannedFeature, PlannedPhase
from tests.support.plans import COMMIT, a_feature, a_snapshot, a_source, a_stack, decisions

LEGAL_ID = re.compile(r"(?!.*\.\.)(?!.*(?:\.|\.lock)$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def lay(*features: PlannedFeature, request: PlanRequest | None = None, **changes: Any) -> LaidOut:
    return lay_out(request or PlanRequest(title="Shop"), decisions(*features, **changes), a_snapshot())


def phases_of(laid_out: LaidOut) -> list[PlannedPhase]:
    return [phase for run in laid_out.runs for phase in run.phases]


def by_id(laid_out: LaidOut) -> dict[str, PlannedPhase]:
    return {phase.phase_id: phase for phase in phases_of(laid_out)}


def assert_sound(laid_out: LaidOut, features: Sequence[PlannedFeature]) -> None:
    phases = phases_of(laid_out)
    ids = [phase.phase_id for phase in phases]
    assert len(set(ids)) == len(ids)
    assert [phase.phase_index for phase in phases] == list(range(len(phases)))
    for index, phase in enumerate(phases):
        assert LEGAL_ID.fullmatch(phase.phase_id)
        assert 0 < len(phase.name) <= 200
        assert set(phase.depends_on) <= set(ids[:index])
        assert phase.incident_token_cap > 0
    planned = {each.key for each in features if each.decision in FeatureDecision.planned()}
    assert {key for phase in phases for key in phase.features} == planned
    for number, run in enumerate(laid_out.runs, 1):
        assert run.number == number
        assert 1 <= len(run.phases) <= MAX_PHASES
        assert [tier.tier_id for tier in run.tiers] == list(dict.fromkeys(p.tier_id for p in run.phases))
        assert [tier.tier_index for tier in run.tiers] == sorted({tier.tier_index for tier in run.tiers})
        assert 0 < run.token_cap <= MAX_TOKENS
        assert run.max_duration_minutes > 0
        assert len(run.title) <= 200


def test_nothing_to_build_makes_no_run() -> None:
    laid_out = lay(a_feature("chat", decision=FeatureDecision.VETOED))

    assert laid_out.runs == ()
    assert laid_out.budget.tokens == 0


def test_vetoed_and_merged_features_have_no_phase() -> None:
    laid_out = lay(
        a_feature("chat", decision=FeatureDecision.VETOED),
        a_feature("again", decision=FeatureDecision.MERGED, merged_into="shop"),
        a_feature("shop"),
    )

    assert {key for phase in phases_of(laid_out) for key in phase.features} == {"shop"}


def test_a_declared_source_is_planned_and_blocked_until_it_is_verified() -> None:
    source = a_source(verdict=SourceVerdict.BLOCKED, remedy="Scan it.", pinned_commit="")
    phase = by_id(lay(a_feature("login", category="auth", source=source)))["reuse-login"]

    assert phase.blocked == "django-allauth allauth/socialaccount allauth/account: Scan it."


def test_reuse_says_what_is_taken_from_where_and_what_is_owed() -> None:
    feature = a_feature(
        "login",
        title="Social login",
        category="auth",
        source=a_source(notes="Needs a site id."),
        constraints=("Google only",),
        quotes=("sign in with Google",),
    )

    phase = by_id(lay(feature))["reuse-login"]

    assert phase.name == "Reuse Social login from django-allauth"
    assert (phase.task_category, phase.complexity, phase.ci_profile) == (
        "external_feature_reuse",
        Complexity.HIGH,
        CiProfile.STRICT,
    )
    for said in (COMMIT, "`allauth/socialaccount`", "MIT", "THIRD_PARTY_NOTICES.md", "Needs a site id."):
        assert said in phase.description
    assert "“sign in with Google”" in phase.description
    assert any("Google only" in text for text in phase.acceptance_criteria)
    assert any("wrong or reused state" in text for text in phase.acceptance_criteria)
    assert 3 <= len(phase.acceptance_criteria) <= 6
    assert "/THIRD_PARTY_NOTICES.md" in phase.allowed_paths
    assert phase.spec["source_repo_id"] == "django-allauth"
    assert phase.spec["source_path"] == "allauth/socialaccount"
    assert phase.spec["source_paths"] == ["allauth/socialaccount", "allauth/account"]
    assert phase.spec["pinned_commit"] == COMMIT
    assert phase.spec["license"] == "MIT"
    assert phase.spec["compatibility_hints"] == {
        "stack": "django_htmx_pg",
        "slots": {"backend": "django", "db": "postgres", "frontend": "htmx"},
        "place": "apps/login/",
        "is_service": False,
        "notes": "Needs a site id.",
    }
    assert phase.spec["attribution"] == {
        "file": "THIRD_PARTY_NOTICES.md",
        "repository": "https://github.com/pennersr/django-allauth",
        "commit": COMMIT,
        "license": "MIT",
        "duties": ["Keep the copyright notice and the licence text with the copy."],
    }


def test_what_runs_by_itself_is_run_beside_the_application() -> None:
    feature = a_feature("vault", category="security", tags=("standalone-service",), source=a_source(paths=()))

    phase = by_id(lay(feature))["reuse-vault"]

    assert "None of its code is copied." in phase.description
    assert "/compose.yaml" in phase.allowed_paths
    assert phase.spec["compatibility_hints"]["is_service"] is True  # type: ignore[call-overload, index]


def test_a_new_feature_with_tables_gets_them_before_it_is_built() -> None:
    laid_out = lay(
        a_feature("orders", category="commerce", complexity=Complexity.HIGH, requires=("catalogue",)),
        a_feature("catalogue", category="commerce", constraints=("a", "b", "c")),
        a_feature("coupons", category="commerce"),
        a_feature("charts", category="api"),
    )
    phases = by_id(laid_out)

    tables, shared = phases["tables-orders"], phases["tables-catalogue"]
    assert (tables.task_category, tables.builder_mode) == ("schema_change", "schema_heavy")
    assert tables.features == ("orders",)
    assert shared.features == ("catalogue", "coupons")
    assert tables.depends_on == ("tables-catalogue",)
    assert phases["build-orders"].depends_on == ("tables-orders", "build-catalogue")
    assert phases["build-orders"].task_category == "feature_scaffolding"
    assert "!/apps/*/migrations/" in phases["build-orders"].allowed_paths
    assert "tables-charts" not in phases
    assert phases["build-charts"].depends_on == ("database",)
    assert "These conditions hold too: c" in phases["build-catalogue"].acceptance_criteria


def test_sign_in_is_built_as_security_work_with_its_own_tables() -> None:
    phase = by_id(lay(a_feature("password-auth", title="Passwords", category="auth")))["build-password-auth"]

    assert (phase.task_category, phase.ci_profile) == ("security_auth", CiProfile.STRICT)
    assert "/apps/*/migrations/" in phase.allowed_paths
    assert any("attempts are limited" in text for text in phase.acceptance_criteria)


def test_small_features_of_a_kind_share_a_phase_and_keep_their_own_criteria() -> None:
    small = [a_feature(f"page-{index}", category="api", complexity=Complexity.LOW) for index in range(4)]
    open_one = a_feature("page-x", category="api", complexity=Complexity.LOW, decision=FeatureDecision.OPEN)
    later = a_feature("page-y", category="api", complexity=Complexity.LOW, strength=Strength.SHOULD)
    phases = by_id(lay(*small, open_one, later))

    shared = phases["build-page-0"]
    assert shared.features == ("page-0", "page-1", "page-2")
    assert shared.complexity is Complexity.MEDIUM
    for title in ("Page 0", "Page 1", "Page 2"):
        assert any(text.startswith(f"{title} works") for text in shared.acceptance_criteria)
    assert phases["build-page-3"].features == ("page-3",)
    assert "Provisional" in phases["build-page-x"].description
    assert phases["build-page-y"].name == "Build Page y (should have)"
    assert "can go live without it" in phases["build-page-y"].description


def test_a_shared_phase_never_comes_before_what_one_of_its_features_needs() -> None:
    phases = by_id(
        lay(
            a_feature("a", category="api", complexity=Complexity.LOW),
            a_feature("middle", category="api", requires=("a",)),
            a_feature("b", category="api", complexity=Complexity.LOW, requires=("middle",)),
        )
    )

    assert phases["build-a"].features == ("a",)
    assert phases["build-b"].depends_on == ("build-middle",)


def test_the_whole_application_is_begun_tried_hardened_and_described() -> None:
    features = [a_feature(f"f{index}", category="accounts") for index in range(13)]
    required = a_feature("hidden", category="accounts", origin=FeatureOrigin.REQUIRED, required_by=("f0",))
    laid_out = lay(*features, required)
    phases = by_id(laid_out)

    assert phases_of(laid_out)[0].phase_id == "skeleton"
    assert phases["database"].depends_on == ("skeleton",)
    assert phases["end-to-end"].features == tuple(f"f{index}" for index in range(6))
    assert phases["end-to-end-2"].features == tuple(f"f{index}" for index in range(6, 13))
    assert set(phases["security-pass"].depends_on) >= {"end-to-end", "end-to-end-2", "build-hidden"}
    assert phases["docs"].depends_on == ("security-pass",)
    assert "It is here because F0 cannot do without it." in phases["build-hidden"].description


def test_without_a_database_nothing_connects_to_one() -> None:
    laid_out = lay(a_feature("charts", category="api"), stack=a_stack("go", "", profile=""))

    phases = by_id(lay(a_feature("charts", category="api"), stack=replace(a_stack(), slots=(), profile="")))

    assert "database" in by_id(laid_out)
    assert "database" not in phases
    assert phases["build-charts"].depends_on == ("skeleton",)


def test_given_phases_come_first_as_they_are_and_make_a_skeleton_needless() -> None:
    given_phases = (
        GivenPhase("P 1", "core", "First", "As it was.", "feature_scaffolding", Complexity.LOW, "compose"),
        GivenPhase("P2", "auth", "Login", task_category="security_auth", allowed_paths=("/x/",)),
        GivenPhase("P2", "core", "", ci_profile="strict", spec={"kept": [1]}),
    )
    laid_out = lay(
        a_feature("stripe", category="payments", source=a_source()),
        a_feature("shop", category="commerce"),
        request=PlanRequest(title="Shop", given=given_phases),
    )
    phases = phases_of(laid_out)

    assert [phase.phase_id for phase in phases[:3]] == ["P-1", "P2", "P2-2"]
    assert [(tier.tier_id, tier.name) for tier in laid_out.runs[0].tiers[:2]] == [
        ("core-2", "core"),
        ("auth", "auth"),
    ]
    assert phases[0].description == "As it was."
    assert (phases[0].builder_mode, phases[0].ci_profile) == ("compose", CiProfile.NORMAL)
    assert (phases[1].name, phases[1].spec, phases[1].ci_profile) == ("P2", {"kept": [1]}, CiProfile.STRICT)
    assert (phases[2].phase_id, phases[2].allowed_paths) == ("P2-2", ("/x/",))
    assert phases[2].ci_profile is CiProfile.STRICT
    assert "skeleton" not in by_id(laid_out)
    assert by_id(laid_out)["reuse-stripe"].depends_on == ("P2-2",)


@pytest.mark.parametrize(
    ("said", "phase_id"),
    [
        ("v1..2", "v1.2"),
        ("...", "phase"),
        ("node.lock", "node"),
        ("node.lock.lock..", "node"),
        ("end.", "end"),
        ("x" * 89 + ".js", "x" * 89),
        (".lock", "lock"),
        ("a.b-c_d.locks", "a.b-c_d.locks"),
    ],
)
def test_ids_that_git_would_not_take_are_changed(said: str, phase_id: str) -> None:
    laid_out = lay(request=PlanRequest(title="Shop", given=(GivenPhase(said, said, "A phase"),)))

    assert phases_of(laid_out)[0].phase_id == phase_id
    assert laid_out.runs[0].tiers[0].tier_id == phase_id
    assert_sound(laid_out, ())


def test_long_plans_are_split_at_the_ends_of_tiers() -> None:
    accounts = [a_feature(f"a{index}", category="accounts", source=a_source()) for index in range(12)]
    core = [a_feature(f"c{index}", category="api", source=a_source()) for index in range(30)]
    laid_out = lay(*accounts, *core)

    assert [len(run.phases) for run in laid_out.runs] == [14, 25, 11]
    assert [run.title for run in laid_out.runs] == [
        "Shop, part 1 of 3: Foundation to Accounts and security",
        "Shop, part 2 of 3: Core features",
        "Shop, part 3 of 3: Core features to Quality",
    ]
    assert_sound(laid_out, (*accounts, *core))


def test_a_run_is_not_planned_to_take_more_than_it_may() -> None:
    huge = StackFacts("django_htmx_pg", "Django with HTMX", budget_multiplier=Decimal(20))
    features = [a_feature(f"f{index}", complexity=Complexity.HIGH) for index in range(3)]

    laid_out = lay_out(PlanRequest(), decisions(*features), a_snapshot(stacks=(huge,)))

    assert len(laid_out.runs) > 3
    assert all(run.token_cap <= MAX_TOKENS for run in laid_out.runs)


def test_the_budget_compares_reuse_with_new_work_and_says_what_it_rests_on() -> None:
    source = a_source()
    features = [
        a_feature("login", category="auth", complexity=Complexity.HIGH, source=source),
        a_feature("shop", category="commerce"),
    ]
    record = ReuseRecord(tried=3, completed=2)
    snapshot = a_snapshot(outcomes={("login", source.repo_id, source.paths): record})

    untried = lay(*features).budget
    tried = lay_out(PlanRequest(title="Shop"), decisions(*features), snapshot).budget

    assert untried.tokens == untried.tokens_reuse + untried.tokens_new
    assert untried.tokens_reuse == 108_000
    assert untried.tokens_if_all_new - untried.tokens == 140_000
    assert tried.tokens_reuse == 135_000
    assert tried.minutes > untried.minutes
    assert "Reuse saves about 140,000 tokens against building everything new." in untried.basis
    assert "The stack django_htmx_pg multiplies tokens by 0.9." in untried.basis
    assert any("No outcomes" in text for text in untried.basis)
    assert "Earlier reuse of the chosen sources: Login: 2 of 3 completed, counted 1.25 times." in tried.basis
    small = lay(a_feature("tiny", category="api", complexity=Complexity.LOW, source=source)).budget
    assert any(text.startswith("Reuse costs about") for text in small.basis)


TEXTS = st.text(max_size=30)
FEATURES: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        dict,
        slug=st.sampled_from(["", "x", "y", "z", "password-auth", "a" * 100]),
        title=TEXTS,
        description=TEXTS,
        quotes=st.lists(TEXTS, max_size=3).map(tuple),
        constraints=st.lists(TEXTS, max_size=4).map(tuple),
        category=st.sampled_from([*CATEGORY_TIERS, "", "unheard"]),
        complexity=st.sampled_from(list(Complexity)),
        strength=st.sampled_from(list(Strength)),
        decision=st.sampled_from(list(FeatureDecision)),
        requires=st.lists(st.sampled_from(["x", "y", "z", "password-auth"]), max_size=2).map(tuple),
        tags=st.lists(st.sampled_from(["standalone-service", "ci", "gpu"]), max_size=1).map(tuple),
        source=st.none() | st.builds(a_source, repo_id=TEXTS, verdict=st.sampled_from(list(SourceVerdict))),
    ),
    max_size=12,
)


@given(FEATURES, st.sampled_from(["django", "rails", ""]), st.integers())
@settings(max_examples=60, deadline=None)
def test_whatever_was_decided_the_plan_is_sound_and_the_same_again(
    described: list[dict[str, Any]], backend: str, seed: int
) -> None:
    features = [
        replace(a_feature(), key=f"requires:k{index}", **each) for index, each in enumerate(described)
    ]
    decided = decisions(*features, stack=a_stack(backend, ""))
    request = PlanRequest(title="T\n" * 80)

    laid_out = lay_out(request, decided, a_snapshot())

    assert_sound(laid_out, features)
    for phase in phases_of(laid_out):
        assert phase.acceptance_criteria
        assert phase.allowed_paths
    random.seed(seed)
    assert as_json(lay_out(request, decided, a_snapshot()).runs) == as_json(laid_out.runs)


@pytest.mark.slow
def test_five_thousand_features_are_laid_out_soundly() -> None:
    features = [
        a_feature(
            f"f{index}",
            category=list(CATEGORY_TIERS)[index % len(CATEGORY_TIERS)],
            complexity=list(Complexity)[index % 3],
            requires=(f"f{(index * 7) % 5000}",),
            source=a_source() if index % 2 else None,
        )
        for index in range(5000)
    ]

    assert_sound(lay(*features), features)


@pytest.mark.parametrize("field", ["quotes", "constraints"])
def test_long_texts_are_shortened_in_phases(field: str) -> None:
    feature = a_feature("shop", slug="", title="x" * 5000, **{field: ("y" * 100_000,) * 3})

    for phase in phases_of(lay(feature)):
        assert len(phase.name) <= 200
        assert len(phase.description) < 4000
        assert sum(map(len, phase.acceptance_criteria)) < 4000


def test_what_only_the_brief_knows_is_built_with_the_heading_it_stands_under() -> None:
    place = Place(line=43, section=("Foreman", "Scope", "Patches"))
    said = a_feature(
        "apply-it", slug="", title="Apply it on a branch.", quotes=("Apply it on a branch.",), places=(place,)
    )
    phase = by_id(lay(said))["build-apply-it"]
    assert phase.name == "Build “Apply it on a branch”"
    assert "In the brief it stands under “Patches” (line 43)." in phase.description
