"""Filters and tags of the dashboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from autopack.choices import Choice, RepositoryStatus
from autopack.templatetags import ui

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


class Delivery(Choice):
    """A kind that has words and an icon of its own."""

    PACKED = "packed"
    CI_TESTED = "ci_tested"

    @property
    def icon(self) -> str:
        return "tag"

    @property
    def words(self) -> str:
        return "CI tested" if self is Delivery.CI_TESTED else super().words


def _render(template: str, **context: object) -> str:
    return Template("{% load ui %}" + template).render(Context(context))


def test_a_state_is_colour_icon_and_words() -> None:
    html = _render("{% state s %}", s=RepositoryStatus.USABLE)
    assert "ap-green" in html
    assert "#circle-check" in html
    assert "Usable" in html


def test_a_kind_brings_its_own_icon_and_words() -> None:
    html = _render("{% state s %}", s=Delivery.CI_TESTED)
    assert "#tag" in html
    assert "CI tested" in html


def test_no_state_shows_nothing() -> None:
    assert _render("{% state s %}", s=None).strip() == ""


def test_a_state_within_a_sentence_starts_small_unless_it_is_an_abbreviation() -> None:
    assert ui.words(Delivery.PACKED) == "packed"
    assert ui.words(Delivery.CI_TESTED) == "CI tested"


def test_a_stored_value_is_a_member_of_the_enum_that_is_named_with_its_app() -> None:
    assert ui.choice("usable", "autopack.RepositoryStatus") is RepositoryStatus.USABLE
    assert ui.choice("from_a_later_version", "autopack.RepositoryStatus") is None
    for app in ("runs_app", "catalog_app"):
        member = ui.choice("low", f"{app}.Complexity")
        assert type(member).__module__ == f"{app}.choices"


def test_a_spent_budget_is_marked() -> None:
    html = Template('{% load ui %}{% meter "Tokens" 120 100 %}').render(Context())
    assert "ap-over" in html
    assert 'max="100"' in html


def test_text_to_copy_is_escaped() -> None:
    html = Template("{% load ui %}{% copy t %}").render(Context({"t": '"><script>'}))
    assert "<script>" not in html
