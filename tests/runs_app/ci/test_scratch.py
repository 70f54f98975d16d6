"""Scratch folders go away, also those that steps made hard to remove and those of killed workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runs_app.ci.errors import CannotStart
from runs_app.ci.scratch import remove_tree, scratch_folder, sweep_scratch

SOURCE_ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from runs_app.ci.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_missing_parent_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="no scratch folder"), scratch_folder(tmp_path / "missing"):
        pass


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    remove_tree(tmp_path / "tree")
    remove_tree(tmp_path / "link")
    assert not (tmp_path / "tree").exists()
    assert (outside / "file").exists()


def test_folders_without_permissions_are_removed(tmp_path: Path) -> None:
    inner = tmp_path / "tree" / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    for folder in (inner, inner.parent, inner.parent.parent):
        folder.chmod(0)
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_what_is_in_use_or_not_ours_is_not_swept(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "step-being-made").mkdir()
    with scratch_folder(tmp_path) as scratch:
        os.utime(scratch.root, (0, 0))
        assert sweep_scratch(tmp_path) == 0
        assert scratch.home.is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"other", "step-being-made"}
    assert sweep_scratch(tmp_path / "missing") == 0


def test_a_folder_that_was_never_finished_is_swept(tmp_path: Path) -> None:
    (tmp_path / "step-old").mkdir()
    os.utime(tmp_path / "step-old", (0, 0))
    assert sweep_scratch(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.faults
def test_what_a_killed_worker_left_is_swept(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=SOURCE_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        (folder,) = tmp_path.iterdir()
        os.utime(folder, (0, 0))
        assert sweep_scratch(tmp_path) == 0
        worker.kill()
    assert sweep_scratch(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
