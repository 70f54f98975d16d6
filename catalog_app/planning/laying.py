"""Decisions as phases and runs, with what they may cost. Pure."""

from dataclasses import dataclass, replace

from catalog_app.choices import CiProfile, FeatureDecision
from catalog_app.planning.budget import Work, make_budget, make_estimator
from catalog_app.planning.drafts import place_phases
from catalog_app.planning.phases import draft_phases
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Snapshot
from catalog_app.planning.splitting import split_runs
from catalog_app.planning.types import Budget, Decisions, PlannedRun


@dataclass(frozen=True, slots=True)
class LaidOut:
    """No runs where there is nothing to build."""

    runs: tuple[PlannedRun, ...]
    budget: Budget


def lay_out(request: PlanRequest, decisions: Decisions, snapshot: Snapshot) -> LaidOut:
    plan = place_phases(request.given, draft_phases(request, decisions), _ci_profile(decisions, snapshot))
    estimator = make_estimator(decisions, snapshot)
    given = plan.phases[: len(request.given)]
    all_new: tuple[Work, ...] = (*given, *draft_phases(request, _without_reuse(decisions)))
    return LaidOut(
        runs=split_runs(plan, request.title, estimator),
        budget=make_budget(plan.phases, all_new, estimator, decisions),
    )


def _ci_profile(decisions: Decisions, snapshot: Snapshot) -> CiProfile:
    profiles = {stack.slug: stack.ci_profile for stack in snapshot.stacks}
    return profiles.get(decisions.stack.profile, CiProfile.NORMAL)


def _without_reuse(decisions: Decisions) -> Decisions:
    features = tuple(
        replace(feature, source=None, decision=FeatureDecision.BUILD_NEW)
        if feature.source and feature.decision in FeatureDecision.planned()
        else feature
        for feature in decisions.features
    )
    return replace(decisions, features=features)
