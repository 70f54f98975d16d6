"""What is built before what."""

from catalog_app.choices import FeatureDecision, Strength
from catalog_app.planning.ordering import order_features
from catalog_app.planning.tiers import Tier
from tests.support.plans import a_feature


def test_what_is_not_planned_is_not_ordered_and_not_waited_for() -> None:
    ordered = order_features(
        [
            a_feature("cart", category="commerce", requires=("catalogue", "prices", "cart")),
            a_feature("catalogue", decision=FeatureDecision.VETOED),
            a_feature("basket", decision=FeatureDecision.MERGED, merged_into="cart"),
        ]
    )

    assert [(each.feature.key, each.requires) for each in ordered] == [("cart", ())]


def test_features_that_require_each_other_in_a_circle_come_all_the_same() -> None:
    ordered = order_features(
        [
            a_feature("a", requires=("b",)),
            a_feature("b", requires=("c",)),
            a_feature("c", requires=("a",)),
            a_feature("after", requires=("a",)),
        ]
    )

    assert [each.feature.key for each in ordered] == ["c", "b", "a", "after"]
    assert [each.requires for each in ordered] == [(), ("c",), ("b",), ("a",)]


def test_tiers_come_in_the_order_of_building_and_what_must_be_before_what_should() -> None:
    ordered = order_features(
        [
            a_feature("tests", category="testing"),
            a_feature("nice", category="commerce", strength=Strength.SHOULD),
            a_feature("own idea", slug=""),
            a_feature("shop", category="commerce"),
            a_feature("jobs", category="jobs-workflows"),
            a_feature("login", category="auth"),
            a_feature("tags", category="databases"),
            a_feature("cli-framework", category="developer-tools"),
        ]
    )

    assert [(each.tier, each.feature.key) for each in ordered] == [
        (Tier.FOUNDATION, "cli-framework"),
        (Tier.DATA, "tags"),
        (Tier.ACCOUNTS, "login"),
        (Tier.CORE, "jobs"),
        (Tier.CORE, "shop"),
        (Tier.CORE, "own idea"),
        (Tier.CORE, "nice"),
        (Tier.QUALITY, "tests"),
    ]


def test_what_is_required_is_pulled_forward_to_where_it_is_needed() -> None:
    ordered = order_features(
        [
            a_feature("queue", category="operations"),
            a_feature("mail", category="messaging", requires=("queue",)),
            a_feature("reset", category="auth", requires=("mail",)),
        ]
    )

    assert [(each.feature.key, each.tier) for each in ordered] == [
        ("queue", Tier.ACCOUNTS),
        ("mail", Tier.ACCOUNTS),
        ("reset", Tier.ACCOUNTS),
    ]


def test_a_long_chain_of_requirements_is_no_deeper_than_memory() -> None:
    features = [a_feature(f"f{index}", requires=(f"f{index + 1}",)) for index in range(3000)]

    ordered = order_features(features)

    assert [each.feature.key for each in ordered] == [f"f{index}" for index in reversed(range(3000))]
