"""Projects: configuration, and what is wrong with a repository."""

from django.test import Client

from tests.runs_app.views.conftest import CountQueries
from tests.support.factories import make_project, make_run


def test_an_unusable_repository_gives_the_reason(reader: Client) -> None:
    project = make_project(
        repository_status="unusable",
        repository_problem_code="not_a_repository",
        repository_problem_detail="Mount the repository itself.",
    )
    html = reader.get(f"/dashboard/projects/{project.project_id}/").content.decode()
    assert "Mount the repository itself." in html
    assert "not_a_repository" in html


def test_a_project_without_ci_says_what_that_means(reader: Client) -> None:
    project = make_project(ci_normal=[])
    html = reader.get(f"/dashboard/projects/{project.project_id}/").content.decode()
    assert "No CI configured" in html


def test_broken_steps_are_named(reader: Client) -> None:
    project = make_project(ci_normal=[{"name": "tests"}])
    assert "ci.normal[0]" in reader.get(f"/dashboard/projects/{project.project_id}/").content.decode()


def test_configuration_is_shown_in_words(reader: Client) -> None:
    project = make_project(
        ci_normal=[{"name": "tests", "run": ["pytest", "-k", "a b"], "timeout": "5m"}],
        path_policy={"allow_symlinks": True},
    )
    html = reader.get(f"/dashboard/projects/{project.project_id}/").content.decode()
    for text in ("pytest -k &#x27;a b&#x27;", "5m 00s", "Symlinks", "allowed", ".github"):
        assert text in html


def test_secrets_of_steps_are_not_shown(reader: Client) -> None:
    steps = [{"name": "deploy", "run": ["make"], "env": {"DEPLOY_TOKEN": "s3cr3t-value"}}]
    project = make_project(ci_normal=steps, ci_strict=steps)
    assert b"s3cr3t" not in reader.get(f"/dashboard/projects/{project.project_id}/").content


def test_the_list_counts_runs(reader: Client) -> None:
    project = make_project(project_id="shop")
    make_run.batch(3, project=project)
    html = reader.get("/dashboard/projects/").content.decode()
    assert '<a href="/dashboard/runs/?project=shop">3</a>' in html


def test_an_unknown_project_is_not_found(reader: Client) -> None:
    assert reader.get("/dashboard/projects/none/").status_code == 404


def test_queries_do_not_grow_with_projects_or_runs(reader: Client, count_queries: CountQueries) -> None:
    make_run.batch(3)
    few = count_queries(reader, "/dashboard/projects/")
    make_run.batch(30)
    assert count_queries(reader, "/dashboard/projects/") == few
