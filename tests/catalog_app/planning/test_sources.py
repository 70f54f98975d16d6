from dataclasses import replace
from decimal import Decimal

import pytest

from catalog_app.briefing.types import Pin
from catalog_app.choices import (
    FeatureDecision,
    LicenseDecision,
    Ownership,
    PlanMode,
    SourceStatus,
    SourceVerdict,
)
from catalog_app.planning.snapshot import FeatureFacts, ReuseRecord, SourceFacts, StackFacts
from catalog_app.planning.sources import SourceChoice, choose_source
from tests.catalog_app.planning.catalogs import declared, feature, snapshot, source

ZERO, DRAFT = PlanMode.ZERO_INTERVENTION, PlanMode.DRAFT
STACK = StackFacts("s1", "Stack one", preferred_repos=("loved",))


def pick(*sources: SourceFacts, mode: PlanMode = ZERO, **catalog: object) -> SourceChoice:
    facts = feature("a", *sources)
    return choose_source(facts, snapshot(facts, **catalog), mode, STACK)


@pytest.mark.parametrize(
    ("one", "why", "remedy", "may_draft"),
    [
        (declared(is_whitelisted=True), "not verified yet", "Verify it.", True),
        (declared(), "Repository repo is not whitelisted", "Whitelist repository repo.", True),
        (source(is_whitelisted=False), "is not whitelisted", "Whitelist repository repo.", True),
        (source(status=SourceStatus.STALE), "out of date", "Verify it again.", True),
        (source(pinned_commit=""), "not pinned to a commit", "Verify it again.", True),
        (
            source(status=SourceStatus.MISMATCH, status_detail="GPL found"),
            "declared one. GPL found.",
            "Correct the licence",
            False,
        ),
        (source(status=SourceStatus.UNKNOWN_LICENSE), "No known licence", "Choose another source", False),
        (source(status=SourceStatus.PATH_MISSING), "paths are not", "Correct the paths", False),
        (source(status=SourceStatus.UNREACHABLE), "cannot be reached", "address", False),
        (
            source(license="GPL-3.0-only", decision=LicenseDecision.DENIED, decision_reason="It is copyleft"),
            "Licence GPL-3.0-only is denied by policy default: It is copyleft.",
            "Choose another source, or change the policy.",
            False,
        ),
        (
            source(decision=LicenseDecision.REVIEW),
            "needs review by policy default",
            "Have a person decide",
            False,
        ),
        (
            source(license="", decision=LicenseDecision.DENIED),
            "An unknown licence is denied",
            "change the policy",
            False,
        ),
        (
            source(compatible_stacks=("s2", "s3")),
            "work on s2 or s3, not on s1",
            "Choose the stack s2 or s3",
            False,
        ),
        (
            source(quality=Decimal("0.39")),
            "0.39 is below the catalog's minimum of 0.4",
            "lower the catalog's",
            False,
        ),
    ],
)
def test_what_may_not_be_reused_is_shown_with_why_and_what_would_help(
    one: SourceFacts, why: str, remedy: str, may_draft: bool
) -> None:
    choice = pick(one, minimum_quality=Decimal("0.4"))
    assert (choice.decision, choice.source) == (FeatureDecision.BUILD_NEW, None)
    (option,) = choice.options
    assert option.verdict is SourceVerdict.EXCLUDED
    assert why in option.why
    assert remedy in option.remedy
    assert "Its only source, repo, may not be reused" in choice.reason
    draft = pick(one, mode=DRAFT, minimum_quality=Decimal("0.4"))
    assert (draft.source is not None) is may_draft


def test_a_draft_blocks_what_is_to_be_verified_and_prefers_what_is() -> None:
    better = declared("better", position=0, judgement=Decimal(1), compatible_stacks=("s1",))
    ready = source("ready", position=9, quality=None, is_whitelisted=False)
    blocked = pick(better, mode=DRAFT)
    assert blocked.source
    assert (blocked.source.verdict, blocked.source.remedy) == (SourceVerdict.BLOCKED, "Verify it.")
    assert "once it is verified" in blocked.reason
    both = pick(better, ready, mode=DRAFT)
    assert [(o.repo_id, o.verdict) for o in both.options] == [
        ("ready", SourceVerdict.CHOSEN),
        ("better", SourceVerdict.USABLE),
    ]


def test_a_feature_without_sources_is_built_new() -> None:
    assert pick().reason == "The catalog has no source for A."


def test_every_number_of_a_score_is_shown() -> None:
    loved = source("loved", paths=("lib",), quality=Decimal("0.90"), compatible_stacks=("s1",))
    outcomes = {("a", "loved", ("lib",)): ReuseRecord(tried=8, completed=7)}
    choice = pick(loved, outcomes=outcomes, preferred_quality=Decimal("0.7"))
    assert choice.source
    assert [(part.name, part.value, part.weight) for part in choice.source.parts] == [
        ("clearance", 1.0, 0.25),
        ("quality", 0.9, 0.3),
        ("stack", 1.0, 0.2),
        ("earlier_reuse", 0.8, 0.15),
        ("order", 1.0, 0.1),
    ]
    assert choice.source.score == 0.94
    assert choice.source.parts[3].reason == "Reused 8 times, completed 7 times."
    assert choice.source.duties == ("Keep the copyright notice and the licence text with the copy.",)


@pytest.mark.parametrize(
    ("change", "part", "value"),
    [
        ({"quality": None, "judgement": Decimal("0.6")}, 1, 0.3),
        ({"quality": None}, 1, 0.0),
        ({}, 2, 0.5),
        ({"compatible_stacks": ("s1",)}, 2, 0.8),
        ({}, 3, 0.5),
        ({"position": 3}, 4, 0.25),
    ],
)
def test_parts_of_a_score(change: dict[str, object], part: int, value: float) -> None:
    (option,) = pick(source(**change)).options
    assert option.parts[part].value == value


def test_a_source_counts_for_the_stacks_of_its_feature_where_it_names_none() -> None:
    facts = feature("a", source("one"), source("two", compatible_stacks=("s1",)), compatible_stacks=("s2",))
    choice = choose_source(facts, snapshot(facts), ZERO, STACK)
    assert [(o.repo_id, o.verdict) for o in choice.options] == [
        ("two", SourceVerdict.CHOSEN),
        ("one", SourceVerdict.EXCLUDED),
    ]
    assert choose_source(replace(facts), snapshot(facts), ZERO, None).source is not None


def test_equal_sources_are_ranked_by_order_then_name() -> None:
    choice = pick(source("b"), source("a", paths=("y",)), source("a", paths=("x",)))
    assert [(o.repo_id, o.paths) for o in choice.options] == [("a", ("x",)), ("a", ("y",)), ("b", ())]


def product_and_library(category: str = "payments", **product: object) -> FeatureFacts:
    """Something for any stack first, then a library for another one."""
    return feature(
        "a",
        declared("product", **product),
        declared("library", compatible_stacks=("s2",)),
        category=category,
    )


def test_a_product_beside_the_application_is_not_taken_for_its_own_data_unless_pinned() -> None:
    facts = product_and_library()
    catalog = snapshot(facts)
    choice = choose_source(facts, catalog, DRAFT, STACK)
    assert choice.decision is FeatureDecision.BUILD_NEW
    assert choice.reason.startswith(
        "None of its sources fits. The closest is product: It is tied to no stack"
    )
    assert choice.options[0].verdict is SourceVerdict.USABLE
    assert "but it is tied to no stack" in choice.options[0].why
    pinned = choose_source(facts, catalog, DRAFT, STACK, pin=Pin("product"))
    assert pinned.source
    assert pinned.source.repo_id == "product"


@pytest.mark.parametrize(
    ("facts", "stack"),
    [
        (product_and_library("operations"), STACK),
        (product_and_library(ownership=Ownership.OWN), STACK),
        (product_and_library(), replace(STACK, preferred_repos=("product",))),
        (product_and_library(), replace(STACK, slots={"billing": "product"})),
        (replace(product_and_library(), tags=("standalone-service",)), STACK),
        (replace(product_and_library(), sources=(declared("product"), declared("product-2"))), STACK),
    ],
)
def test_what_is_foreign_to_stacks_is_taken_where_that_is_its_way(
    facts: FeatureFacts, stack: StackFacts
) -> None:
    choice = choose_source(facts, snapshot(facts), DRAFT, stack)
    assert choice.source
    assert choice.source.repo_id == "product"


def test_what_the_stack_has_anyway_goes_before_what_comes_first() -> None:
    facts = feature("a", declared("pgvector", position=0), declared("qdrant", position=2))
    stack = replace(STACK, slots={"vector_db": "qdrant"})
    choice = choose_source(facts, snapshot(facts), DRAFT, stack)
    assert choice.source
    assert choice.source.repo_id == "qdrant"
    assert "Stack one has it as its vector_db." in [part.reason for part in choice.source.parts]
