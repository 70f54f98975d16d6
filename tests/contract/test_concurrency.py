"""Many writers: nothing is lost, nothing is done twice, and a race has exactly one winner."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from runs_app.gitops.errors import BranchMoved
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import CandidateCommit
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo

WRITERS = 8
ResultT = TypeVar("ResultT")


def at_once(calls: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
    """Results of all calls, begun together."""
    barrier = threading.Barrier(len(calls))

    def begin(call: Callable[[], ResultT]) -> ResultT:
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def test_a_race_for_a_branch_has_one_winner(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    def attempt(number: int) -> CandidateCommit | BranchMoved:
        try:
            return adapter.apply_patch(run.request(added_file(f"{number}.txt"), phase_id=f"p{number}"))
        except BranchMoved as error:
            return error

    results = at_once([lambda number=number: attempt(number) for number in range(WRITERS)])  # type: ignore[misc]  # a default binds the loop's value
    (winner,) = [result for result in results if isinstance(result, CandidateCommit)]
    assert run.tip() == winner.commit
    assert len([ref for ref in repo.refs() if ref.startswith("refs/autopack/")]) == 1
    assert all(error.expected == run.base for error in results if isinstance(error, BranchMoved))
    repo.fsck()


def test_the_same_patch_ten_times_at_once_is_one_commit(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    request = run.request(added_file("x.txt"))
    results = at_once([lambda: adapter.apply_patch(request)] * 10)
    assert len({result.commit for result in results}) == 1
    assert run.tip() == results[0].commit
    assert len(adapter.log(repo.path, since=run.base, until=results[0].commit, limit=20)) == 1
    snapshot = run.snapshot_request(results[0].commit, expected=results[0].commit)
    assert len(set(at_once([lambda: adapter.record_snapshot(snapshot)] * 10))) == 1


def test_the_same_branch_ten_times_at_once_is_made_once(adapter: GitAdapter, repo: GitRepo) -> None:
    run = Run(adapter, repo)
    made = at_once([lambda: adapter.ensure_integration_branch(repo.path, "r1", base=run.base)] * 10)
    assert sum(branch.is_created for branch in made) == 1


def test_writers_on_branches_of_their_own_do_not_meet(adapter: GitAdapter, repo: GitRepo) -> None:
    def write(number: int) -> None:
        run = Run(adapter, repo, run_id=f"w{number}").start()
        tip = run.base
        for step in range(6):
            patch = added_file(f"w/{number}/{step}.txt", f"{number} {step}\n")
            tip = adapter.apply_patch(run.request(patch, parent=tip, phase_id=f"p{step}")).commit
        adapter.record_snapshot(run.snapshot_request(tip, expected=tip, tag=f"autopack/w{number}"))

    at_once([lambda number=number: write(number) for number in range(WRITERS)])  # type: ignore[misc]  # as above
    for number in range(WRITERS):
        listing = repo.listing(f"autonomous/w{number}")
        assert sorted(path for path in listing if path.startswith("w/")) == [
            f"w/{number}/{step}.txt" for step in range(6)
        ]
    repo.fsck()


def test_folders_that_packing_removes_are_made_again(
    adapter: GitAdapter, run: Run, repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git prune-packed` removes a folder between its making and the naming of an object in it."""
    objects = repo.path / ".git" / "objects"
    make = Path.mkdir
    removed: list[Path] = []

    def make_in_vain(folder: Path, *args: Any, **options: Any) -> None:
        make(folder, *args, **options)
        if folder.parent == objects and len(folder.name) == 2 and removed.count(folder) < 2:
            folder.rmdir()
            removed.append(folder)

    monkeypatch.setattr(Path, "mkdir", make_in_vain)
    commit = adapter.apply_patch(run.request(added_file("new.txt"))).commit

    assert removed
    assert b"new.txt" in repo.git("ls-tree", "--name-only", commit)
    repo.fsck()


def test_applies_go_on_during_maintenance(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    stop = threading.Event()

    def maintain() -> int:
        rounds = 0
        while not stop.is_set():
            adapter.maintain(repo.path)
            repo.git("pack-refs", "--all")
            rounds += 1
        return rounds

    with ThreadPoolExecutor(1) as pool:
        upkeep = pool.submit(maintain)
        try:
            tip = run.base
            for number in range(30):
                request = run.request(added_file(f"{number}.txt"), parent=tip, phase_id=f"p{number}")
                tip = adapter.apply_patch(request).commit
        finally:
            stop.set()
        assert upkeep.result(60) > 0
    assert run.tip() == tip
    repo.fsck()
