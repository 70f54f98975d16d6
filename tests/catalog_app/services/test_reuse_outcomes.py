"""What is kept of runs that ended, and what of it is published for plans."""

import json
from dataclasses import replace

import pytest

from catalog_app.models import OutcomeSnapshot, ReuseOutcome, RunOutcome
from catalog_app.selectors.outcomes import ReuseCount, count_reuse
from catalog_app.services.reuse_outcomes import ReuseReport, RunReport, publish_outcomes, record_run_outcome
from tests.support import catalog_factories
from tests.support import plan_factories as make
from tests.support.catalog_factories import START

pytestmark = pytest.mark.django_db

REUSE = ReuseReport("P1", "sign-in", "auth-kit", ("auth",), "a" * 40, True, tokens=90, ci_runs=2)
REPORT = RunReport(
    run_id="r1",
    plan_version_pk=None,
    plan_run_number=None,
    state="DONE_SUCCESS",
    is_success=True,
    duration_seconds=600,
    tokens=100,
    ci_runs=3,
    phases_total=2,
    phases_complete=2,
    failed_phase="",
    failed_category="",
    failure_code="",
    ended_at=START,
)


def planned(slug: str = "login") -> int:
    document = {"features": [{"key": "sign-in", "slug": slug}]}
    kept = make.TemplateVersionFactory.create()
    version = make.PlanVersionFactory.create(document_text=json.dumps(document), template_version=kept)
    return int(version.pk)


def test_a_run_without_reuse_is_kept_and_publishes_nothing() -> None:
    outcome = record_run_outcome(REPORT)

    assert (outcome.plan_version, outcome.template_version, outcome.tokens) == (None, None, 100)
    assert not OutcomeSnapshot.objects.exists()


def test_reuse_of_a_run_without_a_plan_counts_for_no_feature() -> None:
    record_run_outcome(replace(REPORT, reuses=[REUSE]))

    assert ReuseOutcome.objects.get().feature_slug == ""
    assert OutcomeSnapshot.objects.get().content == []


def test_the_first_report_of_a_run_stays() -> None:
    first = record_run_outcome(replace(REPORT, plan_version_pk=planned(), plan_run_number=1, reuses=[REUSE]))
    again = record_run_outcome(replace(REPORT, is_success=False, reuses=[REUSE]))

    assert again.pk == first.pk
    assert RunOutcome.objects.get().is_success
    assert ReuseOutcome.objects.count() == OutcomeSnapshot.objects.count() == 1
    assert first.template_version is not None


def test_reuse_is_counted_by_source_and_published_once_for_each_state() -> None:
    pk = planned()
    failed = replace(REUSE, phase_id="P2", is_completed=False, failure_code="attempts_used_up")
    record_run_outcome(replace(REPORT, plan_version_pk=pk, plan_run_number=1, reuses=[REUSE, failed]))
    record_run_outcome(replace(REPORT, run_id="r2", plan_version_pk=pk, plan_run_number=1, reuses=[REUSE]))

    newest = publish_outcomes()

    assert newest.content == [
        {
            "catalog": "main",
            "feature": "login",
            "repo_id": "auth-kit",
            "paths": ["auth"],
            "tried": 3,
            "completed": 2,
        }
    ]
    assert OutcomeSnapshot.objects.count() == 2
    feature = catalog_factories.FeatureFactory.create(slug="login")
    assert count_reuse(feature) == ReuseCount(tried=3, completed=2)
    assert count_reuse(catalog_factories.FeatureFactory.create()) == ReuseCount()
