"""A plan, as values. Pure. Its bytes (`document.write_document`) have no ids of rows and no times.

Everything is said once: pages, `plan.md`, the API and the start of a run read the same document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog_app.briefing.types import Leftover, Place
from catalog_app.choices import (
    CiProfile,
    Complexity,
    FeatureDecision,
    FeatureOrigin,
    LicenseDecision,
    PlanMode,
    QuestionKind,
    SourceStatus,
    SourceVerdict,
    Strength,
)
from catalog_app.interchange.entries import Json
from catalog_app.planning.snapshot import Match


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that the plan is a function of (DESIGN §6)."""

    request_digest: str
    catalog: str
    catalog_digest: str
    policy: str
    policy_digest: str
    outcomes_digest: str
    lookup_engine: str
    planner: str


@dataclass(frozen=True, slots=True)
class ProjectTypeChoice:
    """`others` are further labels that fit, each with its reason."""

    label: str
    is_proposed: bool
    reasons: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SlotChoice:
    slot: str
    value: str
    reason: str
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One number of a ranking: `value` from 0 to 1, `weight` its share, `reason` where the value is from."""

    name: str
    value: float
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A stack that was not taken, and what it lacks."""

    profile: str
    title: str
    score: float
    parts: tuple[ScorePart, ...]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StackChoice:
    """`profile` is empty where the catalog has no stack."""

    profile: str
    title: str
    reason: str
    is_pinned: bool
    score: float
    parts: tuple[ScorePart, ...]
    slots: tuple[SlotChoice, ...]
    runners_up: tuple[RunnerUp, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceOption:
    """A source of a planned feature, with its score and what the plan makes of it.

    `why` says why it was chosen or not, `remedy` what would make an excluded or blocked one usable.
    `score` is the weighted sum of `parts`. `duties` are what copying obliges to.
    """

    repo_id: str
    repo_url: str
    paths: tuple[str, ...]
    pinned_commit: str
    license: str
    decision: LicenseDecision
    status: SourceStatus
    is_whitelisted: bool
    verdict: SourceVerdict
    score: float
    parts: tuple[ScorePart, ...]
    why: str
    remedy: str = ""
    duties: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PlannedFeature:
    """One requested or required feature and what becomes of it.

    `key` is the wish's, or `requires:<slug>`. `slug` is empty where no feature of the catalog fits. `quotes`
    are all that was said for it; a merged one names the feature's key in `merged_into`. `options` are all of
    its sources, best first, `matches` what lookup proposed.
    """

    key: str
    quotes: tuple[str, ...]
    slug: str
    title: str
    description: str
    category: str
    complexity: Complexity
    strength: Strength
    origin: FeatureOrigin
    confidence: float
    decision: FeatureDecision
    reason: str
    constraints: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    required_by: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    merged_into: str = ""
    source: SourceOption | None = None
    options: tuple[SourceOption, ...] = ()
    matches: tuple[Match, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Its source has to be verified first."""
        return self.source is not None and self.source.verdict is SourceVerdict.BLOCKED


@dataclass(frozen=True, slots=True)
class PlannedVeto:
    key: str
    quote: str
    slugs: tuple[str, ...]
    effect: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that can be given. `slug` where it names a feature."""

    id: str
    label: str
    effect: str
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the plan cannot know. `provisional` is the option that the plan assumes until it is answered."""

    id: str
    kind: QuestionKind
    text: str
    subjects: tuple[str, ...]
    options: tuple[Option, ...]
    provisional: str


@dataclass(frozen=True, slots=True)
class PlanWarning:
    code: str
    text: str
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedTier:
    tier_id: str
    tier_index: int
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """v7 §4. `depends_on` are ids of earlier phases of the plan, also of earlier runs. `features` are keys of
    planned features. `blocked` says what must happen before a run may start with it. `spec` of a reuse phase
    has `source_repo_id`, `source_repo_url`, `source_path`, `source_paths`, `pinned_commit`, `license`,
    `compatibility_hints`, `attribution`."""

    phase_id: str
    phase_index: int
    tier_id: str
    name: str
    description: str
    task_category: str
    complexity: Complexity
    builder_mode: str
    ci_profile: CiProfile
    acceptance_criteria: tuple[str, ...]
    allowed_paths: tuple[str, ...]
    depends_on: tuple[str, ...]
    incident_token_cap: int
    features: tuple[str, ...]
    blocked: str = ""
    spec: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """Part of a plan that fits one run (v7 §9). `number` counts from 1; each follows the one before."""

    number: int
    title: str
    tiers: tuple[PlannedTier, ...]
    phases: tuple[PlannedPhase, ...]
    token_cap: int
    max_duration_minutes: int


@dataclass(frozen=True, slots=True)
class Budget:
    """An estimate. `tokens_if_all_new` is what the same features would take without reuse."""

    tokens: int
    tokens_reuse: int
    tokens_new: int
    tokens_if_all_new: int
    minutes: int
    ci_runs: int
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanDocument:
    title: str
    summary: str
    mode: PlanMode
    inputs: Inputs
    project_type: ProjectTypeChoice
    stack: StackChoice
    constraints: tuple[str, ...]
    parameters: Mapping[str, Json]
    features: tuple[PlannedFeature, ...]
    vetoes: tuple[PlannedVeto, ...]
    questions: tuple[Question, ...]
    leftovers: tuple[Leftover, ...]
    warnings: tuple[PlanWarning, ...]
    runs: tuple[PlannedRun, ...]
    budget: Budget


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is decided before phases are laid out: everything of a plan but its runs and its budget."""

    project_type: ProjectTypeChoice
    stack: StackChoice
    features: tuple[PlannedFeature, ...]
    vetoes: tuple[PlannedVeto, ...]
    questions: tuple[Question, ...]
    warnings: tuple[PlanWarning, ...]
