"""Which feature is built before which. Pure.

What a feature requires comes before it, in the same tier or an earlier one. Where features require each
other in a circle, one of them comes first all the same, and does not wait for the others.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.choices import FeatureDecision, Strength
from catalog_app.planning.tiers import Tier, standing
from catalog_app.planning.types import PlannedFeature


@dataclass(frozen=True, slots=True)
class OrderedFeature:
    """`requires` are keys of features that come before this one. `tier` may be earlier than the feature's own
    where a feature of that tier needs it."""

    feature: PlannedFeature
    tier: Tier
    requires: tuple[str, ...]


def order_features(features: Sequence[PlannedFeature]) -> tuple[OrderedFeature, ...]:
    """Those that make phases: by tier, what must be there before what should, then as they were asked for;
    except that requirements go first."""
    planned = {each.key: each for each in features if each.decision in FeatureDecision.planned()}
    required = _resolve(planned)
    tiers = _pull_forward(planned, required)
    positions = {key: index for index, key in enumerate(planned)}

    def priority(key: str) -> tuple[int, bool, int, int]:
        feature = planned[key]
        is_later = feature.strength is Strength.SHOULD
        return (tiers[key], is_later, standing(feature).rank, positions[key])

    order = _requirements_first(sorted(planned, key=priority), required)
    places = {key: index for index, key in enumerate(order)}
    return tuple(
        OrderedFeature(
            planned[key],
            tiers[key],
            tuple(each for each in required[key] if places[each] < places[key]),
        )
        for key in order
    )


def _resolve(planned: Mapping[str, PlannedFeature]) -> dict[str, tuple[str, ...]]:
    """Slugs that are required as keys of planned features; what is not planned drops out."""
    keys: dict[str, str] = {}
    for feature in planned.values():
        if feature.slug:
            keys.setdefault(feature.slug, feature.key)
    return {
        feature.key: tuple(
            dict.fromkeys(
                keys[slug] for slug in feature.requires if slug in keys and keys[slug] != feature.key
            )
        )
        for feature in planned.values()
    }


def _pull_forward(
    planned: Mapping[str, PlannedFeature], required: Mapping[str, tuple[str, ...]]
) -> dict[str, Tier]:
    """The tier of each feature: its own, or the earliest of those that need it."""
    tiers = {key: standing(feature).tier for key, feature in planned.items()}
    waiting = deque(planned)
    while waiting:
        key = waiting.popleft()
        for each in required[key]:
            if tiers[each] > tiers[key]:
                tiers[each] = tiers[key]
                waiting.append(each)
    return tiers


def _requirements_first(keys: Sequence[str], required: Mapping[str, tuple[str, ...]]) -> list[str]:
    order: dict[str, None] = {}
    entered: set[str] = set()
    for start in keys:
        path: list[tuple[str, Iterator[str]]] = []
        if start not in entered:
            entered.add(start)
            path.append((start, iter(required[start])))
        while path:
            key, rest = path[-1]
            inner = next((each for each in rest if each not in entered), None)
            if inner is None:
                order[key] = None
                path.pop()
            else:
                entered.add(inner)
                path.append((inner, iter(required[inner])))
    return list(order)
