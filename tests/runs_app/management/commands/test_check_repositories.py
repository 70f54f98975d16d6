"""`manage.py check_repositories`, which also speaks at start and after a sync."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from autopack.choices import RepositoryStatus
from autopack.models import Project
from tests.support.repos import make_repo

pytestmark = pytest.mark.django_db


@pytest.fixture
def _one_is_gone(tmp_path: Path) -> None:
    good = make_repo(tmp_path / "shop").path
    Project.objects.create(project_id="shop", name="Shop", repo_path=str(good))
    Project.objects.create(project_id="bank", name="Bank", repo_path="/nowhere")


@pytest.mark.usefixtures("_one_is_gone")
def test_what_cannot_be_used_is_a_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_repositories")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "Project bank: the repository cannot be used (missing): "
        "/nowhere does not exist or is no folder: is it mounted?\n"
    )
    assert Project.objects.get(project_id="shop").repository_status == RepositoryStatus.USABLE


@pytest.mark.usefixtures("_one_is_gone")
def test_a_script_can_ask_for_a_status() -> None:
    with pytest.raises(SystemExit) as caught:
        call_command("check_repositories", "--exit-code")
    assert caught.value.code == 1


def test_without_problems_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_repositories", "--exit-code")
    assert capsys.readouterr() == ("", "")


def test_a_sync_looks_and_a_check_of_the_file_does_not(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.AUTOPACK_CONFIG = tmp_path / "autopack.yaml"
    settings.AUTOPACK_CONFIG.write_text("projects:\n  shop: {repo_path: gone}\n")
    call_command("sync_projects", "--check")
    assert capsys.readouterr().err == ""
    call_command("sync_projects")
    assert "Project shop: the repository cannot be used (missing)" in capsys.readouterr().err
