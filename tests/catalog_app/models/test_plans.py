"""What the database itself refuses of plans, templates and outcomes, and who sees which."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog_app.models import ArchiveEvent, Plan, PlanTemplate
from tests.support import plan_factories as make
from tests.support.catalog_factories import START
from tests.support.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def refused(constraint: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_refuses_ids_that_are_no_names_and_numbers_that_are_taken() -> None:
    version = make.PlanVersionFactory.create()
    kept = make.TemplateVersionFactory.create()
    reuse = make.ReuseOutcomeFactory.create()

    refused("plan_plan_id_pattern", lambda: make.PlanFactory.create(plan_id="a/b"))
    refused("archiveevent_of_one", lambda: ArchiveEvent.objects.create(is_archived=True, created_at=START))
    refused("plan_plan_id", lambda: make.PlanFactory.create(plan_id=version.plan.plan_id))
    refused("planversion_unique_number", lambda: make.PlanVersionFactory.create(plan=version.plan, number=1))
    refused("plantemplate_template_id_pattern", lambda: make.TemplateFactory.create(template_id="a b"))
    refused("plantemplate_origin_known", lambda: make.TemplateFactory.create(origin="thin air"))
    refused(
        "templateversion_unique_number",
        lambda: make.TemplateVersionFactory.create(template=kept.template, number=1),
    )
    refused("runoutcome_run_id", lambda: make.RunOutcomeFactory.create(run_id=reuse.outcome.run_id))
    refused(
        "reuseoutcome_once",
        lambda: make.ReuseOutcomeFactory.create(outcome=reuse.outcome, phase_id=reuse.phase_id),
    )


def test_shows_what_is_of_no_project_or_of_one_s_own() -> None:
    shop, blog = ProjectFactory.create(project_id="shop"), ProjectFactory.create(project_id="blog")
    for project in (None, shop, blog):
        make.PlanFactory.create(project=project)
        make.TemplateFactory.create(project=project)

    for model in (Plan, PlanTemplate):
        assert model.objects.visible_to(None).count() == 3
        seen = model.objects.visible_to(frozenset({"shop"}))
        assert {row.project for row in seen} == {None, shop}


def test_a_template_of_another_project_is_not_known_from_a_plan() -> None:
    mine, theirs = (ProjectFactory.create(project_id=name) for name in ("mine", "theirs"))
    for project, is_known in ((None, True), (mine, True), (theirs, False)):
        version = make.PlanVersionFactory.create(
            plan__project=mine, template_version=make.TemplateVersionFactory.create(template__project=project)
        )
        assert (version.known_origin == version.template_version) is is_known
