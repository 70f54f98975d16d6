"""Asking for an auditor: what is malformed is the client's error."""

import json
from typing import Any

import pytest

from tests.support.workshop import Workshop

IDS = {"run_id": "r1", "phase_id": "p1", "tier_id": "t1"}


@pytest.mark.parametrize(
    "focus", [True, {"a": 1}, ["x", None], [["x"]], "\ud800", ["\ud800"], "nul\0", "x" * 2001, ["x"] * 101]
)
def test_a_review_focus_is_text(workshop: Workshop, focus: Any) -> None:
    workshop.start(phases=1)
    # Spelled out, because a client of tests cannot send half a character.
    body = json.dumps(IDS | {"review_focus": focus})
    path = "/api/v1/runs/r1/phases/p1/auditor_request"
    answer = workshop.client("builder").post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"][:13]) == (422, "/review_focus")
    assert not workshop.phase("p1").is_verdict_required


@pytest.mark.parametrize("focus", [5, 1.5, [], ["security", "x"], ["x", 3], "security", "", None])
def test_any_review_focus_is_taken(workshop: Workshop, focus: Any) -> None:
    workshop.start(phases=1)
    answer = workshop.post(
        "runs/r1/phases/p1/auditor_request",
        IDS | {"review_focus": focus, "builder_result": {"a": [1]}, "failure_context": None},
    )
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"message", "review_focus", "auditor_profile"}
    assert workshop.phase("p1").is_verdict_required
