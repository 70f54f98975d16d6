"""When features are done, over the catalog that a fresh installation has."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_app.choices import Complexity
from catalog_app.planning.criteria import known_criteria
from catalog_app.planning.phase_texts import new_criteria, reuse_criteria
from catalog_app.planning.tiers import CATEGORY_TIERS, has_rows
from catalog_app.planning.types import PlannedFeature
from tests.support.plans import a_feature, a_source

STARTER = Path(__file__).parents[3] / "catalog" / "feature_catalog.yaml"


@cache
def starter_features() -> dict[str, PlannedFeature]:
    read = yaml.load(STARTER.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    entries: dict[str, dict[str, Any]] = read["features"]  # Any: YAML
    return {
        slug: a_feature(
            slug,
            title=entry["title"],
            description=entry["description"],
            category=entry["category"],
            complexity=Complexity(entry["complexity"]),
            tags=tuple(entry.get("tags") or ()),
        )
        for slug, entry in entries.items()
    }


def test_every_category_of_the_starter_catalog_has_a_tier() -> None:
    assert {each.category for each in starter_features().values()} == set(CATEGORY_TIERS)


def test_every_starter_feature_has_three_to_six_criteria_of_which_one_is_particular() -> None:
    for feature in starter_features().values():
        assert 3 <= len(new_criteria([feature])) <= 6, feature.slug
        assert 3 <= len(reuse_criteria(feature, a_source())) <= 6, feature.slug
        assert known_criteria(feature), feature.slug


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("password-auth", "attempts are limited"),
        ("saml-sso", "wrong signature, audience or time"),
        ("payment-webhooks", "comes twice, late or out of order charges and credits once"),
        ("csv-import-export", "line number"),
        ("rag-pipeline", "cites the passages"),
        ("ai-agents", "limits on steps, tokens and time"),
        ("audit-log", "who, when, what before and after"),
        ("multi-tenancy", "belongs to another group"),
        ("background-jobs", "killed in the middle"),
        ("rate-limiting", "429"),
    ],
)
def test_the_first_criterion_is_what_matters_most(slug: str, words: str) -> None:
    assert words in known_criteria(starter_features()[slug])[0]


def test_a_wish_that_no_feature_fits_is_judged_by_what_was_said() -> None:
    wish = a_feature("w1", slug="", title="upload photos", quotes=("staff upload photos",), category="")

    assert "Size and type are checked on the server" in known_criteria(wish)[0]
    assert has_rows(wish)


def test_nothing_is_known_of_what_says_nothing() -> None:
    assert known_criteria(a_feature("w1", slug="", title="x", quotes=(), category="")) == ()


@pytest.mark.parametrize(
    ("slug", "needs_tables"),
    [
        ("shopping-cart", True),
        ("audit-log", True),
        ("password-auth", False),
        ("sitemap", False),
        ("cors-headers", False),
        ("paas-deployment", False),
        ("dark-mode-theming", False),
    ],
)
def test_which_features_need_tables(slug: str, needs_tables: bool) -> None:
    assert has_rows(starter_features()[slug]) is needs_tables
