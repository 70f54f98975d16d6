"""Projects from autopack.yaml and from elsewhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from autopack.actors import Actor
from autopack.choices import ProjectSource, RepositoryStatus
from autopack.errors import ConfigurationError, Refused
from autopack.models import Project
from autopack.project_rules import ProjectDefinition
from autopack.services.projects import SyncSummary, record_repository_status, save_project, sync_projects

pytestmark = pytest.mark.django_db

MakeProject = Callable[..., Project]
TWO = "projects:\n  shop: {repo_path: /srv/shop}\n  bank: {repo_path: /srv/bank, name: Bank}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "autopack.yaml"
    path.write_text(TWO)
    return path


def _rows() -> list[tuple[object, ...]]:
    return list(Project.objects.order_by("pk").values_list())


def test_any_problem_leaves_everything_as_it_was(config: Path, actor: Actor) -> None:
    sync_projects(config, actor=actor)
    before = _rows()
    config.write_text("projects:\n  new: {repo_path: /x}\n  shop: {repo_path: 1}\n  bank: {repo_pth: x}\n")
    with pytest.raises(ConfigurationError) as caught:
        sync_projects(config, actor=actor)
    assert caught.value.problem_code == "invalid_configuration"
    assert "3 problems" in caught.value.detail
    assert [(e["file"], e["line"], e["path"]) for e in caught.value.errors] == [
        ("autopack.yaml", 3, "projects.shop.repo_path"),
        ("autopack.yaml", 4, "projects.bank.repo_path"),
        ("autopack.yaml", 4, "projects.bank.repo_pth"),
    ]
    assert _rows() == before


@pytest.mark.parametrize("source", [ProjectSource.ADMIN, ProjectSource.REPLAY])
def test_a_project_of_somebody_else_with_the_same_id_is_a_problem_with_its_place(
    config: Path, actor: Actor, make_project: MakeProject, source: ProjectSource
) -> None:
    make_project("bank", source=source.value)
    with pytest.raises(ConfigurationError) as caught:
        sync_projects(config, actor=actor)
    (problem,) = caught.value.errors
    assert (problem["line"], problem["column"], problem["path"]) == (3, 3, "projects.bank")
    assert "choose another id" in problem["detail"]
    assert [row.project_id for row in Project.objects.all()] == ["bank"]


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path, actor: Actor) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sync_projects(tmp_path, actor=actor)
    assert "cannot be read" in caught.value.errors[0]["detail"]


def test_without_a_file_nothing_changes(config: Path, actor: Actor) -> None:
    sync_projects(config, actor=actor)
    before = _rows()
    config.unlink()
    assert sync_projects(config, actor=actor) == SyncSummary(is_file_found=False)
    assert _rows() == before


def test_a_check_says_what_would_happen_and_changes_nothing(config: Path, actor: Actor) -> None:
    assert sync_projects(config, actor=actor, is_check=True) == SyncSummary(created=("shop", "bank"))
    assert _rows() == []


def test_projects_are_created_once_and_left_alone_after_that(config: Path, actor: Actor) -> None:
    assert sync_projects(config, actor=actor) == SyncSummary(created=("shop", "bank"))
    bank = Project.objects.get(project_id="bank")
    assert (bank.name, bank.repo_path, bank.source, bank.is_active) == ("Bank", "/srv/bank", "file", True)
    before = _rows()
    assert sync_projects(config, actor=actor) == SyncSummary(unchanged=("shop", "bank"))
    assert _rows() == before


def test_a_change_in_the_file_arrives(config: Path, actor: Actor) -> None:
    sync_projects(config, actor=actor)
    before = Project.objects.get(project_id="bank")
    config.write_text(TWO.replace("name: Bank", "ci: {normal: [{name: t, run: [make], timeout: 1m}]}"))
    assert sync_projects(config, actor=actor) == SyncSummary(updated=("bank",), unchanged=("shop",))
    bank = Project.objects.get(project_id="bank")
    assert bank.ci_normal == [{"name": "t", "run": ["make"], "timeout": 60}]
    assert bank.ci_kind == "local"
    assert bank.name == "bank"
    assert bank.updated_at > before.updated_at
    assert bank.created_at == before.created_at


def test_a_project_that_vanished_is_deactivated_and_comes_back(config: Path, actor: Actor) -> None:
    sync_projects(config, actor=actor)
    config.write_text("projects:\n  shop: {repo_path: /srv/shop}\n")
    assert sync_projects(config, actor=actor) == SyncSummary(unchanged=("shop",), deactivated=("bank",))
    assert not Project.objects.get(project_id="bank").is_active
    assert sync_projects(config, actor=actor) == SyncSummary(unchanged=("shop",))
    config.write_text(TWO)
    assert sync_projects(config, actor=actor) == SyncSummary(updated=("bank",), unchanged=("shop",))
    assert Project.objects.get(project_id="bank").is_active


def test_projects_of_others_are_left_alone(config: Path, actor: Actor, make_project: MakeProject) -> None:
    make_project("mine", source="admin")
    make_project("played", source="replay")
    config.write_text("projects: {}\n")
    assert sync_projects(config, actor=actor) == SyncSummary()
    assert set(Project.objects.active().values_list("project_id", flat=True)) == {"mine", "played"}


def test_another_repository_has_to_be_looked_at_again(config: Path, actor: Actor) -> None:
    sync_projects(config, actor=actor)
    shop = Project.objects.get(project_id="shop")
    record_repository_status(shop, RepositoryStatus.UNUSABLE, code="shallow", detail="Fetch it whole.")
    shop.refresh_from_db()
    assert (shop.repository_status, shop.repository_problem_code) == ("unusable", "shallow")
    assert shop.repository_checked_at is not None
    sync_projects(config, actor=actor)
    assert Project.objects.get(project_id="shop").repository_status == "unusable"
    config.write_text(TWO.replace("/srv/shop", "/srv/moved"))
    sync_projects(config, actor=actor)
    shop.refresh_from_db()
    assert (shop.repository_status, shop.repository_problem_code) == ("unknown", "")
    assert shop.repository_checked_at is None


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_do_not_trip_over_each_other(config: Path, actor: Actor) -> None:
    def sync(_: int) -> SyncSummary:
        try:
            return sync_projects(config, actor=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        summaries = list(pool.map(sync, range(4)))
    assert sorted(len(summary.created) for summary in summaries) == [0, 0, 0, 2]


def test_saving_over_a_project_of_another_source_is_refused(make_project: MakeProject, actor: Actor) -> None:
    make_project("shop", source="file")
    with pytest.raises(Refused) as caught:
        save_project(
            ProjectDefinition("shop", "Shop", "/elsewhere"), source=ProjectSource.REPLAY, actor=actor
        )
    assert caught.value.problem_code == "project_exists"
    assert Project.objects.get().repo_path == "/srv/shop"


def test_saving_creates_and_then_updates(actor: Actor) -> None:
    definition = ProjectDefinition("flask", "Flask", "/srv/flask")
    created = save_project(definition, source=ProjectSource.REPLAY, actor=actor)
    moved = ProjectDefinition("flask", "Flask", "/srv/mirror")
    updated = save_project(moved, source=ProjectSource.REPLAY, actor=actor, is_active=False)
    assert created.pk == updated.pk
    row = Project.objects.get()
    assert (row.repo_path, row.is_active, row.source) == ("/srv/mirror", False, "replay")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"project_id": "-x"}, "project_id_pattern"),
        ({"project_id": "a\n"}, "project_id_pattern"),
        ({"safety_profile": "bold"}, "project_safety_profile_known"),
        ({"default_run_scope": "all"}, "project_default_run_scope_known"),
        ({"ci_kind": "jenkins"}, "project_ci_kind_known"),
        ({"source": "mars"}, "project_source_known"),
        ({"repository_status": "odd"}, "project_repository_status_known"),
    ],
)
def test_the_database_knows_which_values_there_are(
    make_project: MakeProject, changes: dict[str, str], constraint: str
) -> None:
    project = make_project("shop")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(**changes)
