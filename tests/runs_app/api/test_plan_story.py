"""From a wish to a finished run and back, over HTTP: what an agent that plans and builds does."""

from catalog_app.models import OutcomeSnapshot, ReuseOutcome
from tests.support.planned import COMMIT, make_catalog, source_of, verify
from tests.support.workshop import Workshop


def test_a_plan_is_asked_back_answered_verified_run_and_learnt_from(workshop: Workshop) -> None:
    make_catalog()
    wanted = {
        "plan_id": "desk",
        "project_id": "shop",
        "project_type": "web_app",
        "mode": "draft",
        "features": [{"slug": "login"}, {"slug": "search", "should": True}],
        "vetoes": [{"slug": "login"}],
        "text": "# Help desk\n\nFor our customers.\n",
    }
    made = workshop.post("plans", wanted, role="planner")
    assert made.status_code == 201, made.content
    (question,) = made.json()["questions"]
    start = {"run": {"run_id": "r1"}, "plan_id": "desk"}
    asked = workshop.post("runs/start", start, role="planner")
    assert (asked.status_code, asked.json()["code"]) == (409, "questions_open")
    assert asked.json()["questions"] == [question]

    answers = {question["id"]: "keep"}
    revised = workshop.post("plans/desk/revise", {"version": 1, "answers": answers}, role="planner")
    assert revised.status_code == 200, revised.content
    assert (revised.json()["version"], revised.json()["questions"]) == (2, [])
    blocked = workshop.post("runs/start", start, role="planner")
    assert (blocked.status_code, blocked.json()["code"]) == (409, "plan_blocked")

    waiting = workshop.post("plans/desk/verify", role="planner").json()
    assert (waiting["is_waiting"], waiting["sources"][0]["scan_id"] is not None) == (True, True)
    verify(source_of("login"))
    assert not workshop.get("plans/desk/sources").json()["is_waiting"]

    started = workshop.post("runs/start", start, role="planner")
    assert started.status_code == 201, started.content
    assert started.json()["plan"] == {"plan_id": "desk", "version": 3, "run": 1}
    for phase in workshop.run("r1").phases.order_by("position"):
        claim = workshop.post("runs/r1/claim", {"worker_name": "cursor"}).json()
        context = claim["context"]
        assert context["phase"]["phase_id"] == phase.phase_id
        if phase.task_category == "external_feature_reuse":
            spec = context["phase"]["spec"]
            assert (spec["source_repo_id"], spec["source_paths"]) == ("auth-kit", ["auth"])
            assert (spec["source_repo_url"], spec["pinned_commit"]) == (source_of("login").repo.url, COMMIT)
            assert (spec["license"], bool(spec["attribution"])) == ("MIT", True)
            assert context["phase"]["acceptance_criteria"]
        built = workshop.result(phase.phase_id, None, claim_id=claim["claim"]["claim_id"], tokens_used=10)
        assert built.status_code == 200, built.content

    assert workshop.run("r1").state == "DONE_SUCCESS"
    reuse = ReuseOutcome.objects.get()
    assert (reuse.catalog_slug, reuse.feature_slug, reuse.is_completed) == ("main", "login", True)
    again = workshop.post("plans/desk/revise", {"dry_run": True}, role="planner").json()
    assert again["plan"]["inputs"]["outcomes_digest"] == OutcomeSnapshot.objects.get().digest

    kept = workshop.post("runs/r1/save_as_template", {"tags": ["support"]}, role="planner")
    assert (kept.status_code, kept.json()["is_new"]) == (201, True), kept.content
    assert workshop.post("runs/r1/save_as_template", role="planner").json()["is_new"] is False
    template = f"templates/{kept.json()['template_id']}"
    assert workshop.get(template).json()["about"]["statistics"]["succeeded"] == 1
    preview = workshop.post(f"{template}/preview", role="planner").json()
    assert (preview["drift"], preview["diff"]["features_changed"]) == ([], [])
    assert workshop.post(f"{template}/plan", {"plan_id": "desk-2"}, role="planner").status_code == 201
    started = workshop.post("runs/start", {"run": {"run_id": "r2"}, "plan_id": "desk-2"}, role="planner")
    assert (started.status_code, started.json()["plan"]["plan_id"]) == (201, "desk-2"), started.content
