"""A workshop per test: a repository, a project without CI, and real keys. And time that a test can move."""

from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.models import Project
from tests.support.clock import Clock
from tests.support.repos import make_repo
from tests.support.workshop import Workshop, python_step

FILES = {"README.md": "# Shop\n", "shop/cart.py": "def total(prices):\n    return sum(prices)\n"}


@pytest.fixture
def workshop(transactional_db: None, tmp_path: Path) -> Workshop:
    """A project whose runs need no CI. The queue is empty: its tables are not flushed with the others."""
    ProcrastinateJob.objects.all().delete()
    repo = make_repo(tmp_path / "shop", FILES)
    project = Project.objects.create(
        project_id="shop", name="Shop", repo_path=str(repo.path), ci_kind="none", repository_status="usable"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Workshop(repo, project, scratch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def tested_workshop(workshop: Workshop) -> Workshop:
    """The same with CI: green while there is no file named RED."""
    step = python_step("import os, sys; print('looking'); sys.exit(os.path.exists('RED'))")
    workshop.configure(ci_kind="local", ci_normal=[step])
    return workshop
