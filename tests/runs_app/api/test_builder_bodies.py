"""Bodies of builder results: what is malformed is the client's error, what is unknown or null is nothing."""

import json
from typing import Any

import pytest

from runs_app.models import Attempt
from tests.support.workshop import Workshop

BAD_BODIES: list[tuple[str, Any]] = [
    ("not an object", [1, 2]),
    ("a string", "x"),
    ("nothing", {}),
    ("unknown status", {"status": "perhaps"}),
    ("status of another type", {"status": ["success"]}),
    ("a patch that is a number", {"patch_content": 5}),
    ("a patch that is an object", {"patch_content": {"a": 1}}),
    ("a lone surrogate in the patch", {"patch_content": "\ud800"}),
    ("no base64", {"patch_content": "@@@", "patch_encoding": "base64"}),
    ("no ASCII in base64", {"patch_content": "é", "patch_encoding": "base64"}),
    ("an unknown encoding", {"patch_content": "", "patch_encoding": "rot13"}),
    ("the id of another run", {"run_id": "r2"}),
    ("the id of another phase", {"phase_id": "p2"}),
    ("no phase id", {"phase_id": None}),
    ("a claim that is no uuid", {"claim_id": "mine"}),
    ("negative tokens", {"tokens_used": -1}),
    ("too many tokens", {"tokens_used": 10**30}),
    ("an endless count", {"builder_attempts": 10**400}),
    ("NUL in the notes", {"notes": "a\x00b"}),
    ("a surrogate in the notes", {"notes": "\udfff"}),
    ("NUL deep in the files", {"files_changed": [{"a": "\x00"}]}),
    ("a surrogate deep in the files", {"files_changed": ["\ud83d"]}),
    ("probes that are no list", {"probe_results": {"a": 1}}),
    ("a probe without a name", {"probe_results": [{"exit_code": 1}]}),
    ("an issue without a key", {"suggested_issues": [{"severity": "minor", "category": "x"}]}),
    (
        "an issue key that is too long",
        {"suggested_issues": [{"issue_key": "k" * 301, "severity": "minor", "category": "x"}]},
    ),
    ("an unknown severity", {"suggested_issues": [{"issue_key": "k", "severity": "huge", "category": "x"}]}),
    (
        "too many issues",
        {"suggested_issues": [{"issue_key": "k", "severity": "minor", "category": "x"}] * 501},
    ),
    ("too many probes", {"probe_results": [{"probe_type": "t", "exit_code": 0}] * 201}),
    (
        "too much evidence",
        {
            "suggested_issues": [
                {"issue_key": "k", "severity": "minor", "category": "x", "evidence_refs": ["a.py:1"] * 101}
            ]
        },
    ),
    ("an endless duration", {"duration_minutes": "1e400"}),
]  # fmt: skip


def test_malformed_results_are_the_clients_error_and_change_nothing(workshop: Workshop) -> None:
    workshop.start(phases=1)
    base = {"run_id": "r1", "phase_id": "p1", "status": "success", "patch_content": ""}
    client, path = workshop.client("builder"), "/api/v1/runs/r1/phases/p1/builder_result"
    for what, body in BAD_BODIES:
        whole = base | body if isinstance(body, dict) and body else body
        raw = json.dumps(whole).encode()
        answer = client.post(path, raw, content_type="application/json")
        assert answer.status_code in (400, 422), (what, answer.status_code, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json", what
    assert not Attempt.objects.exists()
    assert workshop.run().state == "PHASE_QUEUEING"


@pytest.mark.parametrize("raw", [b"", b"{", b"nul", b"\xff\xfe", b'{"a": NaN}', b'{"a": 1e999}', b"[" * 5000])
def test_a_body_that_is_no_json_is_the_clients_error(workshop: Workshop, raw: bytes) -> None:
    workshop.start(phases=1)
    answer = workshop.client("builder").post(
        "/api/v1/runs/r1/phases/p1/builder_result", raw, content_type="application/json"
    )
    assert answer.status_code in (400, 422), answer.content


@pytest.mark.parametrize("depth", [50, 200, 400, 600, 800, 850, 900, 920, 940, 960])
def test_json_nested_at_any_depth_is_kept_or_refused(workshop: Workshop, depth: int) -> None:
    workshop.start(phases=1)
    nested = "[" * depth + "]" * depth
    body = (
        f'{{"run_id": "r1", "phase_id": "p1", "status": "failed", "files_changed": {nested}, '
        f'"suggested_issues": [{{"issue_key": "k", "severity": "minor", "category": "c", '
        f'"evidence_refs": [{nested}]}}]}}'
    )
    answer = workshop.client("builder").post(
        "/api/v1/runs/r1/phases/p1/builder_result", body.encode(), content_type="application/json"
    )
    assert answer.status_code in (200, 400, 422), answer.content
    assert workshop.get("runs/r1/phases/p1/context").status_code == 200


def test_unknown_fields_are_ignored_and_null_means_not_given(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = workshop.result(
        "p1",
        None,
        colour="green",
        files_changed=None,
        lines_added=None,
        lines_removed=None,
        builder_attempts=None,
        tokens_used=None,
        duration_minutes=None,
        probe_results=None,
        suggested_issues=None,
        notes=None,
        claim_id=None,
        patch_encoding=None,
    )
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) >= {"message", "commit_sha", "phase_state"}


def test_what_the_builder_reports_is_kept(workshop: Workshop) -> None:
    workshop.start(phases=1)
    probe = {
        "probe_type": "unit",
        "exit_code": 1,
        "stdout": "  out\n",
        "stderr": None,
        "duration_seconds": 0.5,
    }
    issue = {"issue_key": "k", "severity": "major", "category": "doubt", "evidence_refs": ["a.py:3"]}
    workshop.result(
        "p1",
        "",
        tokens_used=7,
        notes="Hm.",
        probe_results=[probe],
        suggested_issues=[issue],
        files_changed=["a.py"],
        duration_minutes=1.5,
    )
    attempt = Attempt.objects.get()
    assert attempt.probe_results == [probe]
    assert attempt.reported == {"files_changed": ["a.py"], "duration_minutes": 1.5}
    assert workshop.run().tokens_used == workshop.phase("p1").tokens_used == 7
    (known,) = workshop.get("runs/r1/issues/index").json()["issues"]
    assert (known["issue_key"], known["source"], known["severity"]) == ("k", "cursor_self_doubt", "major")
