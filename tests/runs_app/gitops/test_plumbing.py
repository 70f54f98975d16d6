"""Long-lived children and temporary folders: bounded, replaced when they die, cleared away when abandoned."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autopack.git.errors import GitTimedOut
from autopack.git.runner import GitRunner, Workplace
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.gitops.plumbing import ChildPool, ObjectReader
from runs_app.gitops.scratch import ScratchFolder, sweep_scratch
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo, make_repo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return make_repo(tmp_path / "project", {"a.txt": "a\n"})


@pytest.fixture
def place(repo: GitRepo) -> Workplace:
    return Workplace(git_dir=repo.git_dir, cwd=repo.path)


@pytest.fixture
def stuck_git(tmp_path: Path) -> Path:
    """A git that reads nothing, says nothing and does not end."""
    script = tmp_path / "stuck-git"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    return script


def _children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def children_before() -> int:
    return len(_children())


def test_a_reader_whose_git_hangs_is_ended(place: Workplace, stuck_git: Path, children_before: int) -> None:
    reader = ObjectReader(GitRunner(executable=str(stuck_git), timeout_seconds=0.2), place)
    with pytest.raises(GitTimedOut):
        reader.read(["1" * 40])
    reader.close()
    assert len(_children()) == children_before


def test_dead_children_are_replaced(repo: GitRepo) -> None:
    with LocalGitCliAdapter() as adapter:
        run = Run(adapter, repo).start()
        tip = run.base
        for number in range(3):
            request = run.request(added_file(f"{number}.txt"), parent=tip, phase_id=f"p{number}")
            tip = adapter.apply_patch(request).commit
            for child in _children():
                child.send_signal(signal.SIGKILL)
        assert run.tip() == tip


def test_closing_ends_every_child_and_folder(repo: GitRepo, children_before: int, tmp_path: Path) -> None:
    script = (
        "import sys, tempfile\nfrom pathlib import Path\n"
        "from runs_app.gitops.local import LocalGitCliAdapter\n"
        "from tests.support.governed import Run, added_file\nfrom tests.support.repos import GitRepo\n"
        "adapter = LocalGitCliAdapter()\nrun = Run(adapter, GitRepo(Path(sys.argv[1]))).start()\n"
        "adapter.apply_patch(run.request(added_file('x')))\n"
        "assert list(Path(tempfile.gettempdir()).iterdir())\n"
    )
    root = Path(__file__).parents[3]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", script, str(repo.path)], check=True, cwd=root, env=environment)
    assert list(temporary.iterdir()) == []


def test_idle_children_are_bounded_and_end_after_a_while(place: Workplace, children_before: int) -> None:
    pool: ChildPool[ObjectReader] = ChildPool(max_idle=2, max_idle_seconds=0.0)
    runner = GitRunner()
    for key in range(5):
        pool.use(key, lambda: ObjectReader(runner, place), lambda reader: reader.read(["1" * 40]))
    assert len(_children()) <= children_before + 2
    pool.use("other", lambda: ObjectReader(runner, place), lambda reader: reader.read(["1" * 40]))
    assert len(_children()) == children_before + 1
    pool.close()
    assert len(_children()) == children_before


def test_a_forked_process_leaves_its_parents_children_alone(repo: GitRepo) -> None:
    with LocalGitCliAdapter() as adapter:
        run = Run(adapter, repo).start()
        first = adapter.apply_patch(run.request(added_file("1.txt")))
        pid = os.fork()
        if pid == 0:
            try:
                ok = adapter.read_file(repo.path, first.commit, "1.txt", max_bytes=10) == b"new\n"
            finally:
                os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert adapter.read_file(repo.path, first.commit, "1.txt", max_bytes=10) == b"new\n"


def test_only_folders_without_an_owner_are_swept(tmp_path: Path) -> None:
    old = time.time() - 3600
    with ScratchFolder(tmp_path, "scratch-") as owned:
        abandoned = tmp_path / "scratch-abandoned"
        abandoned.mkdir()
        (abandoned / "owner.lock").touch()
        other = tmp_path / "other"
        other.mkdir()
        fresh = tmp_path / "scratch-fresh"
        fresh.mkdir()
        for folder in (owned.path, abandoned, other):
            os.utime(folder, (old, old))
        assert sweep_scratch(tmp_path, "scratch-") == 1
        assert not abandoned.exists()
        assert owned.path.exists()
        assert other.exists()
        assert fresh.exists()
    assert not owned.path.exists()


def test_temporary_folders_may_vanish(repo: GitRepo) -> None:
    with LocalGitCliAdapter() as adapter:
        run = Run(adapter, repo).start()
        first = adapter.apply_patch(run.request(added_file("1.txt")))
        adapter._engine.skeletons._scratch.remove()  # type: ignore[union-attr]  # as a cleaner of /tmp would
        second = adapter.apply_patch(run.request(added_file("2.txt"), parent=first.commit, phase_id="p2"))
        assert run.tip() == second.commit
        assert adapter.check_merge(repo.path, first.commit, second.commit).is_clean
