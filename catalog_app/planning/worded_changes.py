"""Telling apart what is wanted from what is to be otherwise, in the words of somebody who puts a plan
together: "delete comments" is a feature, "drop comments" may be a change. Pure."""

import re
from collections.abc import Collection

from catalog_app.briefing.deltas import Delta, read_delta, says_same
from catalog_app.briefing.items import read_items
from catalog_app.briefing.types import Brief, Veto
from catalog_app.planning.naming import FeatureNames
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.types import PlannedFeature

_INSTEAD = re.compile(
    r"\W*(?:please\s+)?(?:use|using|take|with|instead of|rather than|in place of)\b", re.IGNORECASE
)
"""What starts like this and names something old and something new is no feature."""
_FEATURE_VERB = re.compile(
    r"^\W*(?:please\s+)?(?:cut|delete|deleting|exclude|excluding|omit|remove|removing|skip|take away|"
    r"take out)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""What applications do, too."""


def may_change(text: str) -> bool:
    """Whether `find_change` may find one. Cheap: it needs no plan."""
    delta = read_delta(text)
    return not delta.leftovers and bool(delta.remove or delta.replace or says_same(text))


def find_change(text: str, request: PlanRequest, features: Collection[PlannedFeature]) -> Delta | None:
    """The change of this request that a text asks for; None where it is to be read as features. `features`
    are those of the plan that the request comes to.

    "The same, but", refusals and "use … instead of" are changes. Any other verb is one only where the request
    has what it speaks of, word for word if applications do such things themselves.
    """
    if not may_change(text):
        return None
    delta = read_delta(text)
    if says_same(text):
        return delta
    names = FeatureNames(request.wishes, tuple(features))
    is_known = names.is_name if _FEATURE_VERB.search(text) else names.may_mean
    if not (_INSTEAD.match(text) or all(is_known(old.quote) for old, _ in delta.replace)):
        return None
    is_refusal = bool(read_items(text.splitlines())[0].vetoes)
    if not (is_refusal or all(is_known(veto.quote) for veto in delta.remove)):
        return None
    return delta


def find_refused(brief: Brief) -> tuple[Veto, ...]:
    """Vetoes of a brief that may take away what was wanted before. What the same brief wants as well is none:
    that is a question."""
    names = FeatureNames(brief.wishes)
    return tuple(veto for veto in brief.vetoes if not (veto.slug or names.may_mean(veto.quote)))
