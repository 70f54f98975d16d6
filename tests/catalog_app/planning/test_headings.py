"""What a wish means under its heading."""

import pytest

from catalog_app.briefing.types import Place, Wish
from catalog_app.choices import LookupBand
from catalog_app.planning.headings import heading_of, is_worth_asking, settle
from catalog_app.planning.snapshot import Match, Resolution

MATCH, CHOOSE, NONE = LookupBand.MATCH, LookupBand.CHOOSE, LookupBand.NONE
NOTHING = Resolution(NONE)


def wish(quote: str, *section: str) -> Wish:
    return Wish("w", quote, places=(Place(line=1, section=section),))


def found(band: LookupBand, **confidences: float) -> Resolution:
    return Resolution(band, tuple(Match(slug, slug, value) for slug, value in confidences.items()), "Sure.")


LONG = wish("a customer should be able to stop paying", "App", "Billing")
SHORT = wish("free trial", "App", "Billing")


@pytest.mark.parametrize(
    ("section", "heading"),
    [
        ((), ""),
        (("App",), ""),
        (("App", "Must have"), ""),
        (("App", "Billing"), "Billing"),
        (("App", "Billing", "Should have"), "Billing"),
        (("App", "Free trial"), ""),
    ],
)
def test_only_a_heading_that_names_something_counts(section: tuple[str, ...], heading: str) -> None:
    assert heading_of(wish("free trial", *section)) == heading


def test_a_heading_makes_no_feature_of_a_sentence_that_fits_none() -> None:
    assert not is_worth_asking(LONG, NOTHING)
    assert is_worth_asking(SHORT, NOTHING)
    assert not is_worth_asking(SHORT, found(MATCH, trial=0.99))
    assert not is_worth_asking(Wish("w", "free trial"), NOTHING)


@pytest.mark.parametrize(
    ("said", "alone", "under", "band", "slugs"),
    [
        (SHORT, found(MATCH, keys=0.96), found(MATCH, plans=0.92), MATCH, ["plans"]),
        (SHORT, found(MATCH, keys=0.96), NOTHING, MATCH, ["keys"]),
        (LONG, found(CHOOSE, help=0.5), found(MATCH, plans=0.9), MATCH, ["plans"]),
        (LONG, found(CHOOSE, help=0.5), found(CHOOSE, plans=0.4), CHOOSE, ["help"]),
        (LONG, found(CHOOSE, help=0.4), found(CHOOSE, plans=0.5), CHOOSE, ["plans"]),
        (LONG, found(MATCH, plans=0.7), found(MATCH, plans=0.9), MATCH, ["plans"]),
        (LONG, found(MATCH, help=0.9), found(MATCH, plans=0.7), MATCH, ["help"]),
        (LONG, found(MATCH, help=0.7), found(MATCH, plans=0.9), MATCH, ["plans"]),
        (LONG, found(MATCH, help=0.7, a=0.1), found(MATCH, plans=0.75), CHOOSE, ["plans", "help"]),
        (LONG, found(MATCH, help=0.7, a=0.1), found(CHOOSE, help=0.3, b=0.2), CHOOSE, ["help", "b"]),
        (LONG, found(MATCH, help=0.85), found(CHOOSE, plans=0.5), MATCH, ["help"]),
    ],
)
def test_the_surer_one_counts_and_people_are_asked_where_both_are_sure(
    said: Wish, alone: Resolution, under: Resolution, band: LookupBand, slugs: list[str]
) -> None:
    settled = settle(said, alone, under)

    assert (settled.band, [match.slug for match in settled.matches]) == (band, slugs)


def test_the_reason_names_the_heading() -> None:
    assert settle(SHORT, NOTHING, found(MATCH, plans=0.9)).reason == "Under “Billing”. Sure."
