"""Every adapter runs this folder's tests. A new one joins by a line in ADAPTERS."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest

from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.gitops.protocols import GitAdapter
from tests.support.governed import Run
from tests.support.repos import GitRepo, copy_of, make_repo

ADAPTERS: Final[dict[str, Callable[[], AbstractContextManager[GitAdapter]]]] = {
    "local": LocalGitCliAdapter,
}

FILES: Final[dict[str, bytes | str]] = {
    "README.md": "# A project\n\nIt does things.\n",
    "src/app.py": "".join(f"line {number}\n" for number in range(1, 41)),
    "src/lib/util.py": "def f():\n    return 1\n",
    "src/lib/empty.txt": "",
    "docs/crlf.txt": b"one\r\ntwo\r\nthree\r\n",
    "docs/no_newline.txt": "last line without end",
    "data/blob.bin": bytes(range(256)) * 4,
}


@pytest.fixture(scope="session", params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> Iterator[GitAdapter]:
    with ADAPTERS[request.param]() as built:
        yield built


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """A normal repository with `main` checked out, a dirty work tree, an untracked file and a stash."""
    return copy_of("dirty", tmp_path / "project", _make_dirty)


def _make_dirty(path: Path, _: str) -> GitRepo:
    made = make_repo(path, FILES)
    made.git("branch", "stable")
    made.write({"README.md": "# Stashed\n"})
    made.git("stash", "push", "--quiet")
    made.write({"README.md": "# Dirty\n", "untracked.txt": "mine\n"})
    made.git("add", "README.md")
    made.write({"src/app.py": "dirty and not staged\n"})
    return made


@pytest.fixture
def run(adapter: GitAdapter, repo: GitRepo) -> Run:
    """A started run on `repo`."""
    return Run(adapter, repo).start()
