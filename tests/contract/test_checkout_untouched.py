"""What is the user's stays: HEAD, index, work tree, untracked files, stash, hooks, settings, branches."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runs_app.gitops.errors import BranchCheckedOut, BranchMoved
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import ObjectId, PromotionMode
from tests.support.governed import RELAXED, Run, added_file
from tests.support.repos import GitRepo, fingerprint


def test_a_whole_run_leaves_the_checkout_as_it_was(
    adapter: GitAdapter, repo: GitRepo, tmp_path: Path
) -> None:
    before = fingerprint(repo)
    stash = repo.git("stash", "list")
    run = Run(adapter, repo).start()
    tip = run.base
    for number in range(3):
        candidate = adapter.apply_patch(
            run.request(added_file(f"src/{number}.py"), parent=tip, phase_id=f"p{number}")
        )
        tip = candidate.commit
    adapter.record_snapshot(run.snapshot_request(tip))
    adapter.get_integration_status(repo.path, "r1", base=run.base, target_branch="main")
    adapter.check_merge(repo.path, run.base, tip)
    adapter.diff(repo.path, run.base, tip, max_bytes=10_000)
    adapter.log(repo.path, since=run.base, until=tip, limit=10)
    adapter.materialise(repo.path, tip, tmp_path / "out")
    adapter.drop_candidates(repo.path, "r1")
    adapter.inspect_repository(repo.path)
    assert fingerprint(repo) == before
    assert repo.git("stash", "list") == stash


def test_failures_leave_the_checkout_as_it_was(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    before = fingerprint(repo)
    with pytest.raises(BranchMoved):
        adapter.apply_patch(run.request(added_file("x.txt"), parent=ObjectId(repo.commit_on("side"))))
    assert fingerprint(repo) != before, "the side branch is new"
    before = fingerprint(repo)
    repo.git("symbolic-ref", "HEAD", f"refs/heads/{run.branch}")
    held = fingerprint(repo)
    with pytest.raises(BranchCheckedOut):
        adapter.apply_patch(run.request(added_file("y.txt")))
    assert fingerprint(repo) == held
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")


def test_only_promotion_writes_another_branch(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    adapter.record_snapshot(run.snapshot_request(commit))
    untouched = {
        ref: value
        for ref, value in repo.refs().items()
        if ref.startswith("refs/heads/") and "auto" not in ref
    }
    assert set(untouched.values()) == {run.base}
    adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD))
    assert repo.rev("stable") == commit
    assert repo.rev("main") == run.base


def test_every_branch_in_a_work_tree_stays_where_it_is(
    adapter: GitAdapter, run: Run, repo: GitRepo, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "--quiet", str(linked), run.branch)
    before = fingerprint(GitRepo(linked)) if (linked / ".git").is_dir() else fingerprint(repo)
    candidate = adapter.create_candidate(run.request(added_file("x.txt")))
    with pytest.raises(BranchCheckedOut) as caught:
        adapter.record_snapshot(run.snapshot_request(candidate.commit))
    assert caught.value.worktree == str(linked)
    with pytest.raises(BranchCheckedOut):
        adapter.promote(
            run.promotion_request(candidate.commit, mode=PromotionMode.FAST_FORWARD, target="main")
        )
    assert run.tip() == run.base
    assert fingerprint(repo) == before
    repo.git("worktree", "remove", "--force", str(linked))
    adapter.record_snapshot(run.snapshot_request(candidate.commit))


def test_a_branch_that_is_being_rebased_counts_as_checked_out(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    state = repo.git_dir / "rebase-merge"
    state.mkdir()
    (state / "head-name").write_text(f"refs/heads/{run.branch}\n")
    with pytest.raises(BranchCheckedOut):
        adapter.apply_patch(run.request(added_file("x.txt")))


def test_a_linked_work_tree_is_a_way_into_its_repository(
    adapter: GitAdapter, repo: GitRepo, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "--quiet", "-b", "side", str(linked), "main")
    run = Run(adapter, GitRepo(linked)).start()
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    assert repo.rev(run.branch) == commit
    assert adapter.inspect_repository(linked).head_branch == "side"
    with pytest.raises(BranchCheckedOut):
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD, target="side"))


KILLED = """
import sys
from pathlib import Path
from tests.contract.conftest import ADAPTERS
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo
with ADAPTERS[sys.argv[1]]() as adapter:
    run = Run(adapter, GitRepo(Path(sys.argv[2])), run_id=sys.argv[3]).start()
    tip = run.base
    print("ready", flush=True)
    for number in range(10_000):
        names = [f"killed/{number}/{part}.txt" for part in range(20)]
        patch = b"".join(added_file(name, f"{name}\\n") for name in names)
        tip = adapter.apply_patch(run.request(patch, parent=tip, phase_id=f"p{number}")).commit
"""


@pytest.mark.slow
@pytest.mark.faults
def test_kill_9_at_any_moment_leaves_a_sound_repository(
    adapter: GitAdapter, repo: GitRepo, request: pytest.FixtureRequest
) -> None:
    before = fingerprint(repo)
    name = request.node.callspec.params["adapter"]
    root = Path(__file__).parents[2]
    for number, delay in enumerate((0.001, 0.013, 0.029, 0.047, 0.061, 0.083)):
        run_id = f"killed{number}"
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, name, str(repo.path), run_id],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert fingerprint(repo) == before
        repo.fsck()
        run = Run(adapter, repo, run_id=run_id)
        tip = run.tip()
        assert tip is not None
        done = len(adapter.log(repo.path, since=run.base, until=tip, limit=10_000))
        request_ = run.request(added_file("after.txt"), parent=tip, phase_id=f"p{done + 5}", policy=RELAXED)
        assert run.tip() == tip
        assert adapter.apply_patch(request_).parent == tip
    assert fingerprint(repo) == before
