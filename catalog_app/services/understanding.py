"""What changes in words mean for a certain plan: by its own names, or by what lookup knows."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from catalog_app.briefing.deltas import Delta, read_delta
from catalog_app.briefing.items import read_items
from catalog_app.choices import LookupBand
from catalog_app.models import FeatureCatalog
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.naming import FeatureNames
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.said_changes import SaidChanges, find_unnamed, settle_delta
from catalog_app.planning.snapshot import Resolution
from catalog_app.planning.types import PlannedFeature
from catalog_app.planning.worded_changes import describe_unknown, find_change, is_feature_verb, may_change
from catalog_app.planning.wording import shorten
from catalog_app.selectors.resolving import resolve


def understand_delta(
    delta: Delta, request: PlanRequest, features: Collection[PlannedFeature], *, catalog: FeatureCatalog
) -> SaidChanges:
    """`features` are those of the plan that the request was. Nothing is written."""
    found = _look_up(delta, request, features, catalog)
    return settle_delta(delta, request, features, _list_offered(found, features))


def understand_line(
    text: str, request: PlanRequest, features: Collection[PlannedFeature], *, catalog: FeatureCatalog
) -> SaidChanges | None:
    """The same of what is typed where features are typed as well; None: it is to be read as features. What is
    to go and is not known is unclear here: it may be a feature after all. Nothing is written."""
    if not may_change(text):
        return None
    delta = read_delta(text)
    found = _look_up(delta, request, features, catalog)
    offered = _list_offered(found, features)
    meant = {key for key, slugs in offered.items() if slugs}
    is_planned = is_feature_verb(text) and _is_planned(
        text, _list_meant(delta, request, features, offered), features, catalog
    )
    change = find_change(text, request, features, meant=meant, is_planned=is_planned)
    if change is None:
        return None
    if change.unknown:
        near = {key: [match.slug for match in resolution.matches] for key, resolution in found.items()}
        return SaidChanges(PlanChanges(), describe_unknown(change, request, features, near))
    said = settle_delta(delta, request, features, offered)
    if is_planned:
        note = f"“{shorten(text)}” was taken for a change. If it is a feature, put “must:” before it."
        said = replace(said, notes=(*said.notes, note))
    return said


def _look_up(
    delta: Delta, request: PlanRequest, features: Collection[PlannedFeature], catalog: FeatureCatalog
) -> Mapping[str, Resolution]:
    """What lookup says of that which is in none of the plan's words, by the key of the veto."""
    unnamed = find_unnamed(delta, request, features)
    is_any = any(feature.slug for feature in features)
    return resolve(catalog, PlanRequest(vetoes=unnamed)).resolutions if unnamed and is_any else {}


def _list_meant(
    delta: Delta,
    request: PlanRequest,
    features: Collection[PlannedFeature],
    offered: Mapping[str, Collection[str]],
) -> set[str]:
    """Features of the plan that a delta speaks of, by their names or by lookup."""
    names = FeatureNames(request.wishes, tuple(features))
    slugs = {feature.key: feature.slug for feature in features if feature.slug}
    meant = {slug for some in offered.values() for slug in some}
    for veto in (*delta.remove, *(old for old, _ in delta.replace)):
        meant |= {slugs[key] for key in names.find(veto.quote).keys if key in slugs}
    return meant


def _is_planned(
    text: str, meant: Collection[str], features: Collection[PlannedFeature], catalog: FeatureCatalog
) -> bool:
    """Whether a text that is read as features asks for some of these, and for no other."""
    wishes = read_items(text.splitlines())[0].wishes
    if not meant or not wishes:
        return False
    offered = _list_offered(resolve(catalog, PlanRequest(wishes=wishes)).resolutions, features)
    return all(slugs and set(slugs) <= set(meant) for slugs in offered.values())


def _list_offered(
    found: Mapping[str, Resolution], features: Collection[PlannedFeature]
) -> dict[str, list[str]]:
    slugs = {feature.slug for feature in features if feature.slug}
    return {key: _offered(resolution, slugs) for key, resolution in found.items()}


def _offered(resolution: Resolution, slugs: Collection[str]) -> list[str]:
    """Which of the plan's features lookup takes it for. Its best match alone, where it is sure of it."""
    most = {LookupBand.MATCH: 1, LookupBand.NONE: 0}.get(resolution.band)
    return [match.slug for match in resolution.matches[:most] if match.slug in slugs]
