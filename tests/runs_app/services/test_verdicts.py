"""What an auditor says counts once, for what was judged, whoever dies or comes at the same moment."""

import threading
from typing import Any

import pytest
from django.db import connections

from runs_app.models import Attempt, Candidate, Verdict
from runs_app.services import driving, verdicts
from runs_app.services.driving import drive_run
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop


class Death(BaseException):
    """Like SIGKILL: nobody handles it."""


@pytest.fixture
def external(workshop: Workshop) -> Workshop:
    workshop.configure(ci_kind="external")
    return workshop


def _ci(workshop: Workshop, status: str = "passed") -> Json:
    commit = Candidate.objects.order_by("-id").values_list("commit", flat=True)[0]
    body = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": status}
    return workshop.post("runs/r1/phases/p1/ci_result", body, role="verifier")


def _correction(workshop: Workshop, **files: str | None) -> list[dict[str, str]]:
    onto = Candidate.objects.order_by("-id").values_list("commit", flat=True)[0]
    return [{"description": "d", "patch_content": workshop.patch_for(files, onto=onto).decode()}]


def _die_after_storing(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise Death

    with monkeypatch.context() as dying:
        dying.setattr(verdicts, "drive_run", die)
        with pytest.raises(Death):
            workshop.verdict("p1", "approve")


def test_a_stored_approval_is_not_lost_when_nobody_repeats_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.start(phases=1)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}), status="needs_review")
    assert workshop.phase("p1").waiting_for == "auditor"
    _die_after_storing(workshop, monkeypatch)
    sweep()
    assert (workshop.phase("p1").state, workshop.run().state) == ("COMPLETE", "DONE_SUCCESS")


def test_a_verdict_that_is_there_is_not_overdue(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    workshop.start(phases=1)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}), status="needs_review")
    _die_after_storing(workshop, monkeypatch)
    clock.advance(minutes=31)
    sweep()
    assert workshop.run().state == "DONE_SUCCESS"


@pytest.mark.parametrize("status", ["passed", "failed"])
def test_a_correction_stored_while_ci_reports_is_taken_first(
    external: Workshop, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """Two real connections: the auditor's patch is stored after the driver looked, before it settles."""
    external.start(phases=2)
    external.result("p1", external.patch_for({"A": "a\n"}))
    patches = _correction(external, B="b\n")
    external.client("auditor"), external.client("verifier")
    looked, stored = threading.Event(), threading.Event()
    find, intend = driving._find_open_attempt, verdicts._intend_patch

    def find_and_wait(run_pk: int) -> Any:
        found = find(run_pk)
        if threading.current_thread().name == "ci" and found and not looked.is_set():
            looked.set()
            assert stored.wait(10)
        return found

    def intend_in_between(*args: Any, **kwargs: Any) -> Any:
        assert looked.wait(10)
        attempt = intend(*args, **kwargs)
        stored.set()
        return attempt

    monkeypatch.setattr(driving, "_find_open_attempt", find_and_wait)
    monkeypatch.setattr(verdicts, "_intend_patch", intend_in_between)
    answers: dict[str, Json] = {}

    def report() -> None:
        try:
            answers["ci"] = _ci(external, status)
        finally:
            connections.close_all()

    def correct() -> None:
        try:
            answers["auditor"] = external.verdict("p1", "approve", suggested_patches=patches)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=report, name="ci"), threading.Thread(target=correct, name="auditor")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {name: answer.status_code for name, answer in answers.items()} == {"ci": 200, "auditor": 200}
    assert answers["auditor"].json()["patches_applied"] == 1
    states = list(Attempt.objects.order_by("number").values_list("role", "state"))
    assert states == [("builder", "SUPERSEDED"), ("auditor", "CANDIDATE")]
    assert _ci(external).json()["phase_state"] == "COMPLETE"
    assert external.run().tip_commit == external.repo.rev("autonomous/r1")


def test_a_repeat_of_the_last_word_gives_its_answer(external: Workshop) -> None:
    external.start(phases=1)
    external.result("p1", external.patch_for({"A": "a\n"}), status="needs_review")
    patches = _correction(external, B="b\n")
    first = external.verdict("p1", "approve", suggested_patches=patches).json()
    assert external.verdict("p1", "approve", suggested_patches=patches).json() == first
    assert (Verdict.objects.count(), Candidate.objects.count()) == (1, 2)


def test_an_auditor_who_comes_back_to_the_first_opinion_is_heard(external: Workshop) -> None:
    external.start(phases=1)
    external.result("p1", external.patch_for({"A": "a\n"}), status="needs_review")
    for opinion in ("approve", "revise", "approve"):
        assert external.verdict("p1", opinion).status_code == 200
    assert list(Verdict.objects.values_list("recommendation", flat=True)) == ["approve", "revise", "approve"]
    assert _ci(external).json()["phase_state"] == "COMPLETE"


def test_the_same_words_on_another_auditors_correction_are_a_new_verdict(external: Workshop) -> None:
    external.start(phases=1)
    external.result("p1", external.patch_for({"A": "a\n"}), status="needs_review")
    external.verdict("p1", "approve")
    other = {
        "run_id": "r1",
        "phase_id": "p1",
        "recommendation": "revise",
        "review_notes": "Mine.",
        "suggested_patches": _correction(external, B="b\n"),
    }
    path = "/api/v1/runs/r1/phases/p1/auditor_result"
    corrected = external.client("auditor", name="other").post(path, other, format="json").json()
    external.verdict("p1", "approve")
    latest = Verdict.objects.order_by("-id").select_related("candidate")[0]
    assert latest.candidate is not None
    assert [latest.candidate.commit] == corrected["commit_shas"]
    assert _ci(external).json()["phase_state"] == "COMPLETE"


def test_the_same_patches_on_a_later_candidate_are_applied_again(external: Workshop) -> None:
    external.start(phases=1)
    external.result("p1", external.patch_for({"A": "a\n"}), status="needs_review")
    patches = _correction(external, B="b\n")
    external.verdict("p1", "approve", suggested_patches=patches)
    _ci(external, "failed")
    external.result("p1", external.patch_for({"A": "other\n"}))
    again = external.verdict("p1", "approve", suggested_patches=patches).json()
    assert (again["patches_applied"], Verdict.objects.count(), Candidate.objects.count()) == (1, 2, 4)
    assert drive_run(external.run().pk)
    assert _ci(external).json()["phase_state"] == "COMPLETE"
