"""Starting a run of a plan that is kept: what stands in the way, and what the run is then made of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from autopack.actors import system_actor
from catalog_app.briefing.types import Veto, Wish
from catalog_app.choices import PlanMode
from catalog_app.models import FeatureSource, LicensePolicy, PlanVersion, RunOutcome, SourceRepo
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import GivenPhase, PlanRequest
from catalog_app.services.plans import archive_plan, create_plan, restore_plan, revise_plan
from runs_app.models import Run
from runs_app.services import starting
from tests.support.factories import ProjectFactory
from tests.support.planned import COMMIT, make_catalog, source_of, verify, whitelist
from tests.support.workshop import Json, Workshop

WANTED = PlanRequest(
    title="Help desk",
    mode=PlanMode.DRAFT,
    wishes=(Wish("login", "People sign in", slug="login"), Wish("search", "Find tickets", slug="search")),
)


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    make_catalog()
    return workshop


def plan(workshop: Workshop, request: PlanRequest = WANTED, *, plan_id: str = "desk") -> PlanVersion:
    catalog = source_of("login").feature.catalog
    saved = create_plan(
        request, catalog=catalog, project=workshop.project, plan_id=plan_id, actor=system_actor("test")
    )
    return saved.version


def start(workshop: Workshop, run_id: str = "r1", *, plan_id: str = "desk", **body: Any) -> Json:
    whole = {"run": {"run_id": run_id}, "plan_id": plan_id, **body}
    return workshop.post("runs/start", whole, role="planner")


def refused(answer: Json, status: int, code: str) -> Json:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json()


def build(workshop: Workshop, run_id: str) -> None:
    """Every phase of a run, to its end."""
    for phase in Run.objects.get(run_id=run_id).phases.order_by("position"):
        answer = workshop.result(phase.phase_id, None, run_id=run_id)
        assert answer.status_code == 200, answer.content
    assert workshop.run(run_id).state == "DONE_SUCCESS"


def test_plans_and_parts_that_are_not_there_or_not_wanted(desk: Workshop) -> None:
    version = plan(desk)

    refused(start(desk, plan_id="nothing"), 404, "plan_not_found")
    refused(start(desk, plan_version=9), 404, "plan_version_not_found")
    refused(start(desk, plan_run=9), 422, "unknown_plan_run")
    both = refused(start(desk, tiers=[], phases=[{}]), 422, "invalid_body")
    assert {error["pointer"] for error in both["errors"]} == {"/tiers", "/phases"}
    wrongs: list[dict[str, Any]] = [
        {"plan_id": []},
        {"plan_id": ""},
        {"plan_version": 0},
        {"plan_run": "all"},
        {"run": {}},
    ]
    for wrong in wrongs:
        refused(start(desk, **wrong), 422, "invalid_body")
    archive_plan(version.plan, actor=system_actor("test"))
    refused(start(desk), 409, "plan_archived")
    restore_plan(version.plan, actor=system_actor("test"))
    ProjectFactory.create(project_id="other")
    refused(start(desk, run={"run_id": "r1", "project_id": "other"}), 422, "plan_of_other_project")
    answer = desk.client("builder").post(
        "/api/v1/runs/start", {"run": {"run_id": "r1"}, "plan_id": "desk"}, format="json"
    )
    refused(answer, 403, "missing_role")
    assert not Run.objects.exists()


def test_a_plan_of_nothing_has_nothing_to_run(desk: Workshop) -> None:
    login = Wish("login", "People sign in", slug="login")
    no_login = Veto("no-login", "no accounts", slug="login")
    plan(desk, PlanRequest(title="Desk", wishes=(login,), vetoes=(no_login,), answers={"veto:login": "drop"}))

    refused(start(desk), 422, "nothing_to_run")

    assert not Run.objects.exists()


def test_open_questions_are_listed_with_their_options(desk: Workshop) -> None:
    plan(desk, replace(WANTED, vetoes=(Veto("no-login", "no accounts", slug="login"),)))

    problem = refused(start(desk), 409, "questions_open")

    assert [question["kind"] for question in problem["questions"]] == ["veto_against_need"]
    assert len(problem["questions"][0]["options"]) > 1


def test_blocked_sources_are_named_and_verified_the_plan_goes_on_by_itself(desk: Workshop) -> None:
    version = plan(desk)
    source = source_of("login")

    problem = refused(start(desk), 409, "plan_blocked")
    assert "/api/v1/plans/desk/verify" in problem["detail"]
    (error,) = problem["errors"]
    assert (error["repo_id"], error["paths"], error["state"]) == ("auth-kit", ["auth"], "declared")
    assert error["source_id"] == source.pk

    verify(source)
    started = start(desk)
    assert started.status_code == 201, started.content
    assert started.data["plan"] == {"plan_id": "desk", "version": 2, "run": 1}
    assert started.data["title"] == "Help desk"
    latest = version.plan.versions.get(number=2)
    assert (latest.note, latest.outline["blocked"]) == ("Its sources are verified now.", 0)
    again = start(desk)
    assert (again.status_code, again.data["id"]) == (201, "r1")
    assert PlanVersion.objects.count() == 2
    refused(start(desk, plan_run=1), 409, "run_id_conflict")
    refused(start(desk, "r2", plan_version=1), 409, "plan_run_not_ready")

    reused = desk.run("r1").phases.get(task_category="external_feature_reuse")
    context = desk.get(f"runs/r1/phases/{reused.phase_id}/context").data
    assert context["phase"]["spec"]["plan"] == {"plan_id": "desk", "version": 2, "run": 1}
    assert context["phase"]["spec"]["feature_key"] == "login"


def test_what_would_come_out_as_another_plan_is_not_run(desk: Workshop) -> None:
    plan(desk)
    verify(source_of("login"))
    FeatureSource.objects.filter(pk=source_of("login").pk).update(license_decision="denied")

    problem = refused(start(desk), 409, "plan_changed")

    assert "another plan" in problem["detail"]
    assert problem["diff"]["features_changed"]
    assert PlanVersion.objects.count() == 1
    assert not Run.objects.exists()


def test_what_the_catalog_has_taken_back_is_not_run(desk: Workshop) -> None:
    source = source_of("login")
    verify(source)
    whitelist(source)
    plan(desk, replace(WANTED, mode=PlanMode.ZERO_INTERVENTION))
    own = LicensePolicy.objects.create(
        slug="shop", title="Shop", project=desk.project, denied=["category:permissive"]
    )
    FeatureSource.objects.filter(pk=source.pk).update(
        status="stale", pinned_commit="e" * 40, effective_license="Apache-2.0"
    )
    source.repo.is_whitelisted = False
    source.repo.save()

    problem = refused(start(desk), 409, "plan_outdated")
    assert [error["code"] for error in problem["errors"]] == [
        "not_verified",
        "repinned",
        "license_changed",
        "license_not_allowed",
        "not_whitelisted",
    ]

    own.delete()
    verify(source)
    whitelist(source)
    FeatureSource.objects.filter(pk=source.pk).update(retired_at=source.verified_at)
    problem = refused(start(desk), 409, "plan_outdated")
    assert [error["code"] for error in problem["errors"]] == ["source_gone"]
    FeatureSource.objects.filter(pk=source.pk).update(retired_at=None)
    assert start(desk).status_code == 201


def test_phases_that_were_taken_over_take_only_from_what_may_be_reused(desk: Workshop) -> None:
    source = source_of("login")
    spec = {"source_repo_id": "auth-kit", "source_paths": ["auth"], "pinned_commit": COMMIT}
    for name, said in (("desk", spec), ("elsewhere", {**spec, "pinned_commit": "e" * 40})):
        phase = GivenPhase("p1", "Core", "Login", task_category="external_feature_reuse", spec=said)
        plan(desk, PlanRequest(title="Desk", given=(phase,)), plan_id=name)

    verify(source)
    problem = refused(start(desk), 409, "plan_blocked")
    (error,) = problem["errors"]
    assert (error["code"], error["repo_id"], error["phase_id"]) == ("source_not_usable", "auth-kit", "p1")
    whitelist(source)
    refused(start(desk, "r2", plan_id="elsewhere"), 409, "plan_blocked")
    places: list[dict[str, Any]] = [
        {**spec, "source_repo_url": "https://example.org/other"},
        {"source_repo_url": "https://example.org/other"},
        {"source_paths": ["auth"], "pinned_commit": COMMIT},
    ]
    for number, said in enumerate(places):
        phase = GivenPhase("p1", "Core", "Login", task_category="external_code_intake", spec=said)
        plan(desk, PlanRequest(title="Desk", given=(phase,)), plan_id=f"place-{number}")
        refused(start(desk, "r2", plan_id=f"place-{number}"), 409, "plan_blocked")
    plan(desk, PlanRequest(title="Desk", given=(replace(phase, spec={}),)), plan_id="nowhere")
    assert start(desk, "r3", plan_id="nowhere").status_code == 201
    assert start(desk).status_code == 201


def test_phases_that_were_taken_over_have_ids_that_git_takes(desk: Workshop) -> None:
    given = tuple(GivenPhase(name, "Core", "A phase") for name in ("v1..2", "node.lock", "end."))
    version = plan(desk, PlanRequest(title="Desk", given=given))
    assert start(desk).status_code == 201
    build(desk, "r1")

    # As a plan was kept before its planner knew.
    document = version.document_text.replace('"v1.2"', '"v1..2"')
    PlanVersion.objects.filter(pk=version.pk).update(document_text=document)
    problem = refused(start(desk, "r2", plan_run=1), 422, "plan_refused")
    assert [(error["code"], error["pointer"]) for error in problem["errors"]] == [
        ("invalid_name", "/phases/0/phase_id")
    ]


def test_phases_that_were_taken_over_speak_for_no_feature_of_the_plan(desk: Workshop) -> None:
    verify(source_of("login"))
    whitelist(source_of("login"))
    spec = {
        "feature_key": "search",
        "source_repo_id": "auth-kit",
        "source_paths": ["auth"],
        "pinned_commit": COMMIT,
    }
    given = GivenPhase("p1", "Core", "Login", task_category="external_feature_reuse", spec=spec)
    plan(desk, replace(WANTED, project_type="web_app", wishes=WANTED.wishes[1:], given=(given,)))
    assert start(desk).status_code == 201
    build(desk, "r1")

    (reuse,) = RunOutcome.objects.get(run_id="r1").reuses.all()
    assert (reuse.phase_id, reuse.repo_id, reuse.feature_slug) == ("p1", "auth-kit", "")


def test_what_is_taken_back_while_a_run_starts_is_not_run(
    desk: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of("login")
    verify(source)
    whitelist(source)
    plan(desk, replace(WANTED, mode=PlanMode.ZERO_INTERVENTION))
    resolve_base = starting._resolve_base

    def take_back(*args: Any, **named: Any) -> Any:  # whatever it takes and gives
        SourceRepo.objects.update(is_whitelisted=False)
        return resolve_base(*args, **named)

    monkeypatch.setattr(starting, "_resolve_base", take_back)

    problem = refused(start(desk), 409, "plan_outdated")

    assert [error["code"] for error in problem["errors"]] == ["not_whitelisted"]
    assert not Run.objects.exists()


def test_two_who_start_a_plan_at_once_start_one_run(desk: Workshop) -> None:
    plan(desk, replace(WANTED, project_type="web_app", wishes=WANTED.wishes[1:]))
    desk.client("planner")
    barrier = Barrier(3)

    def one(run_id: str) -> Json:
        try:
            barrier.wait(timeout=60)
            return start(desk, run_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        first, again, other = pool.map(one, ["r1", "r1", "r2"])

    assert first.status_code == again.status_code
    assert sorted([first.status_code, other.status_code]) == [201, 409]
    assert Run.objects.count() == 1


def test_a_plan_that_several_projects_share_is_begun_in_each(desk: Workshop) -> None:
    ProjectFactory.create(project_id="other", repo_path=desk.project.repo_path)
    shared = replace(WANTED, project_type="web_app", wishes=WANTED.wishes[1:])
    create_plan(
        shared, catalog=source_of("login").feature.catalog, plan_id="desk", actor=system_actor("test")
    )

    for run_id, project_id in (("r1", "other"), ("r2", "shop")):
        answer = start(desk, run={"run_id": run_id, "project_id": project_id})
        assert (answer.status_code, answer.data["project_id"]) == (201, project_id), answer.content


def test_the_parts_of_a_long_plan_follow_one_another(desk: Workshop) -> None:
    wishes = tuple(Wish(f"w{number}", f"Thing {number}", build_new=True) for number in range(30))
    version = plan(desk, PlanRequest(title="Long", project_type="web_app", wishes=wishes))
    name, count = version.plan.plan_id, len(version.document["runs"])
    assert count >= 2

    problem = refused(start(desk, "second", plan_id=name, plan_run=2), 409, "plan_run_not_ready")
    assert problem["state"] == "not_started"
    assert start(desk, "first", plan_id=name).data["title"] == f"Long (1 of {count})"
    refused(start(desk, "second", plan_id=name), 409, "plan_run_not_ready")
    problem = refused(start(desk, "second", plan_id=name, plan_run=2), 409, "plan_run_not_ready")
    assert problem["state"] == "PHASE_QUEUEING"
    build(desk, "first")

    second = start(desk, "second", plan_id=name)
    assert second.status_code == 201, second.content
    assert second.data["plan"] == {"plan_id": name, "version": 1, "run": 2}
    run = desk.run("second")
    assert run.after == desk.run("first")
    assert run.base_commit == desk.run("first").tip_commit

    later = revise_plan(version.plan, PlanChanges(title="Longer"), actor=system_actor("test")).version
    third = start(desk, "third", plan_id=name, plan_run=2)
    assert third.status_code == 201, third.content
    assert third.data["plan"]["version"] == later.number
    revise_plan(version.plan, PlanChanges(remove=("w0",)), actor=system_actor("test"))
    problem = refused(start(desk, "fourth", plan_id=name, plan_run=2), 409, "plan_run_not_ready")
    assert problem["state"] == "other_version"


def test_a_plan_s_run_reports_to_its_plan_and_is_not_begun_again_by_accident(desk: Workshop) -> None:
    verify(source_of("login"))
    version = plan(desk)
    assert start(desk).status_code == 201
    build(desk, "r1")

    outcome = RunOutcome.objects.get(run_id="r1")
    assert (outcome.plan_version, outcome.plan_run_number, outcome.is_success) == (version, 1, True)
    reuse = outcome.reuses.get()
    assert (reuse.catalog_slug, reuse.feature_slug, reuse.repo_id) == ("main", "login", "auth-kit")
    problem = refused(start(desk, "r2"), 409, "plan_run_not_ready")
    assert problem["state"] == "done"
    assert start(desk, "r2", plan_run=1).status_code == 201
