"""Who gets in, and where a page goes whose session has ended."""

import pytest
from django.test import Client

from tests.runs_app.views.conftest import SignIn
from tests.support.factories import make_project, make_run

PATHS = ["/dashboard/", "/dashboard/runs/", "/dashboard/runs/r1/", "/dashboard/projects/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_strangers_are_sent_to_the_sign_in_page(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.django_db
def test_a_poll_after_the_session_ended_takes_the_whole_page_to_the_sign_in(client: Client) -> None:
    response = client.get("/dashboard/", HTTP_HX_REQUEST="true")
    assert response.headers["HX-Redirect"] == "/accounts/login/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_somebody_without_any_role_is_refused(sign_in: SignIn, path: str) -> None:
    assert sign_in().get(path, HTTP_ACCEPT="text/html").status_code == 403


def test_what_does_not_exist_is_a_page_that_says_so(reader: Client) -> None:
    response = reader.get("/dashboard/runs/none/", HTTP_ACCEPT="text/html")
    assert response.status_code == 404
    assert b"Back to the overview" in response.content


@pytest.mark.parametrize("action", ["cancel", "promote"])
def test_a_reader_cannot_act_on_a_run(reader: Client, action: str) -> None:
    run = make_run()
    assert reader.post(f"/dashboard/runs/{run.run_id}/{action}/").status_code == 403
    run.refresh_from_db()
    assert run.is_live


def test_a_reader_cannot_check_a_repository(reader: Client) -> None:
    project = make_project()
    assert reader.post(f"/dashboard/projects/{project.project_id}/check/").status_code == 403


def test_the_sign_in_page_keeps_where_one_wanted_to_go(client: Client) -> None:
    response = client.get("/accounts/login/?next=/dashboard/runs/")
    assert b'name="next" value="/dashboard/runs/"' in response.content
