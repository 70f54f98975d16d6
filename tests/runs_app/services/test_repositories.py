"""What is found out about a project's repository, kept, and looked at again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from autopack.choices import RepositoryStatus
from autopack.models import Project
from runs_app.services.repositories import (
    LOOK_AGAIN_AFTER,
    check_all_repositories,
    check_due_repositories,
    check_repository,
    maintain_repositories,
)
from tests.support.repos import GitRepo, make_repo
from tests.support.workshop import Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return make_repo(tmp_path / "shop")


@pytest.fixture
def project(repo: GitRepo) -> Project:
    return Project.objects.create(project_id="shop", name="Shop", repo_path=str(repo.path))


def _move_away(repo: GitRepo) -> None:
    repo.path.rename(repo.path.with_name("elsewhere"))


def _lose_dot_git(repo: GitRepo) -> None:
    repo.git_dir.rename(repo.path / "git")


def _make_shallow(repo: GitRepo) -> None:
    (repo.git_dir / "shallow").write_text(f"{repo.head()}\n")


def _rename_branch(repo: GitRepo) -> None:
    repo.git("branch", "--move", "trunk")


@pytest.mark.parametrize(
    ("spoil", "code", "advice"),
    [
        (_move_away, "missing", "is it mounted?"),
        (_lose_dot_git, "not_a_repository", "no .git folder"),
        (_make_shallow, "shallow", "git fetch --unshallow"),
        (_rename_branch, "no_default_branch", "Correct default_branch."),
    ],
)
def test_what_is_wrong_is_kept_with_what_to_do(
    repo: GitRepo, project: Project, spoil: Callable[[GitRepo], None], code: str, advice: str
) -> None:
    spoil(repo)
    check_repository(project)
    project.refresh_from_db()
    assert project.repository_status == RepositoryStatus.UNUSABLE
    assert project.repository_problem_code == code
    assert advice in project.repository_problem_detail
    assert project.repository_checked_at is not None


def test_a_disk_that_cannot_be_read_is_a_finding_and_not_a_failure(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bool:
        raise OSError(116, "Stale file handle", str(path))

    monkeypatch.setattr(Path, "is_dir", fail)
    check_repository(project)
    assert project.repository_problem_code == "broken"
    assert "Stale file handle" in project.repository_problem_detail


def test_a_repair_clears_the_problem(repo: GitRepo, project: Project) -> None:
    _rename_branch(repo)
    check_repository(project)
    repo.git("branch", "--move", "main")
    check_repository(project)
    project.refresh_from_db()
    assert project.repository_status == RepositoryStatus.USABLE
    assert (project.repository_problem_code, project.repository_problem_detail) == ("", "")


def test_inactive_projects_are_left_alone(project: Project) -> None:
    Project.objects.update(is_active=False)
    assert check_all_repositories() == []
    assert check_due_repositories() == []


@pytest.mark.parametrize(
    ("status", "age", "is_due"),
    [
        (RepositoryStatus.UNKNOWN, None, True),
        (RepositoryStatus.UNUSABLE, timedelta(seconds=1), True),
        (RepositoryStatus.USABLE, timedelta(seconds=1), False),
        (RepositoryStatus.USABLE, LOOK_AGAIN_AFTER, True),
    ],
)
def test_those_that_may_have_changed_are_due(
    project: Project, status: RepositoryStatus, age: timedelta | None, is_due: bool
) -> None:
    checked_at = None if age is None else timezone.now() - age
    Project.objects.update(repository_status=status, repository_checked_at=checked_at)
    assert bool(check_due_repositories()) is is_due


def test_what_a_day_left_loose_is_packed_and_an_idle_repository_is_let_be(workshop: Workshop) -> None:
    assert maintain_repositories() == []
    workshop.start(phases=1)
    workshop.result("p1", workshop.patch_for({"notes.txt": "one\n"}))
    before = workshop.repo.objects()
    assert maintain_repositories() == [workshop.project]
    packs = list((workshop.repo.git_dir / "objects" / "pack").glob("*.pack"))
    assert packs
    assert workshop.repo.objects() == before
    Project.objects.update(repository_status=RepositoryStatus.UNUSABLE)
    assert maintain_repositories() == []
