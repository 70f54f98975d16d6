"""Plans over HTTP: every refusal with its place, then the way of a plan from a list to its versions."""

from collections.abc import Callable
from typing import Any

import pytest

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from catalog_app.models import FeatureCatalog, Plan, PlanVersion, SourceScan
from catalog_app.planning.composing import MAX_TEXT_BYTES
from tests.catalog_app.api.conftest import ClientOf
from tests.support.factories import ProjectFactory
from tests.support.planned import make_catalog, source_of, verify

Ask = Callable[..., Any]
BASE = "/api/v1/plans"
DESK = {
    "title": "Help desk",
    "plan_id": "desk",
    "mode": "draft",
    "project_type": "web_app",
    "features": [{"slug": "login"}, {"slug": "search", "should": True}],
}


@pytest.fixture(autouse=True)
def desk_catalog(db: None) -> FeatureCatalog:
    return make_catalog()


@pytest.fixture
def post(client_of: ClientOf) -> Ask:
    """Write as a planner. Any: the answer of DRF's test client."""

    def write(path: str, body: Any = None, **headers: str) -> Any:
        client = client_of(Role.PLANNER)
        return client.post(BASE + path, {} if body is None else body, format="json", headers=headers)

    return write


@pytest.fixture
def read(client_of: ClientOf) -> Ask:
    def ask(path: str, **headers: str) -> Any:
        return client_of(Role.READER).get(BASE + path, headers=headers)

    return ask


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json()


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


def test_bodies_that_say_nothing_or_nothing_that_can_be_read(post: Ask) -> None:
    empty: list[Any] = [{}, {"features": []}, {"text": "  \n"}, {"dry_run": True, "features": None}]
    for body in empty:
        refused(post("", body), 422, "empty_request")
    bad: list[Any] = [[], 5, {"dry_run": "perhaps"}, {"mode": "bold"}, {"plan_id": {}}, {"note": "x" * 2_001}]
    for body in bad:
        assert post("", body).status_code in (400, 422), body
    wrong = {
        "features": ["login", 5, {"quote": "x", "slog": "login"}],
        "text": 7,
        "slots": ["postgres"],
        "pins": {"nothing": 5},
        "titel": "Help",
    }
    problem = refused(post("", wrong), 422, "invalid_plan_request")
    assert set(pointers(problem)) >= {"/features/1", "/features/2/slog", "/text", "/slots", "/titel"}
    long = refused(post("", {"text": "x" * (MAX_TEXT_BYTES + 1)}), 422, "invalid_plan_request")
    assert (pointers(long), long["errors"][0]["code"]) == (["/text"], "text_too_long")
    many = refused(post("", {"features": [f"thing {n}" for n in range(5_001)]}), 422, "invalid_plan_request")
    assert pointers(many) == ["/features"]
    misfit = {"parameters": [{"name": "seats", "type": "number", "default": "x"}], "values": {"team": "a"}}
    problem = refused(post("", {**DESK, **misfit}), 422, "invalid_plan_request")
    assert pointers(problem) == ["/parameters/0/default", "/values/team"]
    refused(post("", {**DESK, "plan_id": "no id"}), 422, "invalid_plan_id")
    assert not Plan.objects.exists()


def test_what_is_not_there_or_not_for_this_key(post: Ask, read: Ask, client_of: ClientOf) -> None:
    unknown = {**DESK, "features": [{"slug": "logni"}, {"slug": "search"}], "vetoes": [{"slug": "team"}]}
    problem = refused(post("", unknown), 422, "unknown_feature")
    assert problem["errors"][0]["pointer"] == "/features/0"
    assert problem["errors"][0]["suggestions"] == ["login"]
    refused(post("", {**DESK, "catalog": "none"}), 404, "catalog_not_found")
    refused(post("", {**DESK, "project_id": "none"}), 404, "unknown_project")
    shop = ProjectFactory.create(project_id="shop")
    post("", {**DESK, "project_id": "shop"})
    guest = client_of(Role.READER, Role.BUILDER)
    guest.credentials(HTTP_AUTHORIZATION=f"Bearer {_key_for(ProjectFactory.create(project_id='blog'))}")

    for path in ("/desk", "/desk/plan.md", "/desk/versions", "/desk/diff", "/desk/sources"):
        refused(guest.get(BASE + path), 404, "plan_not_found")
        refused(read(path.replace("desk", "none")), 404, "plan_not_found")
    assert guest.get(BASE).json()["results"] == []
    refused(read("/desk?version=2"), 404, "plan_version_not_found")
    refused(read("/desk/diff?from=7"), 404, "plan_version_not_found")
    for query in ("/desk?version=x", "/desk?version=0", "?archived=perhaps"):
        refused(read(query), 422, "invalid_query")
    for path in ("", "/desk/revise", "/desk/verify", "/desk/archive", "/desk/restore"):
        refused(
            client_of(Role.CURATOR, Role.BUILDER).post(BASE + path, {}, format="json"), 403, "missing_role"
        )
    assert shop.plans.get().latest_version == 1


def _key_for(project: Any) -> str:
    roles = [Role.READER, Role.PLANNER]
    return create_key("guest", roles=roles, projects=[project], actor=system_actor("test")).plaintext


def test_ids_and_versions_that_somebody_else_has_taken(post: Ask, read: Ask) -> None:
    assert post("", DESK).status_code == 201
    refused(post("", {**DESK, "title": "Other"}), 409, "plan_exists")
    seen = read("/desk").headers["ETag"]
    assert post("/desk/revise", {"version": 1, "add": ["Teams"]}).json()["version"] == 2

    problem = refused(post("/desk/revise", {"version": 1, "title": "Late"}), 409, "plan_version_conflict")
    assert problem["version"] == 2
    tried = {"version": 1, "title": "Late", "dry_run": True}
    assert refused(post("/desk/revise", tried), 409, "plan_version_conflict") == problem
    refused(post("/desk/revise", {"title": "Late"}, **{"If-Match": seen}), 412, "precondition_failed")
    wrong = refused(post("/desk/revise", {"remove": ["logni"], "addd": []}), 422, "invalid_plan_request")
    assert pointers(wrong) == ["/addd"]
    wrong = refused(post("/desk/revise", {"remove": ["logni"]}), 422, "invalid_plan_request")
    assert wrong["errors"][0]["suggestions"] == ["login"]
    refused(post("/desk/revise", {"add": [{"slug": "logni"}]}), 422, "unknown_feature")
    post("/desk/archive")
    refused(post("/desk/revise", {"title": "Late"}), 409, "plan_archived")
    assert PlanVersion.objects.count() == 2


def test_a_dry_run_is_the_plan_that_would_be_kept_and_keeps_nothing(post: Ask, read: Ask) -> None:
    tried = post("", {**DESK, "dry_run": True})
    assert tried.status_code == 200, tried.content
    assert not Plan.objects.exists()
    assert (tried.json()["plan_id"], tried.json()["version"], tried.json()["is_new"]) == (None, None, False)

    kept = post("", {**DESK, "note": "First."})
    again = post("", DESK)

    assert (kept.status_code, kept.json()["is_new"], again.json()["is_new"]) == (201, True, False)
    assert kept.json()["digest"] == tried.json()["digest"] == again.json()["digest"]
    assert kept.json()["plan"] == tried.json()["plan"]
    shown = read("/desk").json()
    assert shown["plan"] == kept.json()["plan"]
    assert (shown["version"]["note"], shown["about"]["outline"]["features"]) == ("First.", 2)
    assert [wish["slug"] for wish in shown["request"]["features"]] == ["login", "search"]


def test_a_list_and_a_brief_make_one_request(post: Ask) -> None:
    text = (
        "# Help desk\n\nFor our customers.\n\n## Features\n\n- Tickets by mail\n- <script>alert(1)</script>\n"
    )
    body = {
        "text": text,
        "features": [{"slug": "login", "key": "in"}, "no payments"],
        "pins": {"in": "auth-kit"},
    }

    answer = post("", {**body, "mode": "draft"})

    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["plan_id"], said["plan"]["title"]) == ("help-desk", "Help desk")
    assert said["request"]["features"][0]["pin"] == {"repo_id": "auth-kit"}
    assert "Tickets by mail" in [wish["quote"] for wish in said["request"]["features"]]
    assert len(said["request"]["vetoes"]) == 1
    assert "script" in str(said["request"])


def test_a_question_is_answered_in_one_more_call_which_says_what_changed(post: Ask, read: Ask) -> None:
    asked = post("", {**DESK, "vetoes": [{"slug": "login"}]}).json()
    (question,) = asked["questions"]
    options = [option["id"] for option in question["options"]]
    refused(post("/desk/revise", {"answers": {question["id"]: "perhaps"}}), 422, "invalid_plan_request")

    preview = post("/desk/revise", {"answers": {question["id"]: options[0]}, "dry_run": True})
    assert (preview.json()["version"], Plan.objects.get().latest_version) == (None, 1)
    answered = post("/desk/revise", {"version": 1, "answers": {question["id"]: options[0]}, "note": "Yes."})

    assert answered.status_code == 200, answered.content
    assert (answered.json()["version"], answered.json()["is_new"]) == (2, True)
    assert answered.json()["questions"] == []
    assert answered.json()["diff"] == preview.json()["diff"] != {}
    versions = read("/desk/versions").json()["results"]
    assert [(row["version"], row["note"]) for row in versions] == [(2, "Yes."), (1, "")]
    assert versions[0]["changes"] == {"answers": {question["id"]: options[0]}}
    diff = read("/desk/diff").json()
    assert (diff["before"], diff["after"], diff["diff"]) == (1, 2, answered.json()["diff"])
    nothing = post("/desk/revise", {}).json()
    assert (nothing["version"], nothing["is_new"]) == (2, False)


def test_a_plan_is_changed_in_words(post: Ask, read: Ask) -> None:
    post("", DESK)
    unclear = refused(post("/desk/revise", {"words": "without search. Make it blue."}), 422, "delta_unclear")
    assert (pointers(unclear), "blue" in unclear["errors"][0]["detail"]) == (["/words"], True)
    for wrong in (7, ["without search"], "x" * 20_001):
        assert post("/desk/revise", {"words": wrong}).status_code in (400, 422), wrong
    words = {"words": "the same, but with teams and without search and no wiki", "title": "Desk"}

    tried = post("/desk/revise", {**words, "dry_run": True}).json()
    kept = post("/desk/revise", {**words, "version": 1}).json()

    assert (tried["version"], kept["version"], tried["diff"]) == (None, 2, kept["diff"])
    assert [wish["quote"] for wish in kept["request"]["features"]] == ["login", "teams"]
    assert tried["notes"] == kept["notes"] == ["Nothing here is “wiki”. That it is not wanted is kept."]
    assert read("/desk/versions").json()["results"][0]["changes"] == words
    assert post("/desk/revise", {**words, "version": 1}).json()["version"] == 2


def test_plan_md_by_address_and_by_accept(post: Ask, read: Ask) -> None:
    post("", DESK)
    by_address = read("/desk/plan.md")
    by_accept = read("/desk", Accept="text/markdown")

    assert by_address.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert by_address.content == by_accept.content
    assert "Help desk" in by_address.content.decode()
    as_json = read("/desk")
    assert as_json.headers["Content-Type"] == "application/json"
    for path, tag in (("/desk", as_json.headers["ETag"]), ("/desk/plan.md", by_address.headers["ETag"])):
        assert read(path, **{"If-None-Match": tag}).status_code == 304
    assert as_json.headers["ETag"] != by_accept.headers["ETag"]


def test_all_sources_are_verified_by_one_call_and_then_waited_for(post: Ask, read: Ask) -> None:
    post("", {**DESK, "features": [{"slug": "login"}, {"slug": "teams"}]})

    asked = post("/desk/verify").json()
    again = post("/desk/verify").json()

    assert asked["is_waiting"]
    assert [(source["feature"], source["status"]) for source in asked["sources"]] == [
        ("login", "declared"),
        ("teams", "declared"),
    ]
    assert asked == again
    assert SourceScan.objects.live().count() == 2
    for slug in ("login", "teams"):
        verify(source_of(slug))
    assert not read("/desk/sources").json()["is_waiting"]


def test_lists_are_filtered_and_say_what_the_latest_version_counts(post: Ask, read: Ask) -> None:
    post("", DESK)
    post("", {**DESK, "plan_id": "other", "title": "Shop"})
    assert post("/other/archive").json()["about"]["archived_at"]

    def ids(query: str) -> list[str]:
        return [plan["plan_id"] for plan in read(query).json()["results"]]

    assert ids("") == ids("?q=HELP") == ids("?project_type=web_app") == ["desk"]
    assert ids("?archived=all") == ["other", "desk"]
    assert ids("?q=shop") == ids("?project_id=x") == []
    assert read("").json()["results"][0]["outline"]["blocked"] == 1
    assert post("/other/restore").json()["about"]["archived_at"] is None
