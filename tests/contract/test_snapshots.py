"""Snapshots and promotion: branch and tag together or not at all; the protected branch only by promotion."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runs_app.gitops.errors import (
    BranchConflict,
    BranchMoved,
    InvalidName,
    MergeConflict,
    NotFastForward,
    UnknownRevision,
)
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import ObjectId, PromotionMode
from tests.support.governed import AT, Run, added_file
from tests.support.repos import GitRepo


@pytest.mark.parametrize("tag", ["", "-d", "a b", "x..y", "a.lock", "/x", "x/", "@", "a~1", "a\n"])
def test_a_bad_tag_name_moves_nothing(run: Run, tag: str) -> None:
    commit = run.candidate(added_file("x.txt")).commit
    with pytest.raises(InvalidName):
        run.adapter.record_snapshot(run.snapshot_request(commit, tag=tag))
    assert run.tip() == run.base


def test_a_moved_branch_gets_no_tag(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    candidate = adapter.create_candidate(run.request(added_file("x.txt")))
    adapter.apply_patch(run.request(added_file("y.txt"), phase_id="p2"))
    with pytest.raises(BranchMoved):
        adapter.record_snapshot(run.snapshot_request(candidate.commit))
    assert not [ref for ref in repo.refs() if ref.startswith("refs/tags/")]


def test_a_taken_tag_stops_the_branch_too(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    candidate = adapter.create_candidate(run.request(added_file("x.txt")))
    repo.git("tag", "-a", "-m", "mine", "autopack/r1/p1", "main")
    with pytest.raises(BranchConflict):
        adapter.record_snapshot(run.snapshot_request(candidate.commit))
    assert run.tip() == run.base


def test_a_commit_from_elsewhere_is_no_snapshot(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    stranger = ObjectId(repo.line("commit-tree", "-m", "Unrelated", "main^{tree}"))
    with pytest.raises(NotFastForward):
        adapter.record_snapshot(run.snapshot_request(stranger))
    assert run.tip() == run.base


def test_branch_and_tag_move_together(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.create_candidate(run.request(added_file("x.txt"))).commit
    snapshot = adapter.record_snapshot(run.snapshot_request(commit))
    assert (snapshot.name, snapshot.commit, snapshot.subject) == (
        "autopack/r1/p1",
        commit,
        "Phase p1 is complete",
    )
    assert run.tip() == commit
    tag = repo.git("cat-file", "tag", "autopack/r1/p1").decode()
    assert tag == (
        f"object {commit}\ntype commit\ntag autopack/r1/p1\n"
        f"tagger Builder <builder@example.org> {int(AT.timestamp())} +0000\n\nPhase p1 is complete\n"
    )
    repo.fsck()


def test_a_repeated_snapshot_is_harmless(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.create_candidate(run.request(added_file("x.txt"))).commit
    request = run.snapshot_request(commit)
    first = adapter.record_snapshot(request)
    refs = repo.refs()
    assert adapter.record_snapshot(request) == first
    assert adapter.record_snapshot(replace(request, tagged_at=AT + timedelta(hours=1))) == first
    assert repo.refs() == refs
    later = adapter.apply_patch(run.request(added_file("y.txt"), parent=commit, phase_id="p2")).commit
    assert adapter.record_snapshot(request) == first
    assert run.tip() == later


@pytest.mark.parametrize("lost", ["branch", "tag"])
def test_half_a_snapshot_is_completed(adapter: GitAdapter, run: Run, repo: GitRepo, lost: str) -> None:
    commit = adapter.create_candidate(run.request(added_file("x.txt"))).commit
    adapter.record_snapshot(run.snapshot_request(commit))
    if lost == "branch":
        repo.git("update-ref", f"refs/heads/{run.branch}", run.base)
    else:
        repo.git("tag", "-d", "autopack/r1/p1")
    adapter.record_snapshot(run.snapshot_request(commit))
    assert run.tip() == commit
    assert repo.rev("autopack/r1/p1^{commit}") == commit


def test_the_status_tells_how_the_branch_stands(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    tip = run.base
    for number in range(3):
        commit = adapter.create_candidate(
            run.request(added_file(f"{number}.txt"), parent=tip, phase_id=f"p{number}")
        ).commit
        adapter.record_snapshot(run.snapshot_request(commit, expected=tip, tag=f"autopack/r1/p{number}"))
        tip = commit
    repo.git("tag", "-a", "-m", "elsewhere", "other", "main")
    status = adapter.get_integration_status(repo.path, "r1", base=run.base, target_branch="main")
    assert (status.branch, status.tip, status.base, status.commits_ahead) == (run.branch, tip, run.base, 3)
    assert [tag.name for tag in status.snapshots] == [f"autopack/r1/p{number}" for number in range(3)]
    assert status.snapshots[-1].commit == tip
    assert (status.target_branch, status.target_tip, status.merge.is_clean) == ("main", run.base, True)
    for run_id, target in (("r2", "main"), ("r1", "nope")):
        with pytest.raises(UnknownRevision):
            adapter.get_integration_status(repo.path, run_id, base=run.base, target_branch=target)


def _advance_stable(repo: GitRepo, path: str, content: str) -> ObjectId:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=content.encode()).decode().strip()
    env = {"GIT_INDEX_FILE": str(repo.path.parent / "other.index")}
    repo.git("read-tree", "stable", env=env)
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=env)
    tree = repo.git("write-tree", env=env).decode().strip()
    commit = repo.line("commit-tree", "-p", "stable", "-m", "On stable", tree)
    repo.git("update-ref", "refs/heads/stable", commit)
    return ObjectId(commit)


def test_promotion_refuses_a_target_that_went_on(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    ahead = _advance_stable(repo, "s.txt", "s\n")
    for mode in PromotionMode:
        with pytest.raises(BranchMoved):
            adapter.promote(run.promotion_request(commit, mode=mode))
    with pytest.raises(NotFastForward):
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD, expected=ahead))
    with pytest.raises(UnknownRevision):
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD, target="nope"))
    assert repo.rev("stable") == ahead


def test_a_conflicting_promotion_names_the_paths_and_writes_nothing(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt", "ours\n"))).commit
    ahead = _advance_stable(repo, "x.txt", "theirs\n")
    objects = repo.objects()
    with pytest.raises(MergeConflict) as caught:
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.MERGE, expected=ahead))
    assert caught.value.paths == ("x.txt",)
    check = adapter.check_merge(repo.path, ahead, commit)
    assert (check.is_clean, check.conflicts) == (False, ("x.txt",))
    assert repo.objects() == objects
    assert repo.rev("stable") == ahead


def test_promotion_fast_forwards_once(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    request = run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD)
    for _ in range(2):
        result = adapter.promote(request)
        assert (result.commit, result.previous, result.is_merge) == (commit, run.base, False)
    assert repo.rev("stable") == commit


def test_promotion_merges_without_a_work_tree_once(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    ahead = _advance_stable(repo, "s.txt", "s\n")
    request = run.promotion_request(commit, mode=PromotionMode.MERGE, expected=ahead)
    results = [adapter.promote(request) for _ in range(2)]
    assert results[0] == results[1]
    merge = results[0].commit
    assert results[0].is_merge
    assert repo.rev("stable") == merge
    assert [repo.rev(f"{merge}^1"), repo.rev(f"{merge}^2")] == [ahead, commit]
    assert {"x.txt", "s.txt"} <= set(repo.listing(merge))
    repo.fsck()


def test_unrelated_histories_do_not_merge(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    stranger = ObjectId(repo.line("commit-tree", "-m", "Unrelated", "main^{tree}"))
    assert not adapter.check_merge(repo.path, run.base, stranger).is_clean
    with pytest.raises(NotFastForward):
        adapter.promote(run.promotion_request(stranger, mode=PromotionMode.MERGE))


def test_a_branch_that_is_another_ones_name_is_not_promoted_to(
    adapter: GitAdapter, run: Run, repo: GitRepo
) -> None:
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    with pytest.raises(BranchConflict):
        adapter.promote(run.promotion_request(commit, mode=PromotionMode.FAST_FORWARD, target="alias"))
    assert repo.rev("main") == run.base
