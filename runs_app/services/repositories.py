"""Can governed apply use a project's repository? Asked at start, by the sweeper and on the project page."""

import logging
from datetime import timedelta
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from autopack.choices import RepositoryStatus
from autopack.git.errors import GitError
from autopack.models import Project
from autopack.services.projects import record_repository_status
from runs_app.adapters import get_adapter
from runs_app.gitops.errors import RepositoryUnusable, UnknownRevision

logger = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(minutes=5)
"""For repositories that could be used; the others are looked at whenever somebody asks what is due."""

MAINTAIN_EVERY = timedelta(days=1)


def check_repository(project: Project) -> Project:
    """Look at the repository and store what was found, with what to do about it."""
    before = project.repository_status
    status, code, detail = _look(project)
    if before not in {RepositoryStatus.UNKNOWN, status}:
        level = logging.WARNING if status is RepositoryStatus.UNUSABLE else logging.INFO
        logger.log(level, "repository of %s is %s%s", project, status, f" ({code}): {detail}" if code else "")
    return record_repository_status(project, status=status, code=code, detail=detail)


def check_all_repositories() -> list[Project]:
    return [check_repository(project) for project in Project.objects.active()]


def check_due_repositories() -> list[Project]:
    """Those not looked at for a while, and those that could not be used, so that a repair is soon seen."""
    due = Q(repository_checked_at__isnull=True) | Q(
        repository_checked_at__lte=timezone.now() - LOOK_AGAIN_AFTER
    )
    usable = Q(repository_status=RepositoryStatus.USABLE)
    return [check_repository(project) for project in Project.objects.active().filter(due | ~usable)]


def maintain_repositories() -> list[Project]:
    """Pack what a day's applies left loose, where there were any. Nothing is pruned."""
    since = timezone.now() - MAINTAIN_EVERY
    used = Project.objects.active().filter(
        repository_status=RepositoryStatus.USABLE, runs__phases__attempts__submitted_at__gte=since
    )
    return [project for project in used.distinct() if _maintain(project)]


def _maintain(project: Project) -> bool:
    try:
        get_adapter().maintain(Path(project.repo_path))
    except (GitError, OSError) as error:
        logger.warning("repository of %s could not be packed: %s", project, error)
        return False
    return True


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
    except OSError as error:
        # A network share that went away, a disk that cannot be read.
        detail = f"{error.filename or repo} cannot be read: {error.strerror}. Is the right folder mounted?"
        return RepositoryStatus.UNUSABLE, "broken", detail
    return RepositoryStatus.USABLE, "", ""
