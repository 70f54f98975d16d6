"""Changes that were said in words, as changes of a certain plan. Nothing is guessed in silence. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from catalog_app.briefing.deltas import Delta
from catalog_app.briefing.types import Veto, Wish
from catalog_app.choices import FeatureDecision
from catalog_app.interchange.entries import EntryProblem, Origin, Severity
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.naming import AMBIGUOUS, FeatureNames, Named
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.types import PlannedFeature


@dataclass(frozen=True, slots=True)
class SaidChanges:
    """`unclear` is what can mean several things, or nothing that can be done: it is not in `changes`. `notes`
    say what words were taken for."""

    changes: PlanChanges
    unclear: tuple[EntryProblem, ...] = ()
    notes: tuple[str, ...] = ()


def find_unnamed(
    delta: Delta, request: PlanRequest, features: Collection[PlannedFeature]
) -> tuple[Veto, ...]:
    """What is to go or to be replaced, and is in none of the plan's words: lookup may know what is meant."""
    names = FeatureNames(request.wishes, tuple(features))
    gone = [*delta.remove, *(old for old, _ in delta.replace)]
    return tuple(veto for veto in gone if _is_unknown(names.find(veto.quote)))


def settle_delta(
    delta: Delta,
    request: PlanRequest,
    features: Collection[PlannedFeature],
    meant: Mapping[str, Collection[str]] | None = None,
) -> SaidChanges:
    """`features` are those of the plan that the request was. `meant` has slugs of them that lookup offers for
    what no name fits, by the key of the veto."""
    settling = _Settling(tuple(features), FeatureNames(request.wishes, tuple(features)), meant or {})
    # Places of the delta's words would be taken for places of the brief.
    for veto in delta.remove:
        settling.remove(replace(veto, places=()))
    for old, new in delta.replace:
        settling.replace(replace(old, places=()), replace(new, places=()))
    settling.added += [replace(wish, places=()) for wish in delta.add]
    for leftover in delta.leftovers:
        settling.complain("not_understood", f"“{leftover.text[:200]}”: {leftover.why}")
    return settling.finish()


@dataclass(slots=True)
class _Settling:
    features: tuple[PlannedFeature, ...]
    names: FeatureNames
    meant: Mapping[str, Collection[str]]
    added: list[Wish] = field(default_factory=list)
    removed: dict[str, Veto] = field(default_factory=dict)
    replaced: dict[str, tuple[Veto, Wish]] = field(default_factory=dict)
    vetoes: list[Veto] = field(default_factory=list)
    unclear: list[EntryProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def remove(self, veto: Veto) -> None:
        found = self._find(veto)
        if found.code == AMBIGUOUS:
            self.complain(found.code, found.message)
        elif found.required is not None:
            self.vetoes.append(replace(veto, slug=found.required.slug))
        elif found.keys:
            self.removed |= dict.fromkeys(found.keys, veto)
        else:
            self.vetoes.append(veto)
            self.notes.append(f"Nothing here is “{veto.quote}”. That it is not wanted is kept.")

    def replace(self, old: Veto, new: Wish) -> None:
        found = self._find(old)
        if found.code == AMBIGUOUS:
            self.complain(found.code, found.message)
        elif found.required is not None:
            self.vetoes.append(replace(old, slug=found.required.slug))
            self.added.append(new)
        elif found.keys:
            self.replaced[found.keys[0]] = old, new
        else:
            self.added.append(new)
            self.notes.append(
                f"Nothing here is “{old.quote}”, so “{new.quote}” replaces nothing: it is added."
            )

    def complain(self, code: str, message: str) -> None:
        self.unclear.append(EntryProblem(Severity.ERROR, code, Origin(steps=("words",)), message))

    def finish(self) -> SaidChanges:
        merged = {feature.key: feature.merged_into for feature in self.features if feature.merged_into}
        changes = PlanChanges(
            add=tuple(self.added),
            # What was merged goes with the other.
            remove=tuple(key for key in self.removed if merged.get(key) not in self.removed),
            replace=tuple((key, new) for key, (_, new) in self.replaced.items()),
            vetoes=(*self.vetoes, *self._still_needed()),
        )
        return SaidChanges(changes, tuple(self.unclear), tuple(self.notes))

    def _find(self, veto: Veto) -> Named:
        found = self.names.find(veto.quote)
        slugs = sorted(self.meant.get(veto.key, ()))
        if not _is_unknown(found) or not slugs:
            return found
        if len(slugs) > 1:
            return Named(code=AMBIGUOUS, message=f"“{veto.quote}” may mean {', '.join(slugs)}; say which")
        found = self.names.find(slugs[0])
        if found.is_found:
            self.notes.append(f"“{veto.quote}” was taken for {slugs[0]}.")
        return found

    def _still_needed(self) -> list[Veto]:
        """What goes as a wish but would come back, because something that stays requires it."""
        gone = self.removed | {key: old for key, (old, _) in self.replaced.items()}
        needed = {
            slug
            for feature in self.features
            if feature.key not in gone and feature.decision in FeatureDecision.planned()
            for slug in feature.requires
        }
        return [
            replace(gone[feature.key], slug=feature.slug)
            for feature in self.features
            if feature.key in gone and feature.slug in needed
        ]


def _is_unknown(found: Named) -> bool:
    return not found.is_found and found.code != AMBIGUOUS
