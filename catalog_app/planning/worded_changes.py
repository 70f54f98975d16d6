"""Telling apart what is wanted from what is to be otherwise, in the words of somebody who puts a plan
together: "delete comments" is a feature, "drop comments" may be a change. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog_app.briefing.deltas import Delta, read_delta, says_same, strip_polite
from catalog_app.briefing.items import read_items
from catalog_app.briefing.types import Brief, Veto
from catalog_app.interchange.entries import EntryProblem, Origin, Severity
from catalog_app.planning.naming import AMBIGUOUS, FeatureNames
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.types import PlannedFeature
from catalog_app.planning.wording import listed, shorten

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
_TELLS = re.compile(
    r"(?:^\W*|[,;.]\s*|\b(?:and|but|then|also|just)\s+)(?:please\s+(?:drop|cut|delete|exclude|omit|remove|"
    r"replace|skip|swap|take (?:away|out))|drop(?:ping)?|leav(?:e|ing) out|get rid of|forget|replac(?:e|ing)|"
    r"swap|(?:cut|delet(?:e|ing)|exclud(?:e|ing)|omit|remov(?:e|ing)|skip|take (?:away|out)) "
    r"(?:all|our|that|the|these|this|those))\s",
    re.IGNORECASE | re.MULTILINE,
)
"""What is told to do away with something is rarely an application."""
_MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class WordedChange:
    """`unknown` is what is to go and is nothing in the plan: with any, nothing of the delta is certain."""

    delta: Delta
    unknown: tuple[Veto, ...] = ()


def may_change(text: str) -> bool:
    """Whether `find_change` may find one. Cheap: it needs no plan."""
    delta = read_delta(text)
    return not delta.leftovers and bool(delta.remove or delta.replace or says_same(text))


def is_feature_verb(text: str) -> bool:
    """Whether it may be said of an application as well as of a plan: "delete comments"."""
    return bool(_FEATURE_VERB.search(text))


def find_change(
    text: str,
    request: PlanRequest,
    features: Collection[PlannedFeature],
    *,
    meant: Collection[str] = (),
    is_planned: bool = False,
) -> WordedChange | None:
    """The change of this request that a text asks for; None where it is to be read as features. `features`
    are those of the plan that the request comes to, `meant` keys of the vetoes in which lookup sees some of
    them. With `is_planned`, read as features it would ask for nothing but these.

    "The same, but", refusals and "use … instead of" are changes. Any other verb is one only where the request
    has what it speaks of, word for word if applications do such things themselves. What tells to do away with
    something ("drop the wiki") is no feature even then.
    """
    if not may_change(text):
        return None
    delta = read_delta(text)
    if says_same(text):
        return WordedChange(delta)
    names = FeatureNames(request.wishes, tuple(features))
    is_loose = is_planned or not is_feature_verb(text)

    def is_known(veto: Veto) -> bool:
        if names.is_name(veto.quote):
            return True
        return is_loose and (veto.key in meant or names.may_mean(veto.quote))

    unknown = () if _INSTEAD.match(text) else tuple(old for old, _ in delta.replace if not is_known(old))
    if not read_items(text.splitlines())[0].vetoes:
        unknown += tuple(veto for veto in delta.remove if not is_known(veto))
    if not unknown:
        return WordedChange(delta)
    return WordedChange(delta, unknown) if request.wishes and _tells(text) else None


def _tells(text: str) -> bool:
    return bool(_TELLS.search(text)) or any(_TELLS.match(strip_polite(line)) for line in text.splitlines())


def describe_unknown(
    change: WordedChange,
    request: PlanRequest,
    features: Collection[PlannedFeature],
    near: Mapping[str, Collection[str]],
) -> tuple[EntryProblem, ...]:
    """What is to be said of it. `near` has slugs of the plan's features, the nearest first, by the key of the
    veto."""
    names = FeatureNames(request.wishes, tuple(features))
    shown = {wish.key: wish.quote for wish in request.wishes}
    titles = {feature.slug: feature.title for feature in features if feature.slug}
    problems = []
    for veto in change.unknown:
        found = names.find(veto.quote)
        keys = found.keys or ((found.suggestion,) if found.suggestion else ())
        nearest = [f"“{shorten(shown[key], 60)}” ({key})" for key in keys if key in shown]
        nearest += [f"“{titles[slug]}” ({slug})" for slug in near.get(veto.key, ()) if slug in titles]
        if found.code == AMBIGUOUS:
            message = found.message
        else:
            message = f"nothing in the plan is called “{veto.quote}”"
            if nearest:
                message += f"; nearest: {listed(nearest[:_MOST_NEAR])}"
        message += f". Say “no {veto.quote}” to rule it out; if it is a feature, put “must:” before all of it"
        problems.append(
            EntryProblem(Severity.ERROR, found.code or "unknown_feature", Origin(steps=("words",)), message)
        )
    return tuple(problems)


def find_refused(brief: Brief) -> tuple[Veto, ...]:
    """Vetoes of a brief that may take away what was wanted before. What the same brief wants as well is none:
    that is a question."""
    names = FeatureNames(brief.wishes)
    return tuple(veto for veto in brief.vetoes if not (veto.slug or names.may_mean(veto.quote)))
