"""Addresses that lead from one choice to another."""

import pytest

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.presentation.features import build_query
from catalog_app.selectors.browsing import FeatureFilter, FeatureOrder, Reuse


@pytest.mark.parametrize(
    ("chosen", "query"),
    [
        (FeatureFilter(), "?"),
        (FeatureFilter(text="log in & out"), "?q=log+in+%26+out"),
        (FeatureFilter(categories=("auth", "files")), "?category=auth&category=files"),
        (
            FeatureFilter(
                decisions=(LicenseDecision.REVIEW,),
                statuses=(SourceStatus.STALE, SourceStatus.MISMATCH),
                reuse=Reuse.NO_SOURCE,
            ),
            "?decision=review&status=stale&status=mismatch&reuse=no-source",
        ),
        (
            FeatureFilter(stack="web", is_with_retired=True, order=FeatureOrder.QUALITY),
            "?stack=web&retired=1&sort=quality",
        ),
    ],
)
def test_a_filter_has_one_address(chosen: FeatureFilter, query: str) -> None:
    assert build_query(chosen) == query


def test_the_first_page_is_not_numbered_and_a_change_begins_there() -> None:
    chosen = FeatureFilter(text="x")
    assert build_query(chosen, page=1) == "?q=x"
    assert build_query(chosen, page=3) == "?q=x&page=3"
    assert build_query(chosen, stack="web") == "?q=x&stack=web"
