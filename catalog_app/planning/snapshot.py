"""The part of a catalog that a plan is made from. Pure: services read it, nothing here knows rows or ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from catalog_app.choices import CiProfile, Complexity, LicenseDecision, LookupBand, Ownership, SourceStatus

SourceKey = tuple[str, str, tuple[str, ...]]
"""Slug of the feature, id of the repository, paths."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source that is not retired, with the decision of the policy in force for the plan.

    `license` is the effective licence where a scan found one, else the declared one. `position` is the
    curator's order within the feature, from 0.
    """

    repo_id: str
    repo_url: str
    paths: tuple[str, ...]
    license: str
    decision: LicenseDecision
    decision_reason: str
    status: SourceStatus
    status_detail: str = ""
    pinned_commit: str = ""
    is_whitelisted: bool = False
    ownership: Ownership = Ownership.THIRD_PARTY
    quality: Decimal | None = None
    judgement: Decimal | None = None
    compatible_stacks: tuple[str, ...] = ()
    position: int = 0
    notes: str = ""

    @property
    def is_usable(self) -> bool:
        """What a plan without anybody in the loop may reuse: verified, allowed, whitelisted."""
        return (
            self.status is SourceStatus.VERIFIED
            and self.decision is LicenseDecision.ALLOWED
            and self.is_whitelisted
        )


@dataclass(frozen=True, slots=True)
class FeatureFacts:
    slug: str
    title: str
    description: str = ""
    category: str = ""
    complexity: Complexity = Complexity.MEDIUM
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    compatible_stacks: tuple[str, ...] = ()
    sources: tuple[SourceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class StackFacts:
    """`slots` has the four named ones (backend, db, vector_db, frontend) that are not empty, and all
    further ones; a list is one text with commas."""

    slug: str
    title: str
    description: str = ""
    project_types: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    preferred_repos: tuple[str, ...] = ()
    ci_profile: CiProfile = CiProfile.NORMAL
    budget_multiplier: Decimal = Decimal(1)
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ReuseRecord:
    """How earlier reuse of a source went: phases that ended, and how many of them completed."""

    tried: int
    completed: int


@dataclass(frozen=True, slots=True)
class Match:
    """A feature of the catalog that may be what a request means. `confidence` from 0 to 1."""

    slug: str
    title: str
    confidence: float
    instead: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What lookup says of one wish or veto that names no slug; matches best first."""

    band: LookupBand
    matches: tuple[Match, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What of a catalog a plan can see: the features that the request names, that lookup proposes, and all
    that these require; every stack that is not retired. `known_slugs` are all features of the catalog."""

    catalog: str
    catalog_digest: str
    policy: str
    policy_digest: str
    features: Mapping[str, FeatureFacts]
    stacks: tuple[StackFacts, ...]
    minimum_quality: Decimal = Decimal(0)
    preferred_quality: Decimal = Decimal(0)
    project_types: Mapping[str, str] = field(default_factory=dict)
    """From the catalog's `project_type_mapping`: label to the slug of a stack."""
    outcomes: Mapping[SourceKey, ReuseRecord] = field(default_factory=dict)
    outcomes_digest: str = ""
    lookup_engine: str = ""
    known_slugs: frozenset[str] = frozenset()
