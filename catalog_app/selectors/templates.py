"""Templates: which there are, one with its versions, and how runs of their plans went.

What an actor may not see does not exist for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Aggregate, Count, F, FloatField, Max, Q, QuerySet, Value
from django.db.models.functions import Lower

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.choices import CatalogChoice
from catalog_app.errors import TemplateNotFound
from catalog_app.models import PlanTemplate, RunOutcome, TemplateVersion
from catalog_app.models.templates import PlanTemplateQuerySet
from catalog_app.selectors.numbered import NumberedPage, turn_to

MOST_WORDS = 8
MOST_FAILURES = 10
"""Kinds of failures that statistics name."""
MOST_READ = 100
"""Templates that are read whole at once."""


class TemplateOrder(CatalogChoice):
    """`success`: by the share of runs that succeeded, of few runs less than of many."""

    RECENT = "recent"
    SUCCESS = "success"
    TITLE = "title"

    @property
    def label(self) -> str:
        labels = {TemplateOrder.RECENT: "Newest first", TemplateOrder.SUCCESS: "Most successful"}
        return labels.get(self, super().label)


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """Which templates are wanted; empty: any. Every word of `text` stands in a template's id, title,
    description or tags. None of `is_archived` takes both."""

    text: str = ""
    project_type: str = ""
    stack: str = ""
    tag: str = ""
    is_archived: bool | None = False
    order: TemplateOrder = TemplateOrder.RECENT

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.project_type or self.stack or self.tag)


@dataclass(frozen=True, slots=True)
class TemplateChoices:
    """What templates can be narrowed to."""

    project_types: Sequence[str]
    stacks: Sequence[str]
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class FailureCount:
    """Runs that ended at one kind of phase for one reason. `phase_id` is empty where none had failed."""

    phase_id: str
    category: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class TemplateStatistics:
    """Of all runs that have ended of plans made from a template. The medians are None without any;
    `failures` the most frequent first."""

    runs: int = 0
    succeeded: int = 0
    median_duration_seconds: float | None = None
    median_tokens: float | None = None
    median_ci_runs: float | None = None
    failures: Sequence[FailureCount] = field(default=())

    @property
    def success_rate(self) -> float | None:
        return self.succeeded / self.runs if self.runs else None


class Median(Aggregate):
    """Half of the values are below it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Median"
    output_field = FloatField()


def list_templates(actor: Actor, wanted: TemplateFilter | None = None) -> PlanTemplateQuerySet:
    """Templates that the actor sees, with their project, in the wanted order."""
    wanted = wanted or TemplateFilter()
    templates = PlanTemplate.objects.visible_to(actor.project_ids).select_related("project")
    for word in wanted.text.split()[:MOST_WORDS]:
        templates = templates.filter(
            Q(template_id__icontains=word)
            | Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(tags__icontains=word)
        )
    if wanted.project_type:
        templates = templates.filter(project_type=wanted.project_type)
    if wanted.stack:
        templates = templates.filter(stack=wanted.stack)
    if wanted.tag:
        templates = templates.filter(tags__contains=[wanted.tag])
    if wanted.is_archived is not None:
        templates = templates.filter(archived_at__isnull=not wanted.is_archived)
    return _in_order(templates, wanted.order)


def _in_order(templates: PlanTemplateQuerySet, order: TemplateOrder) -> PlanTemplateQuerySet:
    match order:
        case TemplateOrder.TITLE:
            return templates.order_by(Lower("title"), "-id")
        case TemplateOrder.SUCCESS:
            succeeded = Count("versions__outcomes", filter=Q(versions__outcomes__is_success=True))
            # One success and one failure lent to each: what never ran is neither good nor bad.
            share = (succeeded + Value(1.0)) / (Count("versions__outcomes") + Value(2.0))
            return templates.annotate(success_share=share).order_by("-success_share", "-id")
        case TemplateOrder.RECENT:
            return templates.annotate(kept_at=Max("versions__created_at")).order_by(
                F("kept_at").desc(nulls_last=True), "-id"
            )


def list_templates_page(actor: Actor, wanted: TemplateFilter, *, number: int) -> NumberedPage[PlanTemplate]:
    """Two queries."""
    templates = list_templates(actor, wanted)
    return turn_to(templates, number=number, total=templates.count())


def read_template_choices(actor: Actor) -> TemplateChoices:
    """Of all templates that the actor sees and that are not archived. One query."""
    rows = list(list_templates(actor).order_by().values_list("project_type", "stack", "tags"))
    return TemplateChoices(
        project_types=sorted({row[0] for row in rows if row[0]}),
        stacks=sorted({row[1] for row in rows if row[1]}),
        tags=sorted({tag for row in rows for tag in row[2]}),
    )


def get_template(actor: Actor, template_id: str) -> PlanTemplate:
    """Also one that is archived. Raises TemplateNotFound."""
    found = list_templates(actor, TemplateFilter(is_archived=None)).filter(template_id=template_id).first()
    if found is None:
        raise TemplateNotFound(f"There is no template {template_id!r}.")
    return found


def get_template_version(template: PlanTemplate, number: int | None = None) -> TemplateVersion:
    """The latest one unless another is named. Raises TemplateNotFound."""
    wanted = template.latest_version if number is None else number
    version = template.versions.filter(number=wanted).first()
    if version is None:
        raise TemplateNotFound(
            f"Template {template.template_id} has no version {wanted}; "
            f"the latest is {template.latest_version}."
        )
    # Saves the query for a row that is at hand.
    version.template = template
    return version


def read_library(actor: Actor, ids: Sequence[str] = ()) -> list[TemplateVersion]:
    """The latest versions of these templates, or of all that are not archived. At most two queries.

    Raises TemplateNotFound, and Refused (`too_many_templates`): each holds a whole plan.
    """
    templates = list_templates(actor, TemplateFilter(is_archived=None if ids else False))
    rows = list((templates.filter(template_id__in=ids) if ids else templates)[: MOST_READ + 1])
    unknown = [each for each in ids if each not in {row.template_id for row in rows}]
    if unknown:
        raise TemplateNotFound(f"There is no template {unknown[0]!r}.")
    if len(rows) > MOST_READ:
        raise Refused(
            f"There are more than {MOST_READ} templates: name those that are wanted, or have all of them "
            "written by `manage.py export_templates`.",
            code="too_many_templates",
        )
    return read_latest_versions(rows)


def read_latest_versions(templates: Iterable[PlanTemplate]) -> list[TemplateVersion]:
    """The latest version of each, the newest template first. One query."""
    rows = {template.pk: template for template in templates}
    latest = TemplateVersion.objects.filter(template__in=rows, number=F("template__latest_version"))
    versions = list(latest.order_by("-template"))
    for version in versions:
        version.template = rows[version.template_id]
    return versions


def list_template_versions(template: PlanTemplate) -> "QuerySet[TemplateVersion]":
    """The newest first, without what they hold; `plan_count` says how many plans were made from each."""
    plan_count = Count("plan_versions__plan", distinct=True)
    versions = template.versions.annotate(plan_count=plan_count).order_by("-number")
    return versions.defer("document_text", "request")


def read_template_statistics(
    actor: Actor, templates: Iterable[PlanTemplate]
) -> Mapping[int, TemplateStatistics]:
    """How runs of each went, by the template's key. Two queries, however many there are.

    Every run counts, but where it failed is only said of plans that the actor sees.
    """
    wanted = [template.pk for template in templates]
    outcomes = RunOutcome.objects.filter(template_version__template__in=wanted).order_by()
    failures = _count_failures(_seen(outcomes, actor))
    counted = outcomes.values_list("template_version__template").annotate(
        runs=Count("id"),
        succeeded=Count("id", filter=Q(is_success=True)),
        median_duration=Median("duration_seconds"),
        median_tokens=Median("tokens"),
        median_ci_runs=Median("ci_runs"),
    )
    statistics = dict.fromkeys(wanted, TemplateStatistics())
    for key, runs, succeeded, duration, tokens, ci_runs in counted:
        statistics[key] = TemplateStatistics(
            runs=runs,
            succeeded=succeeded,
            median_duration_seconds=duration,
            median_tokens=tokens,
            median_ci_runs=ci_runs,
            failures=tuple(failures.get(key, ())[:MOST_FAILURES]),
        )
    return statistics


def _seen(outcomes: "QuerySet[RunOutcome]", actor: Actor) -> "QuerySet[RunOutcome]":
    """A phase of another project's plan may be named after what that project keeps to itself."""
    if actor.project_ids is None:
        return outcomes
    return outcomes.filter(
        Q(plan_version__plan__project=None) | Q(plan_version__plan__project__project_id__in=actor.project_ids)
    )


def _count_failures(outcomes: "QuerySet[RunOutcome]") -> dict[int, list[FailureCount]]:
    """By the template's key, the most frequent first."""
    names = ("template_version__template", "failed_phase", "failed_category", "failure_code")
    rows = outcomes.filter(is_success=False).values_list(*names).annotate(count=Count("id"))
    failures: dict[int, list[FailureCount]] = {}
    for key, phase_id, category, code, count in rows.order_by("-count", *names):
        failures.setdefault(key, []).append(FailureCount(phase_id, category, code, count))
    return failures
