"""What the endpoints of plans share: which plan, and what is said of one."""

from collections.abc import Iterable, Sequence
from typing import Any

from catalog_app.api.answers import plans as answers
from catalog_app.api.kept import KeptEndpoint
from catalog_app.interchange.entries import Json
from catalog_app.models import Plan, PlanVersion
from catalog_app.planning.request import write_request
from catalog_app.selectors.outlines import read_plan_outlines
from catalog_app.selectors.plans import get_plan
from catalog_app.services.planning import Drafted
from catalog_app.services.plans import Saved

TAG = "plans"


class PlanEndpoint(KeptEndpoint):
    def plan(self) -> Plan:
        """The plan that the address names. Raises PlanNotFound."""
        return get_plan(self.actor(), str(self.kwargs["plan_id"]))


def describe_plans(plans: Iterable[Plan]) -> list[Any]:
    """As lists show them. One query, however many there are. Any: plain JSON."""
    listed = list(plans)
    context = {"outlines": read_plan_outlines(listed)}
    return list(answers.PlanSummary(listed, many=True, context=context).data)


def describe_plan(version: PlanVersion) -> dict[str, Any]:
    """As JSON. Any: every part has its own shape."""
    plan = version.plan
    content = {"about": plan, "version": version, "request": version.request, "plan": version.document}
    return dict(answers.PlanAnswer(content, context={"outlines": read_plan_outlines([plan])}).data)


def describe_draft(
    drafted: Drafted,
    *,
    plan: Plan | None = None,
    diff: dict[str, Json] | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """What would be kept, or of which plan it would be the next version."""
    return _describe(
        plan_id=None if plan is None else plan.plan_id,
        version=None,
        is_new=False,
        request_digest=drafted.plan.inputs.request_digest,
        digest=drafted.digest,
        outline=drafted.outline,
        lookup=drafted.lookup,
        diff=diff or {},
        notes=notes,
        request=write_request(drafted.request),
        plan=drafted.document,
    )


def describe_saved(saved: Saved) -> dict[str, Any]:
    version = saved.version
    return _describe(
        plan_id=saved.plan.plan_id,
        version=version.number,
        is_new=saved.is_new,
        request_digest=version.request_digest,
        digest=version.digest,
        outline=version.outline,
        lookup=None,
        diff=version.diff,
        notes=saved.notes,
        request=version.request,
        plan=version.document,
    )


def _describe(*, plan: dict[str, Any], **said: Any) -> dict[str, Any]:
    content = {**said, "questions": plan["questions"], "plan": plan}
    return dict(answers.DraftAnswer(content).data)
