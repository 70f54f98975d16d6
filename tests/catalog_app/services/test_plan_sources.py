"""The sources that a plan waits for are verified with one call."""

import pytest

from autopack.actors import system_actor
from catalog_app.briefing.types import Wish
from catalog_app.choices import PlanMode
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.planning.request import PlanRequest
from catalog_app.services.plan_sources import verify_plan_sources
from catalog_app.services.plans import create_plan
from tests.support import catalog_factories as make
from tests.support.planned import make_catalog, source_of, verify

pytestmark = pytest.mark.django_db

ADA = system_actor("test")


def test_all_blocked_sources_are_asked_for_at_once_and_only_once() -> None:
    catalog = make_catalog()
    wishes = tuple(Wish(slug, slug, slug=slug) for slug in ("teams", "search", "login"))
    wanted = PlanRequest(title="Desk", mode=PlanMode.DRAFT, wishes=wishes)
    version = create_plan(wanted, catalog=catalog, actor=ADA).version
    verify(source_of("login"))

    first = verify_plan_sources(version, actor=ADA)
    again = verify_plan_sources(version, actor=ADA)

    assert [scan.source.repo.repo_id for scan in first.scans] == ["team-kit"]
    assert [source.feature_slug for source in first.verified] == ["login"]
    assert list(again.scans) == list(first.scans)
    assert SourceScan.objects.live().count() == 1
    FeatureSource.objects.filter(pk=source_of("teams").pk).update(retired_at=make.START)
    (refused_one,) = verify_plan_sources(version, actor=ADA).refused
    assert (refused_one.error.problem_code, refused_one.source.feature_slug) == ("source_gone", "teams")
