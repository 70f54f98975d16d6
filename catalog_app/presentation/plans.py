"""A plan as its pages show it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalog_app.choices import FeatureDecision, SourceVerdict
from catalog_app.interchange.entries import Json
from catalog_app.models import Plan
from catalog_app.planning.admission import is_worth_verifying
from catalog_app.planning.types import (
    PlanDocument,
    PlannedFeature,
    PlannedPhase,
    PlannedRun,
    PlannedTier,
    Question,
    SourceOption,
)
from catalog_app.services.planning import outline_of

_ORDER = (
    FeatureDecision.OPEN,
    FeatureDecision.REUSE,
    FeatureDecision.BUILD_NEW,
    FeatureDecision.MERGED,
    FeatureDecision.VETOED,
)


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """`saved_percent` is how much less the plan takes than building all of it new would."""

    features: int
    reused: int
    new: int
    open: int
    blocked: int
    phases: int
    runs: int
    tokens: int
    minutes: int
    saved_percent: int

    @property
    def seconds(self) -> int:
        return self.minutes * 60


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list."""

    plan: Plan
    figures: PlanFigures


@dataclass(frozen=True, slots=True)
class SourceOfFeature:
    """A source and whose it is."""

    feature: PlannedFeature
    option: SourceOption


@dataclass(frozen=True, slots=True)
class QuestionView:
    """`about` are titles of the features that it concerns."""

    question: Question
    about: Sequence[str]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """`takes` is what a reuse phase copies: a member of its `spec` by name."""

    phase: PlannedPhase
    takes: Mapping[str, Json]
    follows: Sequence[str]


@dataclass(frozen=True, slots=True)
class TierView:
    tier: PlannedTier
    phases: Sequence[PhaseView]


@dataclass(frozen=True, slots=True)
class RunView:
    run: PlannedRun
    tiers: Sequence[TierView]

    @property
    def blocked(self) -> Sequence[PlannedPhase]:
        return [phase for phase in self.run.phases if phase.blocked]


def count_figures(document: PlanDocument) -> PlanFigures:
    budget = document.budget
    saved = 1 - budget.tokens / budget.tokens_if_all_new if budget.tokens_if_all_new else 0
    return replace(read_figures(outline_of(document)), saved_percent=max(0, round(saved * 100)))


def describe_plan_rows(plans: Iterable[Plan], outlines: Mapping[int, Mapping[str, int]]) -> list[PlanRow]:
    """`outlines` are those of the latest versions, by the plan's key."""
    return [PlanRow(plan, read_figures(outlines.get(plan.pk, {}))) for plan in plans]


def read_figures(outline: Mapping[str, int]) -> PlanFigures:
    """What lists show of a plan, from its outline."""
    return PlanFigures(
        features=sum(outline.get(decision.value, 0) for decision in FeatureDecision.planned()),
        reused=outline.get("reuse", 0),
        new=outline.get("build_new", 0),
        open=outline.get("questions", 0),
        blocked=outline.get("blocked", 0),
        phases=outline.get("phases", 0),
        runs=outline.get("runs", 0),
        tokens=outline.get("tokens", 0),
        minutes=outline.get("minutes", 0),
        saved_percent=0,
    )


def list_features(document: PlanDocument) -> list[PlannedFeature]:
    """What wants an answer first, then what is built, then what is not."""
    return sorted(document.features, key=lambda feature: _ORDER.index(feature.decision))


def list_excluded(document: PlanDocument) -> list[SourceOfFeature]:
    return [
        SourceOfFeature(feature, option)
        for feature in document.features
        for option in feature.options
        if option.verdict is SourceVerdict.EXCLUDED
    ]


def describe_runs(document: PlanDocument) -> list[RunView]:
    names = {phase.phase_id: phase.name for run in document.runs for phase in run.phases}
    return [
        RunView(
            run,
            [
                TierView(
                    tier,
                    [
                        PhaseView(
                            phase,
                            phase.spec,
                            [names.get(phase_id, phase_id) for phase_id in phase.depends_on],
                        )
                        for phase in run.phases
                        if phase.tier_id == tier.tier_id
                    ],
                )
                for tier in run.tiers
            ],
        )
        for run in document.runs
    ]


def list_blocked(document: PlanDocument) -> list[SourceOfFeature]:
    """Sources that are planned and have to be verified before a run may start."""
    return [
        SourceOfFeature(feature, feature.source)
        for feature in document.features
        if feature.source and feature.is_blocked
    ]


def count_unverified(document: PlanDocument) -> int:
    """Features that are built new and have a source that only nobody has verified yet, as far as its licence
    goes: what a draft may reuse."""
    return sum(
        feature.decision is FeatureDecision.BUILD_NEW
        and any(is_worth_verifying(option) for option in feature.options)
        for feature in document.features
    )


def describe_questions(document: PlanDocument) -> list[QuestionView]:
    titles = {feature.key: feature.title for feature in document.features}
    titles |= {feature.slug: feature.title for feature in document.features if feature.slug}
    return [
        QuestionView(question, [titles[subject] for subject in question.subjects if subject in titles])
        for question in document.questions
    ]


def write_pick(repo_id: str, paths: Sequence[str] | None) -> str:
    """A source as the value of a form's field."""
    return json.dumps([repo_id, None if paths is None else list(paths)], ensure_ascii=False)
