"""What speaks for a stack profile, as numbers that are all shown, and in words what it lacks. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog_app.planning.admission import may_be_planned, stacks_of
from catalog_app.planning.mentions import Mention, has_value, values_of
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, StackFacts
from catalog_app.planning.types import ScorePart
from catalog_app.planning.wording import listed


@dataclass(frozen=True, slots=True)
class Support:
    """What the planned features can be taken from. `titles` are those that have any source worth planning,
    by slug; `anywhere` those of them that have one for every stack, `on` those that have one for this stack.
    `repos` are the repositories of all such sources."""

    titles: Mapping[str, str]
    anywhere: frozenset[str]
    on: Mapping[str, frozenset[str]]
    repos: frozenset[str]

    def missing(self, stack: str) -> tuple[str, ...]:
        """Titles of features that could be reused elsewhere, and cannot on this stack."""
        here = self.on.get(stack, frozenset())
        return tuple(
            title for slug, title in self.titles.items() if slug not in self.anywhere and slug not in here
        )


@dataclass(frozen=True, slots=True)
class Lack:
    """`part` is the name of the score that it lowers."""

    part: str
    text: str


def rate_features(snapshot: Snapshot, features: Sequence[FeatureFacts]) -> Support:
    """Looked at once for all stacks."""
    titles: dict[str, str] = {}
    anywhere: set[str] = set()
    on: dict[str, set[str]] = {stack.slug: set() for stack in snapshot.stacks}
    repos: set[str] = set()
    for feature in features:
        for source in feature.sources:
            if not may_be_planned(source):
                continue
            titles[feature.slug] = feature.title
            repos.add(source.repo_id)
            named = stacks_of(feature, source)
            if not named:
                anywhere.add(feature.slug)
            for slug in named:
                if slug in on:
                    on[slug].add(feature.slug)
    frozen = {slug: frozenset(supported) for slug, supported in on.items()}
    return Support(titles, frozenset(anywhere), frozen, frozenset(repos))


def score_stack(
    stack: StackFacts,
    snapshot: Snapshot,
    project_type: str,
    slots: Mapping[str, str],
    missed_slots: Sequence[str],
    mentions: Sequence[Mention],
    support: Support,
) -> tuple[tuple[ScorePart, ...], tuple[Lack, ...]]:
    """The parts, whose weights add up to 1, and what the profile lacks."""
    scored = (
        ("project_type", 0.40, _project_type(stack, snapshot, project_type)),
        ("requested", 0.25, _requested(stack, slots, missed_slots, mentions)),
        ("features", 0.25, _features(stack, support)),
        ("preferred_repos", 0.10, _preferred(stack, support)),
    )
    parts = tuple(
        ScorePart(name, round(value, 4), weight, reason) for name, weight, (value, reason, _) in scored
    )
    return parts, tuple(Lack(name, text) for name, _, (_, _, lacks) in scored for text in lacks)


_Scored = tuple[float, str, tuple[str, ...]]


def _project_type(stack: StackFacts, snapshot: Snapshot, project_type: str) -> _Scored:
    if not project_type:
        return 0.0, "No project type is known.", ()
    if snapshot.project_types.get(project_type) == stack.slug:
        return 1.0, f"The catalog maps {project_type} to it.", ()
    if project_type not in stack.project_types:
        return 0.0, f"Not meant for {project_type}.", (f"it is not meant for {project_type}",)
    place = stack.project_types.index(project_type)
    if place == 0:
        return 1.0, f"Made for {project_type} first of all.", ()
    return max(0.8, 1 - 0.05 * place), f"Made for {project_type} among others, in place {place + 1}.", ()


def _requested(
    stack: StackFacts, slots: Mapping[str, str], missed_slots: Sequence[str], mentions: Sequence[Mention]
) -> _Scored:
    values = values_of(stack)
    lacks = []
    for slot in missed_slots:
        has = stack.slots.get(slot)
        lacks.append(f"it has {has or 'nothing'} as {slot} where {slots[slot]} is asked for")
    for mention in mentions:
        if mention.is_wanted and not has_value(values, mention.value):
            lacks.append(f"it does not have {mention.value} (“{mention.said}”)")
        elif not mention.is_wanted and has_value(values, mention.value):
            lacks.append(f"it has {mention.value} (“{mention.said}”)")
    asked = len(slots) + len(mentions)
    if asked == 0:
        return 1.0, "Nothing particular is asked for.", ()
    met = asked - len(lacks)
    return met / asked, f"Meets {met} of {asked} things that are asked for.", tuple(lacks)


def _features(stack: StackFacts, support: Support) -> _Scored:
    total = len(support.titles)
    if total == 0:
        return 1.0, "No planned feature has a source that could be reused.", ()
    missing = support.missing(stack.slug)
    reason = f"{total - len(missing)} of {total} features with sources have one that works on it."
    if not missing:
        return 1.0, reason, ()
    return (total - len(missing)) / total, reason, (f"no source of {listed(missing)} works on it",)


def _preferred(stack: StackFacts, support: Support) -> _Scored:
    if not stack.preferred_repos:
        return 0.0, "It prefers no repository.", ()
    present = [repo_id for repo_id in stack.preferred_repos if repo_id in support.repos]
    if not present:
        return 0.0, "None of the repositories that it prefers has a planned feature.", ()
    share = len(present) / len(stack.preferred_repos)
    return share, f"Planned features are in {listed(present)}, which it prefers.", ()
