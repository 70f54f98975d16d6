"""Having the sources verified that a plan waits for."""

from collections.abc import Sequence
from dataclasses import dataclass

from autopack.actors import Actor
from autopack.errors import AutopackError, Refused
from catalog_app.models import PlanVersion, SourceScan
from catalog_app.selectors.plans import PlannedSource, list_planned_sources
from catalog_app.services.verifying import request_scan_once


@dataclass(frozen=True, slots=True)
class RefusedSource:
    source: PlannedSource
    error: AutopackError


@dataclass(frozen=True, slots=True)
class Verifying:
    """What is done about the sources that a plan waits for: `scans` are on their way, `verified` need none
    any more, `refused` cannot be scanned."""

    scans: Sequence[SourceScan]
    verified: Sequence[PlannedSource]
    refused: Sequence[RefusedSource]


def verify_plan_sources(version: PlanVersion, *, actor: Actor) -> Verifying:
    """Have the worker look at every source that the plan is blocked by. Safe to repeat: what is on its way is
    not asked for again."""
    plan = version.plan
    scans: list[SourceScan] = []
    verified: list[PlannedSource] = []
    refused: list[RefusedSource] = []
    blocked = [source for source in list_planned_sources(plan.catalog, version.document) if source.is_blocked]
    for source in blocked:
        if source.row is None:
            refused.append(RefusedSource(source, _gone(source)))
        elif source.is_verified:
            verified.append(source)
        else:
            try:
                scans.append(
                    request_scan_once(source.row, actor=actor, reason=f"Plan {plan.plan_id} reuses it.")
                )
            except AutopackError as error:
                refused.append(RefusedSource(source, error))
    return Verifying(scans, verified, refused)


def _gone(source: PlannedSource) -> Refused:
    return Refused(
        f"Feature {source.feature_slug} has no source {source.name} any more. Revise the plan.",
        code="source_gone",
    )
