"""Plans as bytes."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.planning.document import (
    DocumentError,
    as_json,
    digest_document,
    from_json,
    read_document,
    write_document,
)
from catalog_app.planning.types import PlanDocument
from tests.support.plans import a_plan

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"title": 3}, "/title: expected str"),
        ({"mode": "yolo"}, "/mode: 'yolo'"),
        ({"features": {}}, "/features: expected a list"),
        ({"features": [7]}, "/features/0: expected an object"),
        ({"inputs": {}}, "/inputs/request_digest: missing"),
        ({"parameters": []}, "/parameters: expected an object"),
        ({"budget": None}, "/budget: expected an object"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_place(change: dict[str, Any], complaint: str) -> None:
    document = {**json.loads(write_document(a_plan())), **change}

    with pytest.raises(DocumentError, match=complaint):
        from_json(document)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_bytes_that_are_no_plan_are_refused(content: bytes) -> None:
    with pytest.raises(DocumentError):
        read_document(content)


def test_a_pair_must_have_two_members() -> None:
    document = json.loads(write_document(a_plan()))
    document["project_type"]["others"] = [["saas"]]

    with pytest.raises(DocumentError, match="/project_type/others/0: expected 2 values"):
        from_json(document)


def test_only_values_of_plans_can_be_written() -> None:
    with pytest.raises(TypeError, match="object"):
        as_json(object())


def test_reading_and_writing_keep_every_byte() -> None:
    content = write_document(a_plan())

    assert read_document(content) == a_plan()
    assert write_document(read_document(content)) == content
    assert digest_document(content) == digest_document(write_document(a_plan()))
    assert content.isascii()


@given(build=st.builds(dict, title=st.text(), summary=st.text(), parameters=st.dictionaries(st.text(), JSON)))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_the_texts_are_they_come_back(build: dict[str, Any]) -> None:
    plan = a_plan(**build)

    content = write_document(plan)

    assert read_document(content) == plan
    assert write_document(read_document(content)) == content


def test_a_plan_from_before_a_field_existed_can_be_read() -> None:
    document = json.loads(write_document(a_plan()))
    for feature in document["features"]:
        del feature["tags"]
    document["invented_later"] = True

    plan = from_json(document)

    assert isinstance(plan, PlanDocument)
    assert plan.features == a_plan().features
