"""What CI steps are kept from."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from autopack.models import Project
from runs_app.adapters import get_adapter
from runs_app.services.ci_execution import list_hidden_paths
from tests.support.repos import make_repo
from tests.support.workshop import Workshop


@pytest.fixture
def configured(settings: LazySettings, tmp_path: Path) -> Path:
    path = tmp_path / "autopack.yaml"
    path.write_text("projects: {}\n")
    settings.AUTOPACK_CONFIG = path
    return path


def test_files_secrets_and_repositories_are_hidden(
    workshop: Workshop, configured: Path, settings: LazySettings, tmp_path: Path
) -> None:
    other = make_repo(tmp_path / "other")
    other.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    Project.objects.create(project_id="other", name="Other", repo_path=str(tmp_path / "linked"))
    hidden = set(list_hidden_paths(get_adapter()))
    assert {
        settings.AUTOPACK_HOME,
        configured,
        workshop.repo.path,
        tmp_path / "linked",
        other.git_dir,
    } <= hidden


def test_a_step_cannot_read_the_configuration(tested_workshop: Workshop, configured: Path) -> None:
    workshop = tested_workshop
    workshop.configure(ci_normal=[{"name": "look", "shell": f"test ! -s {configured}"}])
    workshop.start(phases=1)
    workshop.result("p1", "")
    workshop.run_ci()
    run = workshop.run()
    assert run.isolation != "none", run.isolation_reason
    assert run.state == "DONE_SUCCESS"
