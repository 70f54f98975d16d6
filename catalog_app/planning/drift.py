"""What a catalog says otherwise than when a plan was made from it. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from catalog_app.choices import DriftKind, FeatureDecision, SourceStatus, SourceVerdict
from catalog_app.planning.types import PlanDocument, PlannedFeature, SourceOption, StackChoice

_SHOWN_COMMIT = 12


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """`key` and `slug` name the feature, `source` its source; all "" where it is about something else.
    `before` and `after` are the value that changed, `text` says it in words."""

    kind: DriftKind
    text: str
    key: str = ""
    slug: str = ""
    source: str = ""
    before: str = ""
    after: str = ""


def find_drift(
    before: PlanDocument, now: PlanDocument, *, slugs: Collection[str], stacks: Collection[str]
) -> tuple[CatalogChange, ...]:
    """`now` is the same request planned anew; `slugs` and `stacks` are what the catalog has now. In the order
    of the features, the stack last."""
    todays = {feature.key: feature for feature in now.features}
    changes = [
        change
        for feature in before.features
        for change in _compare_features(feature, todays.get(feature.key), slugs)
    ]
    changes += _compare_stacks(before.stack, now.stack, stacks)
    if before.inputs.planner != now.inputs.planner:
        text = "Autopack itself plans otherwise than it did then."
        versions = {"before": before.inputs.planner, "after": now.inputs.planner}
        changes.append(CatalogChange(DriftKind.PLANNER_CHANGED, text, **versions))
    return tuple(changes)


def _say_source(option: SourceOption) -> str:
    """`auth-kit src/login, src/session`."""
    return f"{option.repo_id} {', '.join(option.paths)}".strip()


def _compare_features(
    before: PlannedFeature, now: PlannedFeature | None, slugs: Collection[str]
) -> Iterator[CatalogChange]:
    if before.slug and before.slug not in slugs:
        text = f"{before.title}: the feature {before.slug} was retired. {_becomes(now)}"
        yield _of(before, DriftKind.FEATURE_GONE, text.strip(), before=before.slug)
    elif now is None:
        if before.required_by:
            text = f"{before.title}: nothing requires it any more."
            yield _of(before, DriftKind.FEATURE_CHANGED, text, before=before.slug)
    elif before.slug != now.slug:
        text = (
            f"{before.title}: the catalog now takes this for {now.slug or 'something that it does not have'}."
        )
        yield _of(before, DriftKind.FEATURE_CHANGED, text, before=before.slug, after=now.slug)
    elif before.source is not None:
        yield from _compare_sources(before, before.source, now)
    elif now.source is not None and before.decision is FeatureDecision.BUILD_NEW:
        source = _say_source(now.source)
        text = f"{before.title}: it was to be built new; {source} can be reused now."
        yield _of(before, DriftKind.BETTER_SOURCE, text, source=source, after=_score(now.source))


def _compare_sources(
    before: PlannedFeature, old: SourceOption, now: PlannedFeature
) -> Iterator[CatalogChange]:
    source = _say_source(old)
    today = next((option for option in now.options if _key(option) == _key(old)), None)
    if today is None:
        text = f"{before.title}: the catalog has no source {source} any more. {_becomes(now)}"
        yield _of(before, DriftKind.SOURCE_GONE, text, source=source, before=source)
        return
    yield from _compare_facts(before, old, today)
    is_usable = today.verdict is not SourceVerdict.EXCLUDED
    if not is_usable:
        text = f"{before.title}: {source} may not be reused any more: {today.why} {_becomes(now)}"
        yield _of(
            before,
            DriftKind.SOURCE_UNUSABLE,
            text,
            source=source,
            before=old.verdict.value,
            after=today.verdict.value,
        )
    elif now.source is not None and _key(now.source) != _key(old):
        text = (
            f"{before.title}: {_say_source(now.source)} scores {_score(now.source)} now, {source} "
            f"{_score(today)}."
        )
        scores = {"before": _score(today), "after": _score(now.source)}
        yield _of(before, DriftKind.BETTER_SOURCE, text, source=_say_source(now.source), **scores)


def _compare_facts(before: PlannedFeature, old: SourceOption, today: SourceOption) -> Iterator[CatalogChange]:
    source = _say_source(old)
    if old.pinned_commit != today.pinned_commit:
        text = (
            f"{before.title}: {source} is pinned to {_commit(today.pinned_commit)} now, not to "
            f"{_commit(old.pinned_commit)}."
        )
        yield _of(
            before,
            DriftKind.SOURCE_REPINNED,
            text,
            source=source,
            before=old.pinned_commit,
            after=today.pinned_commit,
        )
    was, is_now = (f"{o.license or 'unknown'} ({o.decision.label.lower()})" for o in (old, today))
    if was != is_now:
        text = f"{before.title}: the licence of {source} was {was}, and is {is_now}."
        yield _of(before, DriftKind.LICENSE_CHANGED, text, source=source, before=was, after=is_now)
    is_blocked = old.verdict is SourceVerdict.BLOCKED
    if is_blocked and today.status is SourceStatus.VERIFIED and today.verdict is not SourceVerdict.BLOCKED:
        text = f"{before.title}: {source} has been verified."
        yield _of(
            before,
            DriftKind.SOURCE_USABLE,
            text,
            source=source,
            before=old.status.value,
            after=today.status.value,
        )
    if not is_blocked and today.verdict is SourceVerdict.BLOCKED:
        text = f"{before.title}: {source} has to be verified again: it is {today.status.label.lower()}."
        yield _of(
            before,
            DriftKind.SOURCE_UNUSABLE,
            text,
            source=source,
            before=old.status.value,
            after=today.status.value,
        )


def _compare_stacks(
    before: StackChoice, now: StackChoice, stacks: Collection[str]
) -> Iterator[CatalogChange]:
    names = {"before": before.profile, "after": now.profile}
    if before.profile and before.profile not in stacks:
        text = f"The stack {before.title} was retired; {now.title or 'none'} is taken instead."
        yield CatalogChange(DriftKind.STACK_GONE, text, **names)
    elif before.profile != now.profile:
        text = f"The stack {now.title or 'none'} fits better now than {before.title or 'none'}."
        yield CatalogChange(DriftKind.STACK_CHANGED, text, **names)
    else:
        old, new = ({choice.slot: choice.value for choice in stack.slots} for stack in (before, now))
        for slot in sorted(old.keys() | new.keys()):
            was, is_now = old.get(slot, ""), new.get(slot, "")
            if was != is_now:
                text = f"The {slot} of the stack {now.title} was {was or 'open'}, and is {is_now or 'open'}."
                yield CatalogChange(DriftKind.STACK_CHANGED, text, before=was, after=is_now)


def _becomes(now: PlannedFeature | None) -> str:
    """What becomes of the feature without its source."""
    if now is None:
        return ""
    if now.source is not None:
        return f"{_say_source(now.source)} is taken instead."
    return "It is to be built new." if now.decision is FeatureDecision.BUILD_NEW else ""


def _key(option: SourceOption) -> tuple[str, tuple[str, ...]]:
    return option.repo_id, tuple(sorted(option.paths))


def _score(option: SourceOption) -> str:
    return f"{option.score:.2f}"


def _commit(name: str) -> str:
    return name[:_SHOWN_COMMIT] or "no commit"


def _of(
    feature: PlannedFeature,
    kind: DriftKind,
    text: str,
    *,
    source: str = "",
    before: str = "",
    after: str = "",
) -> CatalogChange:
    return CatalogChange(kind, text.strip(), feature.key, feature.slug, source, before, after)
