"""git that fails over one patch: a refusal, since the next try would end the same way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autopack.git.errors import GitCommandFailed
from runs_app.gitops.errors import PatchRefused
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.gitops.types import RefusalCode
from tests.support.governed import Run, added_file
from tests.support.repos import make_repo

MakeGit = Callable[[str], str]


@pytest.fixture
def make_git(tmp_path: Path) -> MakeGit:
    def make(behaviour: str) -> str:
        """A git that does this on `apply`, and is the real one otherwise."""
        script = tmp_path / "odd-git"
        script.write_text(f'#!/bin/sh\n[ "$1" = apply ] && {{ {behaviour}; }}\nexec git "$@"\n')
        script.chmod(0o755)
        return str(script)

    return make


def _apply(executable: str, folder: Path, *, timeout_seconds: float = 60.0) -> None:
    run_repo = make_repo(folder / "project")
    with LocalGitCliAdapter(executable=executable, timeout_seconds=timeout_seconds) as adapter:
        adapter.create_candidate(Run(adapter, run_repo).request(added_file("x")))


@pytest.mark.parametrize("signal_name", ["ABRT", "SEGV", "BUS"])
def test_a_crash_is_the_patchs_fault(make_git: MakeGit, tmp_path: Path, signal_name: str) -> None:
    with pytest.raises(PatchRefused) as caught:
        _apply(make_git(f"ulimit -c 0; kill -{signal_name} $$"), tmp_path)
    assert [refusal.code for refusal in caught.value.refusals] == [RefusalCode.PATCH_MALFORMED]


def test_a_kill_is_not(make_git: MakeGit, tmp_path: Path) -> None:
    with pytest.raises(GitCommandFailed):
        _apply(make_git("kill -KILL $$"), tmp_path)


def test_an_endless_apply_is_refused(make_git: MakeGit, tmp_path: Path) -> None:
    with pytest.raises(PatchRefused, match="longer than") as caught:
        _apply(make_git("exec sleep 600"), tmp_path, timeout_seconds=2.0)
    assert [refusal.code for refusal in caught.value.refusals] == [RefusalCode.PATCH_TOO_LARGE]
