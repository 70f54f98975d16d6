"""Errors as problem documents, and as pages for browsers."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from autopack.actors import Role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.planted_urls")]

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def _post(client: Client, body: bytes | str, content_type: str = "application/json") -> Any:
    return client.post("/api/bodies", body, content_type=content_type)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("not-found", 404, "unknown_run"),
        ("refused", 422, "refused"),
        ("wrong-state", 409, "wrong_state"),
        ("too-fast", 429, "too_fast"),
        ("forbidden", 403, "forbidden"),
        ("root", 500, "internal_error"),
        ("defect", 500, "internal_error"),
        ("http404", 404, "not_found"),
        ("django-forbidden", 403, "forbidden"),
        ("suspicious", 400, "malformed"),
        ("unstorable", 422, "unstorable_value"),
        ("half-a-character", 422, "unstorable_value"),
        ("database-away", 503, "database_unavailable"),
        ("throttled", 429, "too_fast"),
        ("not-acceptable", 406, "not_acceptable"),
    ],
)
@pytest.mark.parametrize("prefix", ["/api", ""])
def test_every_error_is_a_problem_document_that_leaks_nothing(
    client: Client, prefix: str, kind: str, status: int, code: str
) -> None:
    response = client.get(f"{prefix}/failing/{kind}")
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:autopack:problem:{code}"
    assert problem["status"] == status
    assert problem["instance"] == f"{prefix}/failing/{kind}"
    assert problem["title"]
    assert problem["detail"]
    assert isinstance(problem["errors"], list)
    assert b"secret internals" not in response.content


def test_reasons_and_further_members_are_kept(client: Client) -> None:
    assert client.get("/api/failing/refused").json()["errors"] == [
        {"code": "path_escapes", "detail": "goes out", "path": "../x", "line": 3}
    ]
    response = client.get("/api/failing/wrong-state")
    assert response.json()["state"] == "DONE_SUCCESS"
    assert response.json()["allowed"] == []
    assert response.headers["Retry-After"] == "7"


def test_retry_after_is_a_second_at_least(client: Client) -> None:
    assert client.get("/api/failing/too-fast").headers["Retry-After"] == "1"
    assert client.get("/api/failing/throttled").headers["Retry-After"] == "12"


def test_a_defect_is_logged_under_the_reference_that_the_client_gets(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        problem = client.get("/api/failing/defect").json()
    assert len(problem["reference"]) == 8
    assert problem["reference"] in problem["detail"]
    assert f"error reference {problem['reference']}: GET /api/failing/defect" in caplog.messages
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def test_a_defect_of_the_error_page_itself_is_still_answered(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("autopack.problems.render_to_string", lambda *_: 1 / 0)
    response = client.get("/failing/defect", headers=BROWSER)
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response.json()["reference"] in caplog.text


def test_an_unknown_address_is_a_problem_that_tells_no_routes(client: Client) -> None:
    response = client.get("/api/nothing/here")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert b"bodies" not in response.content


@pytest.mark.parametrize("body", ["{", "\x00", '{"a": 1,}', "[" * 100_000, b'{"a": "\xff"}'])
def test_a_body_that_is_no_json_is_400(client: Client, body: bytes | str) -> None:
    response = _post(client, body)
    assert (response.status_code, response.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("body", ["[]", '"x"', "3", "null"])
def test_json_that_is_no_object_is_422(client: Client, body: str) -> None:
    response = _post(client, body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_body")


def test_every_invalid_field_is_named_by_a_json_pointer(client: Client) -> None:
    steps = [{"name": "fine", "size": 1}, {"name": "far too long", "size": "x"}, {"name": "a\u0000"}]
    response = _post(client, json.dumps({"steps": steps}))
    assert response.status_code == 422
    problem = response.json()
    assert problem["code"] == "invalid_body"
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/run_id", "required"),
        ("/steps/1/name", "max_length"),
        ("/steps/1/size", "invalid"),
        ("/steps/2/name", "null_characters_not_allowed"),
        ("/steps/2/size", "required"),
    ]
    assert problem["detail"].startswith("The body is not acceptable: /run_id: ")
    assert problem["detail"].endswith("And 4 more.")


def test_a_problem_of_the_whole_body_has_an_empty_pointer(client: Client) -> None:
    response = _post(client, json.dumps({"run_id": "whole", "steps": []}))
    assert response.json()["errors"] == [{"code": "unwanted", "detail": "Never this one.", "pointer": ""}]


def test_an_invalid_query_names_the_parameter(client: Client) -> None:
    problem = client.get("/api/bodies?name=x&size=0").json()
    assert problem["code"] == "invalid_query"
    assert [(e["parameter"], e["code"]) for e in problem["errors"]] == [("size", "min_value")]


def test_the_wrong_method_is_405_with_those_allowed(client: Client) -> None:
    response = client.delete("/api/bodies")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_body_of_another_type_is_415(client: Client) -> None:
    response = _post(client, "a=1", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(("kind", "status"), [("not-found", 404), ("refused", 422), ("defect", 500)])
def test_a_browser_gets_a_page_outside_the_api(client: Client, kind: str, status: int) -> None:
    response = client.get(f"/failing/{kind}", headers=BROWSER)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert b"secret internals" not in response.content
    api = client.get(f"/api/failing/{kind}", headers=BROWSER)
    assert (api.status_code, api.headers["Content-Type"]) == (status, "application/problem+json")


def test_the_page_says_what_happened(client: Client) -> None:
    assert b"Two reasons." in client.get("/failing/refused", headers=BROWSER).content
    assert b"There is no run &#x27;x&#x27;." in client.get("/failing/not-found", headers=BROWSER).content
    assert b"under the reference" in client.get("/failing/defect", headers=BROWSER).content


def test_htmx_gets_a_page(client: Client) -> None:
    response = client.get("/failing/refused", headers={"HX-Request": "true"})
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_person_who_opens_an_api_address_is_sent_to_sign_in(client: Client) -> None:
    response = client.get("/api/who?a=1", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/accounts/login/?next=/api/who%3Fa%3D1",
    )
    assert client.get("/api/who", headers={**BROWSER, "Authorization": "Bearer x"}).status_code == 401
    assert client.post("/api/builders", headers=BROWSER).status_code == 401


def test_a_csrf_failure_of_a_form_is_a_page(make_user: Callable[..., User]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ada", Role.OPERATOR))
    page = client.post("/operators", headers=BROWSER)
    assert (page.status_code, page.headers["Content-Type"][:9]) == (403, "text/html")
    assert client.post("/operators").json()["code"] == "csrf_failed"
