"""What one plan has otherwise than another."""

import json
from dataclasses import replace
from typing import Any

import pytest

from catalog_app.choices import FeatureDecision, PlanMode, Strength
from catalog_app.planning.diff import Change, Item, MovedPhase, PlanDiff, describe, diff_documents
from catalog_app.planning.document import read_document, write_document
from catalog_app.planning.types import PlannedVeto, ProjectTypeChoice
from tests.support.plans import COMMIT, a_feature, a_plan, a_source, a_stack, decisions, some_features


def test_a_plan_has_nothing_otherwise_than_itself() -> None:
    diff = diff_documents(a_plan(), read_document(write_document(a_plan())))

    assert diff.is_empty
    assert describe(diff) == ()


def test_another_request_that_gives_the_same_is_no_change() -> None:
    plan = a_plan()
    inputs = replace(plan.inputs, request_digest="1" * 64)

    assert diff_documents(plan, replace(plan, inputs=inputs)).is_empty


def test_a_removed_feature_takes_its_phase_with_it() -> None:
    diff = diff_documents(a_plan(), a_plan(some_features()[1:]))

    assert diff.features_removed == (Item("social-login", "Social login"),)
    assert diff.phases_removed == (Item("reuse-social-login", "Reuse Social login from django-allauth"),)
    assert diff.features_added == diff.phases_added == ()
    assert "Feature removed: Social login." in describe(diff)
    assert "Phase removed: Reuse Social login from django-allauth." in describe(diff)
    assert any(each.startswith("Tokens: ") for each in describe(diff))


def test_an_added_feature_brings_its_phases() -> None:
    diff = diff_documents(a_plan(), a_plan([*some_features(), a_feature("orders", category="commerce")]))

    assert diff.features_added == (Item("orders", "Orders"),)
    assert {each.key for each in diff.phases_added} == {"tables-orders", "build-orders"}
    assert diff.features_changed == ()


def test_another_source_is_said_with_its_licence_and_commit() -> None:
    other = a_source(repo_id="authlib", paths=(), license="BSD-3-Clause", pinned_commit="9" * 40)
    before = a_plan([a_feature("login", category="auth", source=a_source())])
    after = a_plan([a_feature("login", category="auth", source=other, strength=Strength.SHOULD)])

    (changed,) = diff_documents(before, after).features_changed

    assert changed.changes == (
        Change("source", "django-allauth allauth/socialaccount allauth/account", "authlib"),
        Change("commit", COMMIT[:12], "9" * 12),
        Change("licence", "MIT", "BSD-3-Clause"),
        Change("strength", "must", "should"),
    )
    (phase,) = (each for each in diff_documents(before, after).phases_changed if each.key == "reuse-login")
    assert {"name", "description", "specification"} <= {change.name for change in phase.changes}


def test_what_was_reused_and_is_built_now_says_so() -> None:
    before = a_plan([a_feature("login", category="auth", source=a_source())])
    after = a_plan([a_feature("login", category="auth")])

    diff = diff_documents(before, after)

    assert Change("decision", "reuse", "build new") in diff.features_changed[0].changes
    assert (
        "Login: decision reuse → build new; source django-allauth allauth/socialaccount allauth/account → "
        f"nothing; commit {COMMIT[:12]} → nothing; licence MIT → nothing; source's state chosen → nothing."
    ) in describe(diff)


def test_a_feature_under_another_key_is_the_same_by_its_slug() -> None:
    before = a_plan([a_feature("login"), a_feature("shop")])
    after = a_plan([a_feature("sign-in", slug="login", title="Login"), a_feature("shop")])

    diff = diff_documents(before, after)

    assert diff.features_added == diff.features_removed == ()
    assert diff.features_changed == ()


def test_a_phase_that_moves_says_from_where_to_where() -> None:
    one, two = a_feature("one", category="commerce"), a_feature("two", category="commerce")
    api = a_feature("api", category="api")

    swapped = diff_documents(a_plan([api, one, two]), a_plan([api, two, one]))
    pulled = diff_documents(
        a_plan([api]), a_plan([api, a_feature("login", category="auth", requires=("api",))])
    )

    assert [each.key for each in swapped.phases_moved] == ["build-one"]
    assert pulled.phases_moved[0] == MovedPhase(
        "build-api", "Build Api", "Core features in run 1", "Accounts and security in run 1"
    )
    assert any(
        each.startswith("Phase moved: Build Api, from Core features in run 1 to") for each in describe(pulled)
    )


def test_phases_that_others_push_around_share_a_line() -> None:
    features = [a_feature(f"f{number}", category="commerce") for number in range(6)]

    turned = diff_documents(a_plan(features), a_plan(features[::-1]))

    assert len(turned.phases_moved) == 5
    assert all(each.is_shifted for each in turned.phases_moved)
    assert [each for each in describe(turned) if "moved" in each.split(":")[0].split()] == [
        "5 phases moved within their tier: Build F4, Build F3, Build F2 and 2 more."
    ]


def test_phases_in_which_the_same_is_changed_share_a_line() -> None:
    before = a_plan([a_feature(f"f{number}", category="commerce") for number in range(5)])
    (run,) = before.runs
    phases = tuple(
        replace(phase, builder_mode="careful") if phase.phase_id.startswith("build-f") else phase
        for phase in run.phases
    )
    after = replace(before, runs=(replace(run, phases=phases),))

    assert describe(diff_documents(before, after)) == (
        "5 phases changed: Build F0, Build F1, Build F2 and 2 more (builder mode).",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "Store"}, "Title: Shop → Store."),
        ({"summary": ""}, "Summary: A shop. → nothing."),
        ({"mode": PlanMode.DRAFT}, "Mode: Zero intervention → Draft."),
        ({"project_type": ProjectTypeChoice("web_app", False, ())}, "Project type: saas → web_app."),
        ({"constraints": ()}, "Conditions: runs on one small server → nothing."),
        ({"parameters": {"currency": "EUR"}}, "Parameter currency: now EUR."),
        ({"stack": a_stack("fastapi")}, "Backend: django → fastapi."),
        ({"questions": ()}, "No longer asked: What is meant by search?"),
        ({"vetoes": (PlannedVeto("x", "no teams", (), "Left out."),)}, "Now noted: no teams: Left out."),
        ({"warnings": ()}, "No longer noted: There is no feature sarch."),
        ({"leftovers": ()}, "No longer noted: make it pop: No feature is meant."),
        ({"inputs": replace(a_plan().inputs, catalog_digest="1" * 64)}, "Made from another catalog."),
    ],
)
def test_whatever_else_changes_is_said_in_words(change: dict[str, Any], said: str) -> None:
    diff = diff_documents(a_plan(), replace(a_plan(), **change))

    assert not diff.is_empty
    assert said in describe(diff)


def test_a_new_question_is_said() -> None:
    diff = diff_documents(replace(a_plan(), questions=()), a_plan())

    assert diff == PlanDiff(questions_opened=(Item("which:search", "What is meant by search?"),))
    assert describe(diff) == ("New question: What is meant by search?",)


def test_a_diff_is_json() -> None:
    decided = decisions(a_feature("chat", decision=FeatureDecision.VETOED))

    written = diff_documents(a_plan(decided=decided), a_plan()).as_json()

    assert isinstance(written, dict)
    assert json.loads(json.dumps(written)) == written
    assert written["features_removed"] == []
    assert written["features_added"] == [
        {"key": "social-login", "title": "Social login"},
        {"key": "subscriptions", "title": "Subscriptions"},
        {"key": "again", "title": "Again"},
        {"key": "search", "title": "Search"},
    ]
