"""`manage.py sync_projects`."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from autopack.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def config(tmp_path: Path, settings: Settings) -> Path:
    settings.AUTOPACK_CONFIG = tmp_path / "autopack.yaml"
    return tmp_path / "autopack.yaml"


def test_every_problem_is_a_line_on_stderr_and_the_exit_code_is_1(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("projects:\n  fine: {repo_path: x}\n  a: {}\n  b: {repo_path: x, nmae: y}\n")
    with pytest.raises(SystemExit) as caught:
        call_command("sync_projects")
    assert caught.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "autopack.yaml:3:3: projects.a.repo_path: is missing: the path of the git repository",
        "autopack.yaml:4:21: projects.b.nmae: is not known here; did you mean name?",
    ]
    assert not Project.objects.exists()


def test_no_file_is_fine_and_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sync_projects")
    assert capsys.readouterr().out == f"No {config}: projects are managed in the admin.\n"


def test_a_check_changes_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("projects:\n  shop: {repo_path: x}\n")
    call_command("sync_projects", "--check")
    assert "(check only): 1 created (shop)" in capsys.readouterr().out
    assert not Project.objects.exists()


def test_what_happened_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("projects:\n  shop: {repo_path: x}\n  bank: {repo_path: y}\n")
    call_command("sync_projects")
    config.write_text("projects:\n  shop: {repo_path: x}\n  new: {repo_path: y}\n")
    capsys.readouterr()
    call_command("sync_projects")
    assert capsys.readouterr().out == (
        "autopack.yaml: 1 created (new), 0 updated, 1 unchanged, 1 deactivated (bank)\n"
    )
