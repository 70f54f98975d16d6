"""A request and a catalog make a plan. The one entry of the pure core."""

from collections.abc import Mapping

from catalog_app.planning import PLANNER, laying
from catalog_app.planning.deciding import decide
from catalog_app.planning.parameters import effective_values, fill_in
from catalog_app.planning.request import PlanRequest, digest_request
from catalog_app.planning.snapshot import Resolution, Snapshot
from catalog_app.planning.types import Inputs, PlanDocument


def make_plan(
    request: PlanRequest, snapshot: Snapshot, resolutions: Mapping[str, Resolution]
) -> PlanDocument:
    """Total: whatever the request says, a plan comes of it, with questions and warnings where needed.

    `resolutions` has what lookup says of wishes and vetoes without a slug, by their key. A wish that is not
    in it is built new.
    """
    filled, warnings = fill_in(request)
    decisions = decide(filled, snapshot, resolutions, warnings=warnings)
    laid_out = laying.lay_out(filled, decisions, snapshot)
    return PlanDocument(
        title=filled.title,
        summary=filled.summary,
        mode=filled.mode,
        inputs=Inputs(
            request_digest=digest_request(request),
            catalog=snapshot.catalog,
            catalog_digest=snapshot.catalog_digest,
            policy=snapshot.policy,
            policy_digest=snapshot.policy_digest,
            outcomes_digest=snapshot.outcomes_digest,
            lookup_engine=snapshot.lookup_engine,
            planner=PLANNER,
        ),
        project_type=decisions.project_type,
        stack=decisions.stack,
        constraints=filled.constraints,
        parameters=effective_values(filled),
        features=decisions.features,
        vetoes=decisions.vetoes,
        questions=decisions.questions,
        leftovers=filled.leftovers,
        warnings=decisions.warnings,
        runs=laid_out.runs,
        budget=laid_out.budget,
    )
