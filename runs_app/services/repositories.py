"""Can governed apply use a project's repository? Asked at start, by the sweeper and on the project page."""

from pathlib import Path

from autopack.choices import RepositoryStatus
from autopack.models import Project
from autopack.services.projects import record_repository_status
from runs_app.adapters import get_adapter
from runs_app.gitops.errors import GitError, RepositoryUnusable, UnknownRevision


def check_repository(project: Project) -> Project:
    """Look at the repository and store what was found, with what to do about it."""
    status, code, detail = _look(project)
    return record_repository_status(project, status=status, code=code, detail=detail)


def check_all_repositories() -> list[Project]:
    return [check_repository(project) for project in Project.objects.active()]


def _look(project: Project) -> tuple[RepositoryStatus, str, str]:
    repo = Path(project.repo_path)
    try:
        get_adapter().inspect_repository(repo)
        get_adapter().resolve_commit(repo, f"refs/heads/{project.default_branch}")
    except RepositoryUnusable as error:
        return RepositoryStatus.UNUSABLE, error.reason_code, error.reason
    except UnknownRevision:
        detail = f"There is no branch {project.default_branch!r} in {repo}. Correct default_branch."
        return RepositoryStatus.UNUSABLE, "no_default_branch", detail
    except GitError as error:
        return RepositoryStatus.UNUSABLE, error.code, str(error)
    return RepositoryStatus.USABLE, "", ""
