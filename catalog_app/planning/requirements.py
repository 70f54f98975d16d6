"""What features need, followed to the end. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from catalog_app.choices import Strength
from catalog_app.planning.snapshot import FeatureFacts


@dataclass(slots=True)
class Need:
    """That a feature is wished for or required. `by` are the slugs that require it, in order."""

    strength: Strength
    by: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closure:
    """`needs` has everything that is planned, wishes first. `missing` are requirements that the catalog does
    not have, with who requires them; `waived` those that were left out though something requires them."""

    needs: Mapping[str, Need]
    missing: Mapping[str, tuple[str, ...]]
    waived: Mapping[str, tuple[str, ...]]


def close(
    wished: Iterable[tuple[str, Strength]], features: Mapping[str, FeatureFacts], left_out: Set[str]
) -> Closure:
    """Each feature is visited once, so circles end. What must be there is followed before what should, so
    that a required feature is as strong as the strongest that requires it."""
    strengths = dict(wished)
    needs = {slug: Need(strength) for slug, strength in strengths.items()}
    missing: dict[str, dict[str, None]] = {}
    waived: dict[str, dict[str, None]] = {}
    visited: set[str] = set()
    for strength in (Strength.MUST, Strength.SHOULD):
        queue = deque(slug for slug, wanted in strengths.items() if wanted is strength)
        while queue:
            slug = queue.popleft()
            if slug in visited or slug not in features:
                continue
            visited.add(slug)
            for required in features[slug].requires:
                if required in left_out:
                    waived.setdefault(required, {})[slug] = None
                elif required not in features and required not in needs:
                    missing.setdefault(required, {})[slug] = None
                else:
                    need = needs.setdefault(required, Need(strength))
                    need.by[slug] = None
                    if strength is Strength.MUST:
                        need.strength = Strength.MUST
                    queue.append(required)
    return Closure(
        needs,
        {slug: tuple(by) for slug, by in missing.items()},
        {slug: tuple(by) for slug, by in waived.items()},
    )


def all_requiring(slug: str, needs: Mapping[str, Need]) -> list[str]:
    """What cannot be without the feature: what requires it, and what requires these, nearest first."""
    found: dict[str, None] = {}
    queue = deque([slug])
    while queue:
        for requirer in needs[queue.popleft()].by:
            if requirer != slug and requirer not in found:
                found[requirer] = None
                queue.append(requirer)
    return list(found)


def circles(slugs: Sequence[str], features: Mapping[str, FeatureFacts]) -> tuple[str, ...]:
    """Those of the features that require themselves, by way of others or not, and what stands between two
    such circles. Sorted."""
    edges = {
        slug: [r for r in features[slug].requires if r in features] for slug in slugs if slug in features
    }
    edges = {slug: [r for r in required if r in edges] for slug, required in edges.items()}
    inverse: dict[str, list[str]] = {slug: [] for slug in edges}
    for slug, required in edges.items():
        for other in required:
            inverse[other].append(slug)
    kept = _without_ends(edges, inverse, set(edges))
    return tuple(sorted(_without_ends(inverse, edges, kept)))


def _without_ends(
    edges: Mapping[str, Sequence[str]], inverse: Mapping[str, Sequence[str]], among: set[str]
) -> set[str]:
    """What remains when again and again everything without an edge is taken away."""
    counts = {slug: sum(other in among for other in edges[slug]) for slug in among}
    ends = [slug for slug, count in counts.items() if count == 0]
    while ends:
        slug = ends.pop()
        del counts[slug]
        for other in inverse[slug]:
            if other in counts:
                counts[other] -= 1
                if counts[other] == 0:
                    ends.append(other)
    return set(counts)
