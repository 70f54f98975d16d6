"""Templates by REST: kept, found, made into plans, carried through files."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from autopack.actors import Actor, ActorKind, Role, system_actor
from autopack.services.keys import create_key
from catalog_app.api.template_urls import urlpatterns
from catalog_app.briefing.types import Wish
from catalog_app.models import FeatureCatalog, Plan, PlanTemplate
from catalog_app.planning.request import PlanRequest
from catalog_app.services.plans import create_plan
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import create_template_from_plan
from tests.catalog_app.api.conftest import ClientOf
from tests.support.factories import ProjectFactory
from tests.support.plan_factories import RunOutcomeFactory

BASE = "/api/v1/"
ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))
READ = ["templates", "template_files", "{t}", "{t}/plan.md", "{t}/versions", "{t}/export"]
READ_WITH_QUERY = ["{t}/compare?with=desk"]
WRITE = [
    *(("post", path) for path in ("templates", "template_files", "{t}/preview", "{t}/plan")),
    *(("patch", "{t}"), ("post", "{t}/archive"), ("post", "{t}/restore")),
]


@pytest.fixture
def template(catalog: FeatureCatalog) -> PlanTemplate:
    request = PlanRequest(
        title="Desk", wishes=(Wish("sign-in", "Sign in", slug="login"), Wish("look", "Look", slug="search"))
    )
    version = create_plan(request, catalog=catalog, plan_id="desk-plan", actor=ADA).version
    return create_template_from_plan(version, TemplateDraft(tags=["web"]), actor=ADA).template


class Api:
    """Any: answers of DRF's test client."""

    def __init__(self, client: APIClient) -> None:
        self._client = client

    def get(self, path: str) -> Any:
        return self._client.get(BASE + path)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self._send("post", path, body, status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return self._send("patch", path, body, status)

    def _send(self, verb: str, path: str, body: Any, status: int) -> Any:
        answer = getattr(self._client, verb)(BASE + path, body or {}, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def api(client_of: ClientOf) -> Api:
    return Api(client_of(Role.PLANNER))


def place(path: str) -> str:
    return path.format(t="templates/desk")


def test_the_tables_here_know_every_address() -> None:
    here = {place(path).partition("?")[0] for path in (*READ, *READ_WITH_QUERY, *(path for _, path in WRITE))}
    assert here == {str(url.pattern).replace("<str:template_id>", "desk") for url in urlpatterns}


def test_who_may(template: PlanTemplate, client_of: ClientOf) -> None:
    for path in (*READ, *READ_WITH_QUERY):
        assert APIClient().get(BASE + place(path)).status_code == 401, path
        assert client_of(Role.READER).get(BASE + place(path)).status_code == 200, path
    for verb, path in WRITE:
        assert getattr(APIClient(), verb)(BASE + place(path)).status_code == 401, path
        refused = getattr(client_of(Role.CURATOR), verb)(BASE + place(path), {}, format="json")
        assert (refused.status_code, refused.json()["needed"]) == (403, ["planner", "operator"]), path


def test_what_is_not_seen_does_not_exist(template: PlanTemplate) -> None:
    PlanTemplate.objects.update(project=ProjectFactory.create(project_id="desk"))
    blog = ProjectFactory.create(project_id="blog")
    key = create_key("Guest", roles=[Role.PLANNER], projects=[blog], actor=system_actor("test"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key.plaintext}")
    api = Api(client)
    for path in ("{t}", "{t}/versions", "{t}/export", "{t}/plan.md"):
        assert api.get(place(path)).json()["code"] == "template_not_found"
    for path in ("{t}/preview", "{t}/plan", "{t}/archive"):
        assert api.post(place(path), status=404)["code"] == "template_not_found"
    assert api.get("templates").json()["results"] == []
    assert api.get("template_files").json()["files"] == {}


def test_what_cannot_be_done_is_refused(template: PlanTemplate, api: Api) -> None:
    assert api.post("templates", {"plan_id": "none"}, 404)["code"] == "plan_not_found"
    assert api.post("templates", {"plan_id": "desk-plan", "template_id": "../x"}, 422)["code"] == (
        "invalid_template_id"
    )
    assert api.patch("templates/desk", {"title": "New", "version": 7}, 409)["code"] == (
        "template_version_conflict"
    )
    wrong = api.patch("templates/desk", {"title": "New", "descripton": "For teams"}, 422)
    assert [(error["pointer"], error["code"]) for error in wrong["errors"]] == [
        ("/descripton", "unknown_key")
    ]
    assert "known are title, description, tags, note, parameters, version" in wrong["detail"]
    for path, body in (
        ("templates", {"plan_id": "desk-plan", "templateid": "x"}),
        ("template_files", {"files": [{"name": "a.yaml", "content": ""}], "dryrun": True}),
    ):
        assert api.post(path, body, 422)["errors"][0]["code"] == "unknown_key"
    many = api.patch("templates/desk", {f"key{number}": 1 for number in range(100)}, 422)
    assert len(many["errors"]) == 20
    assert template.versions.count() == 1
    wrong = api.patch("templates/desk", {"parameters": [{"name": "n", "type": "number"}]}, 422)
    assert [error["pointer"] for error in wrong["errors"]] == ["/parameters/0/default"]
    wrong = api.post("templates/desk/preview", {"add": [{"slug": "logn"}], "remov": []}, 422)
    assert [error["pointer"] for error in wrong["errors"]] == ["/remov"]
    wrong = api.post("templates/desk/preview", {"add": [{"slug": "logn"}], "remove": ["wiki"]}, 422)
    assert [(error["pointer"], error["suggestions"]) for error in wrong["errors"]] == [
        ("/add/0/slug", ["login"])
    ]
    assert api.post("templates/desk/plan", {"words": "Make it blue."}, 422)["code"] == "delta_unclear"
    assert api.get("templates/desk?version=9").status_code == 404
    assert api.get("templates/desk?version=x").json()["code"] == "invalid_query"
    assert api.get("templates/desk/compare").json()["code"] == "invalid_query"
    files = [{"name": "a.yaml", "content": "template_id: a\ntitle: A\nrequest: {featurs: []}\n"}]
    wrong = api.post("template_files", {"files": files}, 422)
    assert [(e["file"], e["line"], e["code"]) for e in wrong["errors"]] == [
        ("a.yaml", 3, "unknown_key"),
    ]
    assert api.post("templates/desk/archive")["archived_at"]
    assert api.post("templates/desk/plan", status=409)["code"] == "template_archived"
    assert Plan.objects.count() == 1


def test_a_plan_becomes_a_template_and_a_plan_again(template: PlanTemplate, api: Api) -> None:
    assert api.post("templates", {"plan_id": "desk-plan"}, 201) == {
        "template_id": "desk",
        "version": 1,
        "is_new": False,
    }
    kept = api.post("templates", {"plan_id": "desk-plan", "template_id": "two", "title": "Two"}, 201)
    assert (kept["template_id"], kept["is_new"]) == ("two", True)
    same = api.post("templates/desk/preview")
    assert (same["is_same"], same["diff"], same["drift"], same["unclear"]) == (True, {}, [], [])
    assert same["digest"] == api.get("templates/desk").json()["version"]["digest"]

    delta = {"words": "the same, but without search", "title": "Desk north", "add": ["Invoices"]}
    changed = api.post("templates/desk/preview", delta)
    made = api.post("templates/desk/plan", {**delta, "plan_id": "north", "note": "For them."}, 201)
    again = api.post("templates/desk/plan", {**delta, "plan_id": "north"}, 201)

    assert changed["is_same"] is False
    assert changed["changes"]["remove"] == ["look"]
    assert [feature["quotes"] for feature in changed["plan"]["features"]] == [["Sign in"], ["Invoices"]]
    assert (made["plan_id"], made["is_new"], again["is_new"]) == ("north", True, False)
    assert made["digest"] == changed["digest"]
    version = Plan.objects.get(plan_id="north").versions.get()
    assert version.template_version == template.versions.get()


def test_templates_are_found_with_what_runs_have_shown(template: PlanTemplate, api: Api) -> None:
    RunOutcomeFactory.create(template_version=template.versions.get(), tokens=50)
    RunOutcomeFactory.create(
        template_version=template.versions.get(), is_success=False, failed_phase="F1", failure_code="ci_red"
    )

    found = api.get("templates?q=desk&tag=web").json()["results"]

    assert [each["template_id"] for each in found] == ["desk"]
    assert found[0]["outline"]["features"] == 2
    statistics = found[0]["statistics"]
    assert (statistics["runs"], statistics["success_rate"], statistics["median_tokens"]) == (2, 0.5, 25)
    assert statistics["failures"][0]["phase_id"] == "F1"
    assert api.get("templates?tag=none").json()["results"] == []
    compared = api.get("templates/desk/compare?with=desk").json()
    assert (compared["first"]["statistics"]["runs"], compared["diff"]) == (2, {})
    assert api.get("templates/desk/plan.md").content.startswith(b"# Desk")


def test_lists_cost_the_same_however_long(template: PlanTemplate, api: Api) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get("templates").status_code == 200
        return len(queries)

    count()
    before = count()
    for number in range(3):
        api.post("templates", {"plan_id": "desk-plan", "template_id": f"more-{number}"}, 201)
    assert count() == before


def test_every_edit_is_a_version(template: PlanTemplate, api: Api) -> None:
    parameter = {"name": "team", "type": "choice", "default": "a", "choices": ["a", "b"]}
    assert api.patch("templates/desk", {"title": "New", "tags": []})["version"] == 2
    assert api.patch("templates/desk", {"parameters": [parameter], "version": 2})["version"] == 3
    assert api.patch("templates/desk", {"parameters": [parameter]})["is_new"] is False
    versions = api.get("templates/desk/versions").json()["results"]
    assert [(each["version"], each["note"]) for each in versions] == [
        (3, ""),
        (2, "Title before: Desk\nTags before: web"),
        (1, ""),
    ]
    assert api.get("templates/desk?version=3").json()["plan"]["parameters"] == {"team": "a"}
    assert api.get("templates/desk?version=1").json()["plan"]["parameters"] == {}


def test_a_library_goes_through_files(template: PlanTemplate, api: Api) -> None:
    files = api.get("template_files?template=desk").json()["files"]
    yaml = next(text for path, text in files.items() if path.endswith("template.yaml"))
    one = api.get("templates/desk/export?file=template.yaml")
    assert (one["Content-Type"], one.content.decode()) == ("text/yaml; charset=utf-8", yaml)
    assert api.get("templates/desk/export").json()["files"] == files
    body = {"files": [{"name": path, "content": text} for path, text in files.items()]}

    tried = api.post("template_files", {**body, "dry_run": True})
    template.versions.all().delete()
    template.delete()
    brought = api.post("template_files", body)

    assert [each["action"] for each in tried["templates"]] == ["unchanged"]
    assert [(each["template_id"], each["action"]) for each in brought["templates"]] == [("desk", "created")]
    assert brought["warnings"] == []
    assert api.get("template_files").json()["files"] == files
