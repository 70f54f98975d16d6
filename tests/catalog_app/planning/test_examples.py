"""The examples in docs/examples: what they say of each other and of the starter catalog holds.

Their plans were made with the encoder, by `manage.py plan`; here nothing is looked up.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from autopack.yaml_reader import read_yaml
from catalog_app.interchange.entries import Json
from catalog_app.lookup.answering import VERSION
from catalog_app.lookup.encoder.loading import ENGINE
from catalog_app.lookup.judging import calibration_digest
from catalog_app.planning import PLANNER
from catalog_app.planning.changes import PlanChanges, read_changes
from catalog_app.planning.composing import compose_request
from catalog_app.planning.naming import FeatureNames
from catalog_app.planning.questions import which_id
from catalog_app.planning.request import PlanRequest

FOLDER = Path(settings.BASE_DIR) / "docs" / "examples"
EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("*/brief.md"))


@cache
def starter_features() -> Any:  # whatever YAML holds
    text = (Path(settings.BASE_DIR) / "catalog" / "feature_catalog.yaml").read_bytes()
    document: Any = read_yaml(text, max_nodes=500_000).value
    return document["features"]


def read_brief(example: str) -> PlanRequest:
    text: Json = (FOLDER / example / "brief.md").read_text()
    request, problems = compose_request({"text": text})
    assert problems == ()
    return request


def read_answers(example: str) -> PlanChanges:
    changes, problems = read_changes(read_yaml((FOLDER / example / "answers.yaml").read_bytes()).value)
    assert problems == ()
    return changes


def plain(text: str) -> str:
    """Its words, without what keeps them from being markdown."""
    return " ".join(text.replace("\\", "").split())


@pytest.mark.parametrize("example", EXAMPLES)
def test_answers_are_about_the_brief_and_choose_what_the_catalog_has(example: str) -> None:
    request, changes = read_brief(example), read_answers(example)
    names = FeatureNames(request.wishes)
    features = starter_features()

    assert set(changes.answers) <= {which_id(wish.key) for wish in request.wishes}
    assert {slug for slug in changes.answers.values() if slug not in features} <= {"build-new"}
    assert [wish.slug for _, wish in changes.replace if wish.slug not in features] == []
    said = [name for name, _ in changes.replace] + [
        name for name in changes.build_new if name not in features
    ]
    assert [name for name in said if not names.find(name).is_found] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_plan_has_all_that_was_asked_for_and_nothing_left_to_decide(example: str) -> None:
    request, changes = read_brief(example), read_answers(example)
    plan = plain((FOLDER / example / "plan.md").read_text())

    replaced = {name for name, _ in changes.replace}
    wanted = [wish.quote for wish in request.wishes if wish.quote not in replaced]
    wanted += [wish.quote for _, wish in changes.replace]
    assert [quote for quote in wanted if plain(quote) not in plan] == []
    assert [text for text in request.constraints if plain(text) not in plan] == []
    assert [left.text for left in request.leftovers if plain(left.text) not in plan] == []
    assert "## What has to be decided" not in plan
    assert "sources that are only declared" in plan or "still to be verified" in plan


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_plan_is_of_the_lookup_and_the_planner_of_now(example: str) -> None:
    """Else it is to be made anew, as the README beside it says."""
    plan = (FOLDER / example / "plan.md").read_text()
    assert f"| Lookup | `{ENGINE}+lookup/{VERSION}.{calibration_digest()}` |" in plan
    assert f"| Planner | `{PLANNER}` |" in plan
