"""Phases before they have their place in a plan, and how they get it. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autopack.task_categories import HIGH_RISK
from catalog_app.choices import CiProfile, Complexity
from catalog_app.interchange.entries import Json
from catalog_app.planning.phase_texts import MAX_NAME
from catalog_app.planning.request import GivenPhase
from catalog_app.planning.tiers import Tier
from catalog_app.planning.types import PlannedPhase, PlannedTier
from catalog_app.planning.wording import one_line

_MAX_ID = 90


@dataclass(frozen=True, slots=True)
class Contents:
    """What is written for whoever builds a phase."""

    name: str
    description: str
    acceptance_criteria: tuple[str, ...]
    allowed_paths: tuple[str, ...]
    blocked: str = ""
    spec: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A phase of this planner. `handle` is what others `need` it by, `label` what its id is made from, and
    stays the same when other features come and go. `features` are keys. `write` makes its contents: most of
    the work, and not needed to say what a phase costs."""

    handle: str
    label: str
    tier: Tier
    task_category: str
    complexity: Complexity
    builder_mode: str
    write: Callable[[], Contents]
    needs: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """Tiers and phases in the order of building. No phase depends on a later one."""

    tiers: tuple[PlannedTier, ...]
    phases: tuple[PlannedPhase, ...]


def place_phases(given: Sequence[GivenPhase], drafts: Sequence[Draft], ci_profile: CiProfile) -> PhasePlan:
    """What was given comes first, in tiers of its own, each after the one before it. Then the drafts by tier,
    within a tier as they come. `ci_profile` is for phases without a high risk."""
    ids = _Ids()
    used = {draft.tier for draft in drafts}
    given_tiers, given_phases = _place_given(given, ids, used, ci_profile)
    base = tuple(phase.phase_id for phase in given_phases[-1:])
    tiers = tuple(
        PlannedTier(tier.tier_id, len(given_tiers) + index, tier.title, tier.description)
        for index, tier in enumerate(sorted(used))
    )
    phases = list(given_phases)
    placed: dict[str, str] = {}
    for draft in sorted(drafts, key=lambda draft: draft.tier):
        phase_id = ids.take(draft.label)
        needs = tuple(dict.fromkeys(placed[handle] for handle in draft.needs if handle in placed))
        contents = draft.write()
        phases.append(
            PlannedPhase(
                phase_id=phase_id,
                phase_index=len(phases),
                tier_id=draft.tier.tier_id,
                name=contents.name,
                description=contents.description,
                task_category=draft.task_category,
                complexity=draft.complexity,
                builder_mode=draft.builder_mode,
                ci_profile=CiProfile.STRICT if draft.task_category in HIGH_RISK else ci_profile,
                acceptance_criteria=contents.acceptance_criteria,
                allowed_paths=contents.allowed_paths,
                depends_on=needs or base,
                incident_token_cap=0,
                features=draft.features,
                blocked=contents.blocked,
                spec=contents.spec,
            )
        )
        placed[draft.handle] = phase_id
    return PhasePlan((*given_tiers, *tiers), tuple(phases))


def leaves(drafts: Iterable[Draft]) -> tuple[str, ...]:
    """Handles of those that no other one needs: who needs these needs all."""
    handles = dict.fromkeys(draft.handle for draft in drafts)
    for draft in drafts:
        for needed in draft.needs:
            handles.pop(needed, None)
    return tuple(handles)


def _place_given(
    given: Sequence[GivenPhase], ids: "_Ids", used: Iterable[Tier], ci_profile: CiProfile
) -> tuple[tuple[PlannedTier, ...], tuple[PlannedPhase, ...]]:
    tier_ids = _Ids(tier.tier_id for tier in used)
    tiers = {
        name: PlannedTier(tier_ids.take(name), index, one_line(name, MAX_NAME) or "Given", "")
        for index, name in enumerate(dict.fromkeys(each.tier for each in given))
    }
    phases: list[PlannedPhase] = []
    for each in sorted(given, key=lambda each: tiers[each.tier].tier_index):
        phase_id = ids.take(each.phase_id)
        phases.append(
            PlannedPhase(
                phase_id=phase_id,
                phase_index=len(phases),
                tier_id=tiers[each.tier].tier_id,
                name=one_line(each.name, MAX_NAME) or phase_id,
                description=each.description,
                task_category=each.task_category,
                complexity=each.complexity,
                builder_mode=each.builder_mode,
                ci_profile=_given_profile(each, ci_profile),
                acceptance_criteria=each.acceptance_criteria,
                allowed_paths=each.allowed_paths,
                depends_on=tuple(phase.phase_id for phase in phases[-1:]),
                incident_token_cap=0,
                features=(),
                spec=each.spec,
            )
        )
    return tuple(tiers.values()), tuple(phases)


def _given_profile(phase: GivenPhase, usual: CiProfile) -> CiProfile:
    if phase.ci_profile in list(CiProfile):
        return CiProfile(phase.ci_profile)
    return CiProfile.STRICT if phase.task_category in HIGH_RISK else usual


class _Ids:
    """Ids that a run and git take (letters, digits, `._-`, at most 100; no `..`, neither `.lock` nor a dot at
    the end), each once. What is legal and free stays as it is."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted)
        base = re.sub(r"\.{2,}", ".", plain).lstrip("._-")[:_MAX_ID]
        base = re.sub(r"(?:\.lock|\.)+$", "", base) or "phase"
        name = base
        while name in self._taken:
            self._counts[base] = self._counts.get(base, 1) + 1
            name = f"{base}-{self._counts[base]}"
        self._taken.add(name)
        return name
