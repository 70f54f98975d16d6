# mypy: disallow-untyped-calls=False
# factory_boy declares its types only in part.
"""Plans, templates and outcomes for tests, as the services would have left them."""

from __future__ import annotations

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from catalog_app.choices import TemplateOrigin
from catalog_app.models import (
    Plan,
    PlanTemplate,
    PlanVersion,
    ReuseOutcome,
    RunOutcome,
    TemplateVersion,
)
from tests.support.catalog_factories import START, CatalogFactory


class PlanFactory(DjangoModelFactory[Plan]):
    class Meta:
        model = Plan

    plan_id = Sequence(lambda n: f"plan-{n}")
    title = LazyAttribute(lambda o: o.plan_id.replace("-", " ").capitalize())
    catalog = SubFactory(CatalogFactory)
    created_by = "ada (user:1)"
    created_at = START
    updated_at = START


class PlanVersionFactory(DjangoModelFactory[PlanVersion]):
    class Meta:
        model = PlanVersion

    plan = SubFactory(PlanFactory)
    number = 1
    request = LazyAttribute(lambda o: {"title": o.plan.title})
    request_digest = "1" * 64
    document_text = "{}"
    digest = "2" * 64
    created_by = "ada (user:1)"
    created_at = START


class TemplateFactory(DjangoModelFactory[PlanTemplate]):
    class Meta:
        model = PlanTemplate

    template_id = Sequence(lambda n: f"template-{n}")
    title = LazyAttribute(lambda o: o.template_id.replace("-", " ").capitalize())
    origin = TemplateOrigin.PLAN.value
    created_by = "ada (user:1)"
    created_at = START


class TemplateVersionFactory(DjangoModelFactory[TemplateVersion]):
    class Meta:
        model = TemplateVersion

    template = SubFactory(TemplateFactory)
    number = 1
    request = LazyAttribute(lambda o: {"title": o.template.title})
    request_digest = "1" * 64
    document_text = "{}"
    digest = "2" * 64
    created_by = "ada (user:1)"
    created_at = START


class RunOutcomeFactory(DjangoModelFactory[RunOutcome]):
    class Meta:
        model = RunOutcome

    run_id = Sequence(lambda n: f"run-{n}")
    state = "DONE_SUCCESS"
    is_success = True
    duration_seconds = 600
    ended_at = START


class ReuseOutcomeFactory(DjangoModelFactory[ReuseOutcome]):
    class Meta:
        model = ReuseOutcome

    outcome = SubFactory(RunOutcomeFactory)
    phase_id = Sequence(lambda n: f"reuse-{n}")
    catalog_slug = "main"
    feature_slug = "login"
    repo_id = "auth-kit"
    is_completed = True
