"""How people see the states of a run."""

import pytest

from runs_app.choices import AttemptState, CiRunState, Cleanliness, PhaseState, RunsChoice, RunState, Severity


@pytest.mark.parametrize(
    ("state", "words", "inside", "icon"),
    [
        (RunState.PHASE_QUEUEING, "Ready for a builder", "ready for a builder", "list-details"),
        (RunState.DONE_FAILED_ENVIRONMENT, "Failed: environment", "failed: environment", "circle-x"),
        (RunState.PLAN_BOOTSTRAP, "Plan bootstrap", "plan bootstrap", "circle-dotted"),
        (PhaseState.CI_RUNNING, "CI running", "CI running", "test-pipe"),
        (AttemptState.RED, "CI failed", "CI failed", "circle-x"),
        (AttemptState.REJECTED, "Rejected", "rejected", "circle-x"),
        (CiRunState.ERRORED, "Errored", "errored", "alert-triangle"),
        (Cleanliness.CLEAN, "Clean", "clean", "circle-check"),
        (Severity.MAJOR, "Major", "major", "alert-triangle"),
    ],
)
def test_words_and_icons(state: RunsChoice, words: str, inside: str, icon: str) -> None:
    assert (state.words, state.words_inside, state.icon) == (words, inside, icon)
