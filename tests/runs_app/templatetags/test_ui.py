"""Filters and tags of the dashboard."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template

from runs_app.choices import PhaseState, RunState
from runs_app.presentation.states import choose_icon
from runs_app.templatetags import ui

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0842, "84 ms"),
        (2.34, "2.3s"),
        (42.9, "42s"),
        (125, "2m 05s"),
        (3_840, "1h 04m"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert ui.duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (12_400, "12.4k"), (5_000_000, "5M"), (2_500_000_000, "2.5G")],
)
def test_counts(number: int, text: str) -> None:
    assert ui.compact(number) == text


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (timedelta(seconds=1), "just now"),
        (timedelta(seconds=40), "40 sec. ago"),
        (timedelta(minutes=3), "3 min. ago"),
        (timedelta(hours=-2), "in 2 hr."),
        (timedelta(days=400), "13 mo. ago"),
    ],
)
def test_relative_times(gap: timedelta, text: str) -> None:
    assert ui.relative_time(NOW - gap, NOW) == text


@pytest.mark.parametrize("state", [*RunState, *PhaseState])
def test_every_state_has_an_icon_of_the_sprite(state: RunState | PhaseState) -> None:
    from django.contrib.staticfiles import finders

    sprite = Path(str(finders.find(ui.SPRITE))).read_text(encoding="utf-8")
    assert f'<symbol id="{choose_icon(state.value)}"' in sprite


def test_a_state_is_colour_icon_and_words() -> None:
    html = Template("{% load ui %}{% state s %}").render(Context({"s": PhaseState.COMPLETE}))
    assert "ap-green" in html
    assert "#circle-check" in html
    assert "Complete" in html


def test_a_spent_budget_is_marked() -> None:
    html = Template('{% load ui %}{% meter "Tokens" 120 100 %}').render(Context())
    assert "ap-over" in html
    assert 'max="100"' in html


def test_text_to_copy_is_escaped() -> None:
    html = Template("{% load ui %}{% copy t %}").render(Context({"t": '"><script>'}))
    assert "<script>" not in html
