"""Filters that know what a run is made of."""

from datetime import UTC, datetime, timedelta

from runs_app.ci.types import StepSpec
from runs_app.models import Run
from runs_app.templatetags import runs

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_the_minutes_of_a_run_end_with_it() -> None:
    assert runs.minutes_used(Run()) == 0
    assert runs.minutes_used(Run(started_at=NOW, completed_at=NOW + timedelta(seconds=150))) == 2


def test_a_command_is_shown_as_one_would_type_it() -> None:
    assert runs.command_line(StepSpec("t", ("echo", "two words"))) == "echo 'two words'"
    assert runs.command_line(StepSpec("t", ("make a && make b",), is_shell=True)) == "make a && make b"


def test_stored_output_keeps_its_colours() -> None:
    assert [(span.text, "red" in span.classes) for span in runs.terminal("a\x1b[31mb\x1b[0m")] == [
        ("a", False),
        ("b", True),
    ]
