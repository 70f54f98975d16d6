"""`kill -9` of whoever makes plans, uses templates, starts runs of plans or builds the lookup index, at named
points: what was begun is there as a whole or not at all, and done again it is there once."""

import asyncio
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack import tasks
from autopack.worker import OTHER_QUEUE, run_worker
from catalog_app.api import plan_versions, template_plans
from catalog_app.api import plans as plans_api
from catalog_app.api import template_files as files_api
from catalog_app.lookup.results import LookupPart
from catalog_app.models import (
    Feature,
    FeatureVectors,
    LookupIndex,
    Plan,
    PlanTemplate,
    PlanVersion,
    RunOutcome,
    TemplateVersion,
)
from catalog_app.selectors.lookup import look_up
from catalog_app.services import (
    indexing,
    plan_readiness,
    plans,
    template_files,
    template_rows,
    templates,
)
from catalog_app.services.indexing import refresh_index, requeue_indexes
from catalog_app.services.queue import BUILD_INDEX
from catalog_app.services.sealing import changing
from runs_app.api import templates as runs_templates_api
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Event, Run
from runs_app.services import starting, starting_plans
from tests.support.factories import ProjectFactory
from tests.support.killing import kill_at
from tests.support.lookup import WordEncoder, use_encoder
from tests.support.planned import make_catalog, source_of, verify
from tests.support.repos import make_repo
from tests.support.workshop import Json, Workshop

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.django_db(transaction=True)]

DESK = {
    "title": "Help desk",
    "project_type": "web_app",
    "mode": "draft",
    "features": [{"slug": "login"}, {"slug": "search"}],
}


@pytest.fixture
def desk(tmp_path: Path, transactional_db: None) -> Workshop:
    ProcrastinateJob.objects.all().delete()
    make_catalog()
    repo = make_repo(tmp_path / "desk", {"README.md": "# Desk\n"})
    project = ProjectFactory.create(project_id="desk", repo_path=str(repo.path), ci_kind="none")
    return Workshop(repo, project, tmp_path)


def ask(desk: Workshop, path: str, body: Json) -> Json:
    return desk.post(path, body, role="planner")


def made(answer: Json, status: int = 201) -> Json:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_plan_and_its_next_version_are_there_as_a_whole_or_not_at_all(desk: Workshop) -> None:
    def create() -> Json:
        return ask(desk, "plans", {**DESK, "plan_id": "desk"})

    desk.client("planner")
    kill_at(create, plans, "_insert_version")
    kill_at(create, plans, "_insert_plan", when="after")
    assert not Plan.objects.exists()
    kill_at(create, plans_api, "describe_saved")
    kept = PlanVersion.objects.get()
    again = made(create())
    assert (again["is_new"], again["digest"]) == (False, kept.digest)

    def revise() -> Json:
        return ask(desk, "plans/desk/revise", {"version": 1, "add": [{"slug": "teams"}]})

    kill_at(revise, plans, "keep_draft", when="after")
    assert Plan.objects.get().latest_version == PlanVersion.objects.get().number == 1
    kill_at(revise, plan_versions, "describe_saved")
    again = made(revise(), 200)
    assert (again["is_new"], again["version"]) == (False, 2)
    assert Plan.objects.get().latest_version == PlanVersion.objects.count() == 2


def test_a_template_is_used_and_files_are_brought_as_a_whole_or_not_at_all(desk: Workshop) -> None:
    written = (
        "template_id: {0}\ntitle: {0}\nrequest: {{project_type: web_app, features: [{{slug: login}}]}}\n"
    )
    files = [{"name": f"{name}.yaml", "content": written.format(name)} for name in ("one", "two")]

    def bring() -> Json:
        return ask(desk, "template_files", {"files": files})

    desk.client("planner")
    kill_at(bring, template_files, "_import", when="after")
    kill_at(bring, template_files, "_import", when="after", call=2)
    assert not PlanTemplate.objects.exists()
    kill_at(bring, files_api.TemplateFiles, "actor", when="after")
    assert [each["action"] for each in made(bring(), 200)["templates"]] == ["created"] * 2
    assert [each["action"] for each in made(bring(), 200)["templates"]] == ["unchanged"] * 2
    assert TemplateVersion.objects.count() == 2

    def use() -> Json:
        return ask(desk, "templates/one/plan", {"add": [{"slug": "search"}], "plan_id": "desk"})

    kill_at(use, plans, "_insert_version")
    assert not Plan.objects.exists()
    kill_at(use, template_plans, "describe_saved")
    again = made(use())
    version = PlanVersion.objects.get()
    assert (again["is_new"], again["digest"]) == (False, version.digest)
    assert version.template_version == TemplateVersion.objects.get(template__template_id="one")


def test_a_run_of_a_plan_starts_once_wherever_its_start_is_killed(desk: Workshop) -> None:
    made(ask(desk, "plans", {**DESK, "plan_id": "desk"}))
    verify(source_of("login"))

    def start() -> Json:
        return ask(desk, "runs/start", {"run": {"run_id": "r1"}, "plan_id": "desk"})

    refs = desk.repo.refs()
    kill_at(start, plan_readiness, "keep_draft", when="after")
    assert PlanVersion.objects.count() == 1
    kill_at(start, starting_plans, "start_run")
    assert PlanVersion.objects.count() == 2, "the plan with its verified sources is kept"
    kill_at(start, starting, "_insert_rows", when="after")
    assert not Run.objects.exists()
    kill_at(start, starting, "open_branch")
    kill_at(start, LocalGitCliAdapter, "ensure_integration_branch")
    assert (Run.objects.get().state, desk.repo.refs()) == ("PLAN_BOOTSTRAP", refs)
    kill_at(start, LocalGitCliAdapter, "ensure_integration_branch", when="after")
    assert Run.objects.get().state == "PLAN_BOOTSTRAP"
    kill_at(start, starting_plans, "open_branch", when="after")

    assert made(start())["state"] == "PHASE_QUEUEING"
    run = Run.objects.get()
    assert (run.plan_version, run.plan_run_number) == (PlanVersion.objects.get(number=2), 1)
    assert desk.repo.refs() == {**refs, "refs/heads/autonomous/r1": run.base_commit}
    sequences = Event.objects.filter(run=run).order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, run.event_count + 1))
    assert PlanVersion.objects.count() == 2
    other = ask(desk, "runs/start", {"run": {"run_id": "r2"}, "plan_id": "desk"})
    assert (other.status_code, other.json()["code"]) == (409, "plan_run_not_ready")
    desk.repo.fsck()


def test_a_run_is_kept_as_one_template_wherever_that_is_killed(desk: Workshop) -> None:
    assert desk.start(phases=1).status_code == 201
    assert desk.result("p1", None).status_code == 200

    def keep() -> Json:
        return ask(desk, "runs/r1/save_as_template", {})

    kill_at(keep, template_rows, "_insert_version")
    kill_at(keep, templates, "insert_template", when="after")
    assert not PlanTemplate.objects.exists()
    assert RunOutcome.objects.get().template_version is None
    kill_at(keep, runs_templates_api, "describe_kept")
    assert made(keep())["is_new"] is False
    assert RunOutcome.objects.get().template_version == TemplateVersion.objects.get()


def test_an_index_is_built_to_its_end_by_whoever_lives(
    monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    ProcrastinateJob.objects.all().delete()
    use_encoder(monkeypatch, WordEncoder())
    monkeypatch.setattr(indexing, "_BATCH", 1)
    catalog = make_catalog()
    with changing([catalog]) as changes:
        changes.touch(Feature.objects.all())

    kill_at(_work, indexing, "_write_batch", when="after", call=2)

    assert FeatureVectors.objects.count() == 2
    assert LookupIndex.objects.get().finished_at is None
    assert not look_up(catalog, [LookupPart("login")]).state.is_complete
    assert _jobs() == ["doing"]
    assert requeue_indexes() == 1, "the sweeper asks for it anew, behind the lock of the dead worker's job"
    _forget_dead_workers()
    assert _jobs() == ["todo"]

    kill_at(_work, indexing, "_refresh", when="after")

    index = LookupIndex.objects.get()
    assert index.finished_at is not None
    assert (index.done_count, index.revision) == (index.total_count, 3), "nothing is encoded twice"
    assert look_up(catalog, [LookupPart("login")]).state.is_complete
    assert refresh_index(catalog).encoded_count == 0


def _jobs() -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name=BUILD_INDEX)
    return list(jobs.values_list("status", flat=True))


def _work() -> None:
    """As the worker does, on the queue that indexes are on."""
    asyncio.run(run_worker({OTHER_QUEUE: 1}))


def _forget_dead_workers() -> None:
    """As a living worker does when the dead one has not been heard of for long enough."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    _retry_stalled_jobs()


@async_to_sync
async def _retry_stalled_jobs() -> None:
    await tasks.retry_stalled_jobs(timestamp=0)
