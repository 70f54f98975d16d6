"""What a version of a plan has otherwise than the one before, in few words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_NAMED = 5

_SAID = (
    ("features_added", "Added"),
    ("features_removed", "Removed"),
    ("features_changed", "Decided otherwise"),
    ("questions_closed", "Answered"),
    ("questions_opened", "Asked"),
)


def say_stored_diff(diff: Mapping[str, Any]) -> list[str]:
    """Lines for a row of versions. Any: a `planning.diff.PlanDiff` as JSON, or nothing."""
    return list(_say(diff))


def _say(diff: Mapping[str, Any]) -> Iterator[str]:
    for change in (*diff.get("plan", ()), *diff.get("stack", ())):
        yield f"{change['name'].capitalize()}: {change['after'] or 'none'}"
    for name, words in _SAID:
        if found := diff.get(name):
            yield f"{words}: {_list_titles([item['title'] for item in found])}"
    phases = sum(len(diff.get(f"phases_{kind}", ())) for kind in ("added", "removed", "moved", "changed"))
    if phases:
        yield f"{phases} phase{'' if phases == 1 else 's'} differ{'s' if phases == 1 else ''}"


def _list_titles(titles: Sequence[str]) -> str:
    more = len(titles) - MOST_NAMED
    return ", ".join(titles[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
