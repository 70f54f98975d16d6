"""Events as lines: every kind says something, the important ones say the right thing."""

import pytest

from runs_app.choices import AttemptState, CiRunState, EventKind, PhaseState, RunState, TierState
from runs_app.presentation.events import Fact, describe_event


def fact(kind: str, *, after: str = "", subject: str = "p1", **payload: object) -> Fact:
    return Fact(kind, subject, after, "cursor-1", payload)


@pytest.mark.parametrize("kind", [*EventKind, "some.later_kind"])
@pytest.mark.parametrize("after", ["", "SOME_LATER_STATE", *PhaseState])
def test_every_event_has_a_line(kind: str, after: str) -> None:
    line = describe_event(fact(kind, after=after))
    assert line.text
    assert line.icon


@pytest.mark.parametrize(
    ("event", "text", "colour"),
    [
        (fact(EventKind.RUN_STATE, after=RunState.RUN_CREATED), "Run created by cursor-1", "blue"),
        (fact(EventKind.RUN_STATE, after=RunState.DONE_SUCCESS), "Run: succeeded", "green"),
        (fact(EventKind.TIER_STATE, after=TierState.COMPLETE, subject="t1"), "t1: complete", "green"),
        (fact(EventKind.PHASE_STATE, after=PhaseState.EXECUTING), "p1 taken by cursor-1", "blue"),
        (fact(EventKind.ATTEMPT_STATE, after=AttemptState.RED), "Attempt p1: CI failed", "red"),
        (
            fact(EventKind.CI_STATE, after=CiRunState.PASSED, commit="ab" * 20),
            "CI passed on ababababab",
            "green",
        ),
        (fact(EventKind.SNAPSHOT, commit="cd" * 20), "p1 is on the branch as cdcdcdcdcd", "green"),
        (fact(EventKind.ISSUE, severity="major"), "Major issue: p1", "red"),
        (fact(EventKind.PROMOTED), "Promoted by cursor-1", "green"),
    ],
)
def test_what_is_said(event: Fact, text: str, colour: str) -> None:
    line = describe_event(event)
    assert (line.text, line.colour) == (text, colour)


def test_an_untested_snapshot_says_so() -> None:
    assert "untested" in describe_event(fact(EventKind.SNAPSHOT, commit="cd", is_tested=False)).detail


def test_a_failed_run_gives_its_reason() -> None:
    state = RunState.DONE_FAILED_ENVIRONMENT
    assert describe_event(fact(EventKind.RUN_STATE, after=state, failure_reason="gone")).detail == "gone"
