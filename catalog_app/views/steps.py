"""What a curator does to sources, features and scans on the pages. Each calls one service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from autopack.actors import Actor
from catalog_app.models import Feature, FeatureSource, SourceScan
from catalog_app.services import trusting, verifying
from catalog_app.services.recording import ensure_reason

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """`take` does it, for a reason, and says so in one sentence. What needs no reason needs no question."""

    slug: str
    button: str
    icon: str
    question: str
    explanation: str
    take: Callable[[T, Actor, str], str]
    is_dangerous: bool = False
    is_reason_needed: bool = True


def list_source_steps(source: FeatureSource, *, is_live: bool) -> list[Step[FeatureSource]]:
    """What can be done to it as it is now; `is_live` says that it is being scanned."""
    if source.retired_at is not None:
        return [SOURCE_STEPS["restore"]]
    slugs = [] if is_live else ["verify", "repin"] if source.pinned_commit else ["verify"]
    slugs += ["unlist" if source.repo.is_whitelisted else "whitelist", "retire"]
    return [SOURCE_STEPS[slug] for slug in slugs]


def list_feature_steps(feature: Feature) -> list[Step[Feature]]:
    return [FEATURE_STEPS["restore" if feature.retired_at is not None else "retire"]]


def _verify(source: FeatureSource, actor: Actor, reason: str) -> str:
    verifying.request_scan(source, actor=actor, reason=reason)
    return f"{source.repo.repo_id} is going to be verified."


def _repin(source: FeatureSource, actor: Actor, reason: str) -> str:
    why = ensure_reason(reason, "pinned_commit")
    verifying.request_scan(source, actor=actor, reason=why, is_repin=True)
    return f"{source.repo.repo_id} is going to be pinned anew, if its head verifies."


def _cancel(scan: SourceScan, actor: Actor, reason: str) -> str:
    cancelled = verifying.cancel_scan(scan, actor=actor, reason=reason)
    return "The scan is being cancelled." if cancelled.is_live else "The scan is cancelled."


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
        "verify",
        "Verify",
        "refresh",
        "Verify this source?",
        "The worker fetches the repository, looks for the licence at the paths, and measures how well it is "
        "kept. What is known stays until it comes to a conclusion.",
        _verify,
        is_reason_needed=False,
    ),
    Step(
        "repin",
        "Pin anew",
        "pin",
        "Pin the head of this repository?",
        "The worker verifies the head of the branch. If that succeeds, plans take from there from now on; "
        "otherwise the pin stays where it is.",
        _repin,
    ),
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
SCAN_STEPS: Mapping[str, Step[SourceScan]] = _by_slug(
    Step(
        "cancel",
        "Cancel",
        "player-stop",
        "Cancel this scan?",
        "What is known of the source stays as it is.",
        _cancel,
        is_dangerous=True,
        is_reason_needed=False,
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
