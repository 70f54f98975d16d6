"""What a policy says of a licence, asked by REST."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog_app.models import FeatureCatalog
from tests.support import catalog_factories as make

Get = Callable[..., Any]
PATH = "licenses/decide"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "expression"),
        ("expression=MIT&use=borrow", "use"),
        ("expression=MIT&ownership=mine", "ownership"),
    ],
)
def test_a_question_that_is_not_whole_is_refused(
    catalog: FeatureCatalog, get: Get, query: str, parameter: str
) -> None:
    answer = get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_query")
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_a_policy_that_is_not_there_is_not_found(catalog: FeatureCatalog, get: Get) -> None:
    assert get(f"{PATH}?expression=MIT&policy=none").json()["code"] == "license_policy_not_found"


@pytest.mark.parametrize("text", ["", "%00", "BSD", "((((", "%F0%9F%92%A9", "x" * 5000, "GPL-3.0-only"])
def test_what_cannot_be_reused_is_denied_with_the_reason(
    catalog: FeatureCatalog, get: Get, text: str
) -> None:
    found = get(f"{PATH}?expression={text}").json()
    assert found["decision"] == "denied"
    assert found["reason"]
    assert found["rule"]


def test_what_people_write_is_answered_with_what_they_may_mean(catalog: FeatureCatalog, get: Get) -> None:
    found = get(f"{PATH}?expression=BSD").json()
    assert found["expression"] == ""
    assert {"BSD-2-Clause", "BSD-3-Clause"} <= set(found["suggestions"])
    assert found["problems"][0]["level"] == "error"


def test_of_a_choice_the_best_branch_decides(catalog: FeatureCatalog, get: Get) -> None:
    found = get(f"{PATH}?expression=mit%20OR%20GPL-3.0-only").json()
    assert (found["decision"], found["chosen"]) == ("allowed", "MIT")
    assert {(part["expression"], part["decision"]) for part in found["parts"]} == {
        ("MIT", "allowed"),
        ("GPL-3.0-only", "denied"),
    }


def test_use_ownership_and_policy_count(catalog: FeatureCatalog, get: Get) -> None:
    make.LicensePolicyFactory.create(slug="strict", allowed=[], review=["MIT"], denied=[])
    assert get(f"{PATH}?expression=MIT&policy=strict").json()["decision"] == "review"
    found = get(f"{PATH}?expression=LicenseRef-Private&ownership=own&use=dependency").json()
    assert (found["decision"], found["use"], found["ownership"]) == ("allowed", "dependency", "own")
