"""What a curator does to a source or a feature on the pages: each asks why first, and calls one service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from autopack.actors import Actor
from catalog_app.models import Feature, FeatureSource
from catalog_app.services import trusting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """`take` does it, for a reason, and says so in one sentence."""

    slug: str
    button: str
    icon: str
    question: str
    explanation: str
    take: Callable[[T, Actor, str], str]
    is_dangerous: bool = False
    is_reason_needed: bool = True


def list_source_steps(source: FeatureSource) -> list[Step[FeatureSource]]:
    """What can be done to it as it is now."""
    if source.retired_at is not None:
        return [SOURCE_STEPS["restore"]]
    listing = SOURCE_STEPS["unlist" if source.repo.is_whitelisted else "whitelist"]
    return [listing, SOURCE_STEPS["retire"]]


def list_feature_steps(feature: Feature) -> list[Step[Feature]]:
    return [FEATURE_STEPS["restore" if feature.retired_at is not None else "retire"]]


def _whitelist(source: FeatureSource, actor: Actor, reason: str) -> str:
    trusting.whitelist_repos([source.repo], actor=actor, reason=reason)
    return f"{source.repo.repo_id} is whitelisted."


def _unlist(source: FeatureSource, actor: Actor, reason: str) -> str:
    trusting.unlist_repos([source.repo], actor=actor, reason=reason)
    return f"{source.repo.repo_id} is no longer whitelisted."


def _retire_source(source: FeatureSource, actor: Actor, reason: str) -> str:
    trusting.retire_sources([source], actor=actor, reason=reason)
    return f"The source {source.repo.repo_id} is retired."


def _restore_source(source: FeatureSource, actor: Actor, reason: str) -> str:
    trusting.restore_sources([source], actor=actor, reason=reason)
    return f"The source {source.repo.repo_id} is back."


def _retire_feature(feature: Feature, actor: Actor, reason: str) -> str:
    trusting.retire_features([feature], actor=actor, reason=reason)
    return f"{feature.title} is retired."


def _restore_feature(feature: Feature, actor: Actor, reason: str) -> str:
    trusting.restore_features([feature], actor=actor, reason=reason)
    return f"{feature.title} is back."


def _by_slug(*steps: Step[T]) -> Mapping[str, Step[T]]:
    return {step.slug: step for step in steps}


SOURCE_STEPS: Mapping[str, Step[FeatureSource]] = _by_slug(
    Step(
        "whitelist",
        "Whitelist",
        "shield-check",
        "Whitelist this repository?",
        "Plans without anybody in the loop may take from it, wherever a source of it is verified and its "
        "licence allowed. This holds for the repository as a whole, in every catalog.",
        _whitelist,
    ),
    Step(
        "unlist",
        "Take off the whitelist",
        "shield-x",
        "Take this repository off the whitelist?",
        "Nothing of it is reused unattended from now on, in any catalog.",
        _unlist,
        is_dangerous=True,
    ),
    Step(
        "retire",
        "Retire",
        "archive",
        "Retire this source?",
        "It leaves plans and exports. Its history and its scans stay, and it can be restored.",
        _retire_source,
        is_dangerous=True,
    ),
    Step(
        "restore",
        "Restore",
        "history",
        "Restore this source?",
        "It is part of the catalog again, with what is known of it.",
        _restore_source,
    ),
)
FEATURE_STEPS: Mapping[str, Step[Feature]] = _by_slug(
    Step(
        "retire",
        "Retire",
        "archive",
        "Retire this feature?",
        "It leaves search, plans and exports, and its sources with it. Nothing is lost; it can be restored.",
        _retire_feature,
        is_dangerous=True,
    ),
    Step(
        "restore",
        "Restore",
        "history",
        "Restore this feature?",
        "It is part of the catalog again, as it was.",
        _restore_feature,
    ),
)
