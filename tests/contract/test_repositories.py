"""Which repositories governed apply takes, which it refuses and why, and how it gets over broken remains."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autopack.git.errors import GitError
from runs_app.gitops.errors import ReferenceLocked, RepositoryUnusable
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PromotionMode
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo, make_repo

OTHER_UID = 12345
THIRD_UID = 23456


def _missing(path: Path) -> None:
    """Leaves nothing."""


def _plain_folder(path: Path) -> None:
    path.mkdir()


def _file(path: Path) -> None:
    path.write_text("x")


def _inside_a_repository(path: Path) -> None:
    make_repo(path.parent / "outer")
    shutil.move(path.parent / "outer", path.parent / "kept")
    inner = path.parent / "kept" / "inner"
    inner.mkdir()
    path.symlink_to(inner)


def _source(path: Path) -> GitRepo:
    source = make_repo(path.parent / "source")
    source.commit("Second", {"b.txt": "b\n"})
    source.git("config", "uploadpack.allowFilter", "true")
    return source


def _shallow(path: Path) -> None:
    source = _source(path)
    source.git("clone", "--quiet", "--depth=1", f"file://{source.path}", str(path))


def _partial(path: Path) -> None:
    source = _source(path)
    source.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{source.path}", str(path))


def _no_head(path: Path) -> None:
    (make_repo(path).git_dir / "HEAD").unlink()


def _garbage_head(path: Path) -> None:
    (make_repo(path).git_dir / "HEAD").write_text("nonsense\n")


def _lost_objects(path: Path) -> None:
    repo = make_repo(path)
    for folder in (repo.git_dir / "objects").glob("??"):
        shutil.rmtree(folder)


def _lost_tree(path: Path) -> None:
    repo = make_repo(path)
    tree = repo.tree()
    (repo.git_dir / "objects" / tree[:2] / tree[2:]).unlink()


def _lost_alternate(path: Path) -> None:
    source = _source(path)
    source.git("clone", "--quiet", "--shared", str(source.path), str(path))
    shutil.rmtree(source.path)


def _dangling_git_file(path: Path) -> None:
    path.mkdir()
    (path / ".git").write_text("gitdir: /nowhere/at/all\n")


def _future_format(path: Path) -> None:
    repo = make_repo(path)
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.tomorrow", "true")


@pytest.mark.parametrize(
    ("make", "reason_code"),
    [
        (_missing, "missing"),
        (_file, "missing"),
        (_plain_folder, "not_a_repository"),
        (_inside_a_repository, "not_a_repository"),
        (_shallow, "shallow"),
        (_partial, "partial"),
        (_no_head, "broken"),
        (_garbage_head, "broken"),
        (_lost_objects, "broken"),
        (_lost_tree, "broken"),
        (_lost_alternate, "broken"),
        (_dangling_git_file, "broken"),
        (_future_format, "unsupported_format"),
    ],
)
def test_unusable_repositories_are_refused_with_the_reason(
    adapter: GitAdapter, tmp_path: Path, make: Callable[[Path], None], reason_code: str
) -> None:
    path = tmp_path / "repo"
    make(path)
    with pytest.raises(RepositoryUnusable) as caught:
        adapter.inspect_repository(path)
    assert caught.value.reason_code == reason_code
    assert caught.value.reason


def test_a_repository_that_becomes_shallow_is_refused_from_then_on(adapter: GitAdapter, run: Run) -> None:
    adapter.create_candidate(run.request(added_file("x.txt")))
    (run.repo.git_dir / "shallow").write_text(f"{run.base}\n")
    with pytest.raises(RepositoryUnusable):
        adapter.create_candidate(run.request(added_file("x.txt"), attempt=2))


def test_another_repository_in_the_same_place_is_another_one(adapter: GitAdapter, tmp_path: Path) -> None:
    path = tmp_path / "repo"
    for text in ("first\n", "second\n"):
        repo = make_repo(path, {"a.txt": text})
        run = Run(adapter, repo).start()
        adapter.apply_patch(run.request(added_file("x.txt")))
        assert adapter.read_file(path, run.base, "a.txt", max_bytes=10) == text.encode()
        shutil.rmtree(path)


def test_a_usable_repository_is_described(adapter: GitAdapter, repo: GitRepo, tmp_path: Path) -> None:
    report = adapter.inspect_repository(repo.path)
    assert (report.repo, report.git_dir) == (repo.path, repo.git_dir)
    assert (report.is_bare, report.object_format, report.head_branch) == (False, "sha1", "main")
    bare = make_repo(tmp_path / "bare", is_bare=True, branch="trunk")
    report = adapter.inspect_repository(bare.path)
    assert (report.is_bare, report.git_dir, report.head_branch) == (True, bare.path, "trunk")
    repo.git("checkout", "--quiet", "--force", "--detach")
    assert adapter.inspect_repository(repo.path).head_branch == ""


def test_an_empty_repository_is_described(adapter: GitAdapter, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(tmp_path / "empty")], check=True)
    assert adapter.inspect_repository(tmp_path / "empty").head_branch == "main"


def test_borrowed_objects_are_found(adapter: GitAdapter, tmp_path: Path) -> None:
    source = make_repo(tmp_path / "source", {"a/b.txt": "b\n"})
    source.git("clone", "--quiet", "--shared", str(source.path), str(tmp_path / "repo"))
    repo = GitRepo(tmp_path / "repo")
    before = source.objects()
    run = Run(adapter, repo).start()
    commit = adapter.apply_patch(run.request(added_file("a/c.txt"))).commit
    assert set(repo.listing(commit)) == {"a/b.txt", "a/c.txt"}
    assert source.objects() == before


def test_paths_with_odd_characters_work(adapter: GitAdapter, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / 'a:b "c" ä\\d', {"a.txt": "a\n"})
    run = Run(adapter, repo).start()
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    assert adapter.check_merge(repo.path, run.base, commit).is_clean


@pytest.fixture
def foreign_repo() -> Iterator[GitRepo]:
    """A repository that belongs to another user, and that everyone may write to."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    root = Path(tempfile.mkdtemp(prefix="foreign-"))
    root.chmod(0o755)
    repo = make_repo(root / "repo", {"a/b.txt": "b\n"})
    repo.git("config", "core.sharedRepository", "0666")
    for path in (repo.path, *repo.path.rglob("*")):
        path.chmod(path.stat().st_mode | (0o777 if path.is_dir() else 0o666))
        os.chown(path, OTHER_UID, OTHER_UID)
    yield repo
    shutil.rmtree(root)


def _as_other_user() -> list[str]:
    """Beginning of a command line that runs as a third user, neither root nor the owner."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs setpriv")
    return [setpriv, f"--reuid={THIRD_UID}", f"--regid={THIRD_UID}", "--clear-groups"]


AS_USER = """
import sys
from pathlib import Path
from tests.contract.conftest import ADAPTERS
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo
with ADAPTERS[sys.argv[1]]() as adapter:
    path = Path(sys.argv[2])
    base = adapter.resolve_commit(path, "main")
    adapter.inspect_repository(path)
    run = object.__new__(Run)
    run.adapter, run.repo, run.run_id, run.base = adapter, GitRepo(path), "r1", base
    commit = adapter.apply_patch(run.start().request(added_file("a/c.txt"))).commit
    adapter.record_snapshot(run.snapshot_request(commit, expected=commit))
    adapter.get_integration_status(path, "r1", base=base, target_branch="main")
    adapter.maintain(path)
    print(commit)
"""


def test_a_repository_of_another_user_works(
    adapter: GitAdapter, foreign_repo: GitRepo, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(AssertionError, match="dubious ownership"):
        foreign_repo.git("status")
    name = request.node.callspec.params["adapter"]
    root = Path(__file__).parents[2]
    outcome = subprocess.run(
        [*_as_other_user(), sys.executable, "-c", AS_USER, name, str(foreign_repo.path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert outcome.returncode == 0, outcome.stderr
    run = object.__new__(Run)
    run.adapter, run.repo, run.run_id = adapter, foreign_repo, "r1"
    assert run.tip() == outcome.stdout.strip()
    added = [
        path for path in (foreign_repo.git_dir / "objects").glob("??") if path.stat().st_uid == THIRD_UID
    ]
    assert added
    assert all(path.stat().st_mode & 0o777 == 0o777 for path in added)


def test_a_repository_that_cannot_be_written_is_refused(foreign_repo: GitRepo, adapter: GitAdapter) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom runs_app.gitops.errors import RepositoryUnusable\n"
        "from tests.contract.conftest import ADAPTERS\nwith ADAPTERS['local']() as adapter:\n"
        "    try:\n        adapter.inspect_repository(Path(sys.argv[1]))\n"
        "    except RepositoryUnusable as error:\n        print(error.reason_code)\n"
    )
    root = Path(__file__).parents[2]
    for mode, expected in ((0o755, "not_writable"), (0o700, "not_owned")):
        for path in (foreign_repo.git_dir, *foreign_repo.git_dir.rglob("*")):
            if path.is_dir():
                path.chmod(mode)
        outcome = subprocess.run(
            [*_as_other_user(), sys.executable, "-c", script, str(foreign_repo.path)],
            capture_output=True,
            text=True,
            check=False,
            cwd=root,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert outcome.stdout.strip() == expected, outcome.stderr


def test_a_fresh_lock_is_a_passing_error_that_says_what_to_do(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    lock = repo.git_dir / f"refs/heads/{run.branch}.lock"
    lock.touch()
    with pytest.raises(ReferenceLocked) as caught:
        adapter.apply_patch(run.request(added_file("x.txt")))
    assert str(lock) in str(caught.value)
    assert caught.value.is_transient
    assert run.tip() == run.base
    lock.unlink()
    assert adapter.apply_patch(run.request(added_file("x.txt"))).commit == run.tip()


def test_the_lock_of_a_dead_process_on_our_own_branch_is_removed(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    lock = repo.git_dir / f"refs/heads/{run.branch}.lock"
    lock.touch()
    os.utime(lock, (time.time() - 3600, time.time() - 3600))
    assert adapter.apply_patch(run.request(added_file("x.txt"))).commit == run.tip()


def test_the_lock_of_a_users_branch_is_left_alone(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    lock = repo.git_dir / "refs/heads/stable.lock"
    lock.touch()
    os.utime(lock, (time.time() - 3600, time.time() - 3600))
    with pytest.raises(ReferenceLocked):
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD))
    assert lock.exists()


def test_maintenance_clears_away_what_killed_writers_left(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    objects = repo.git_dir / "objects"
    old, fresh = objects / "tmp_obj_old", objects / "tmp_obj_fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000, time.time() - 100_000))
    adapter.maintain(repo.path)
    assert not old.exists()
    assert fresh.exists()


def test_maintenance_packs_loose_objects_and_loses_nothing(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    tip = run.base
    for number in range(10):
        request = run.request(added_file(f"{number}.txt"), parent=tip, phase_id=f"p{number}")
        tip = adapter.apply_patch(request).commit
    objects = repo.objects()
    adapter.maintain(repo.path)
    adapter.maintain(repo.path)
    assert repo.objects() == objects
    assert not list((repo.git_dir / "objects").glob("[0-9a-f][0-9a-f]/*"))
    following = adapter.apply_patch(run.request(added_file("after.txt"), parent=tip, phase_id="after"))
    assert run.tip() == following.commit
    repo.fsck()


def test_a_repository_that_vanishes_is_an_error_and_no_crash(adapter: GitAdapter, run: Run) -> None:
    adapter.create_candidate(run.request(added_file("x.txt")))
    shutil.rmtree(run.repo.path)
    with pytest.raises(GitError):
        adapter.create_candidate(run.request(added_file("x.txt")))
