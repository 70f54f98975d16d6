"""Changes in words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.briefing.deltas import Delta, read_delta


def _shown(delta: Delta) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    return (
        [wish.quote for wish in delta.add],
        [veto.quote for veto in delta.remove],
        [(old.quote, new.quote) for old, new in delta.replace],
    )


@pytest.mark.parametrize("text", ["blah blah", "hello there", "teams", "what about teams?"])
def test_lists_what_it_does_not_understand(text: str) -> None:
    delta = read_delta(text)

    assert _shown(delta) == ([], [], [])
    assert len(delta.leftovers) == 1


@pytest.mark.parametrize("text", ["", "  \n", "the same", "Same as before.", "everything as before"])
def test_finds_no_change_where_there_is_none(text: str) -> None:
    assert read_delta(text) == Delta()


@pytest.mark.parametrize(
    ("text", "add", "remove", "swaps"),
    [
        ("the same, but with Stripe and without teams", ["Stripe"], ["teams"], []),
        ("Same as before but replace SendGrid with Postmark, drop teams and add two-factor login.",
         ["two-factor login"], ["teams"], [("SendGrid", "Postmark")]),
        ("instead of PayPal use Stripe", [], [], [("PayPal", "Stripe")]),
        ("use Stripe instead of PayPal", [], [], [("PayPal", "Stripe")]),
        ("Stripe instead of PayPal, and without teams", [], ["teams"], [("PayPal", "Stripe")]),
        ("Stripe, not PayPal", [], [], [("PayPal", "Stripe")]),
        ("swap Redis for NATS and drop the admin area", [], ["admin area"], [("Redis", "NATS")]),
        ("switch from MySQL to Postgres", [], [], [("MySQL", "Postgres")]),
        ("with Stripe, without teams, no blog", ["Stripe"], ["teams", "blog"], []),
        ("without teams or billing", [], ["teams", "billing"], []),
        ("add login, teams and billing", ["login", "teams", "billing"], [], []),
        ("- add SSO\n- remove the audit log\n- replace X with Y", ["SSO"], ["audit log"], [("X", "Y")]),
        ("We don't need teams. We also need CSV import.", ["CSV import"], ["teams"], []),
        ("Like last time, only with dark mode", ["dark mode"], [], []),
        ("with dark mode but no blog", ["dark mode"], ["blog"], []),
        ("teams are not needed", [], ["teams"], []),
        ("no teams please", [], ["teams"], []),
        ("the same except for the blog", [], ["blog"], []),
    ],
)  # fmt: skip
def test_reads_changes(text: str, add: list[str], remove: list[str], swaps: list[tuple[str, str]]) -> None:
    delta = read_delta(text)

    assert _shown(delta) == (add, remove, swaps)
    assert delta.leftovers == ()


def test_names_lines_and_keys() -> None:
    delta = read_delta("add chat\nremove chat\nreplace chat with forum")

    assert [wish.key for wish in delta.add] == ["chat"]
    assert [veto.key for veto in delta.remove] == ["no-chat"]
    assert [(old.key, new.key) for old, new in delta.replace] == [("no-chat-2", "forum")]
    assert delta.remove[0].places[0].line == 2


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            (
                "with",
                "without",
                "no",
                "replace",
                "by",
                "instead",
                "of",
                "use",
                ",",
                ".",
                "\n",
                "and",
                "but",
                "Stripe",
            )
        ),
        max_size=30,
    ).map(" ".join)
    | st.text(max_size=200)
)
def test_reads_any_text(text: str) -> None:
    delta = read_delta(text)

    assert delta == read_delta(text)
    shown = _shown(delta)
    told = " ".join((*shown[0], *shown[1], *(f"{old} {new}" for old, new in shown[2])))
    said = f"{told} {' '.join(leftover.text for leftover in delta.leftovers)}"
    assert said.count("Stripe") >= ("Stripe" in text)
