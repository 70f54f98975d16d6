"""Integration branches and candidates: made once, found again, never anyone else's."""

from dataclasses import replace

import pytest

from runs_app.gitops.errors import BranchConflict, BranchMoved, InvalidName, UnknownRevision
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import ObjectId
from tests.support.governed import SPEC, Run, added_file
from tests.support.repos import GitRepo


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        ".",
        "..",
        "a..b",
        "a/b",
        "-x",
        ".x",
        "a.lock",
        "a b",
        "a\nb",
        "a~1",
        "a:b",
        "x" * 101,
        "ä",
        "a.",
        "a\0",
    ],
)
def test_bad_ids_reach_no_command(adapter: GitAdapter, repo: GitRepo, run_id: str) -> None:
    base = ObjectId(repo.rev("main"))
    refs = repo.refs()
    run = Run(adapter, repo)
    with pytest.raises(InvalidName):
        adapter.ensure_integration_branch(repo.path, run_id, base=base)
    for request in (
        replace(run.request(b""), run_id=run_id),
        replace(run.request(b""), phase_id=run_id),
        replace(run.request(b""), attempt=-1),
    ):
        with pytest.raises(InvalidName):
            adapter.create_candidate(request)
    with pytest.raises(InvalidName):
        adapter.drop_candidates(repo.path, run_id)
    assert repo.refs() == refs


@pytest.mark.parametrize(
    "bad", ["", "0" * 40, "main", "HEAD", "abc", "A" * 40, "1" * 40, "1" * 39 + "\n", "-" * 40]
)
def test_bad_object_ids_move_nothing(run: Run, bad: str) -> None:
    refs = run.repo.refs()
    commit = ObjectId(bad)
    for call in (
        lambda: run.adapter.ensure_integration_branch(run.repo.path, "other", base=commit),
        lambda: run.adapter.apply_patch(run.request(b"", parent=commit or ObjectId(" "))),
        lambda: run.adapter.create_candidate(run.request(added_file("x"), base=commit or ObjectId(" "))),
        lambda: run.adapter.record_snapshot(run.snapshot_request(commit)),
        lambda: run.adapter.diff(run.repo.path, commit, run.base, max_bytes=10),
        lambda: run.adapter.is_ancestor(run.repo.path, commit, run.base),
    ):
        with pytest.raises(UnknownRevision):
            call()
    assert run.repo.refs() == refs


def test_a_tree_or_blob_is_no_base(run: Run) -> None:
    for revision in ("main^{tree}", "main:README.md"):
        with pytest.raises(UnknownRevision):
            run.adapter.ensure_integration_branch(
                run.repo.path, "other", base=ObjectId(run.repo.rev(revision))
            )


def test_an_existing_branch_elsewhere_is_a_conflict(adapter: GitAdapter, repo: GitRepo) -> None:
    other = repo.commit_on("autonomous/taken")
    with pytest.raises(BranchConflict):
        adapter.ensure_integration_branch(repo.path, "taken", base=ObjectId(repo.rev("main")))
    assert repo.rev("autonomous/taken") == other


def test_a_branch_in_the_way_of_the_name_is_a_conflict(adapter: GitAdapter, repo: GitRepo) -> None:
    base = ObjectId(repo.rev("main"))
    repo.git("branch", "autonomous", "main")
    with pytest.raises(BranchConflict):
        adapter.ensure_integration_branch(repo.path, "r1", base=base)
    repo.git("branch", "-D", "autonomous")
    assert adapter.ensure_integration_branch(repo.path, "r1", base=base).is_created


def test_the_branch_is_made_once_and_found_again(adapter: GitAdapter, repo: GitRepo) -> None:
    base = ObjectId(repo.rev("main"))
    made = adapter.ensure_integration_branch(repo.path, "r1", base=base)
    found = adapter.ensure_integration_branch(repo.path, "r1", base=base)
    assert (made.name, made.tip, made.is_created) == ("autonomous/r1", base, True)
    assert (found.name, found.tip, found.is_created) == ("autonomous/r1", base, False)
    assert adapter.find_branch(repo.path, "autonomous/r1") == base
    assert adapter.find_branch(repo.path, "autonomous/r2") is None
    assert adapter.find_branch(repo.path, "autonomous") is None


def test_packed_branches_are_found_and_moved(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    repo.git("pack-refs", "--all")
    first = adapter.apply_patch(run.request(added_file("x.txt")))
    repo.git("pack-refs", "--all")
    second = adapter.apply_patch(run.request(added_file("y.txt"), parent=first.commit, phase_id="p2"))
    assert run.tip() == second.commit
    assert adapter.drop_candidates(repo.path, "r1") == 2


def test_the_same_request_gives_the_same_commit(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    request = run.request(added_file("x.txt"))
    first = adapter.create_candidate(request)
    objects = repo.objects()
    assert adapter.create_candidate(request) == first
    assert repo.objects() == objects
    assert run.tip() == run.base
    assert adapter.apply_patch(request) == first
    assert adapter.apply_patch(request) == first
    assert run.tip() == first.commit
    later = adapter.apply_patch(run.request(added_file("y.txt"), parent=first.commit, phase_id="p2"))
    assert adapter.apply_patch(request) == first
    assert run.tip() == later.commit


def test_a_lost_candidate_is_made_again(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    request = run.request(added_file("x.txt"))
    first = adapter.create_candidate(request)
    assert adapter.drop_candidates(repo.path, "r1") == 1
    repo.git("prune", "--expire=now")
    assert adapter.apply_patch(request) == first
    repo.fsck()


def test_an_attempt_has_one_candidate(run: Run, repo: GitRepo) -> None:
    first = run.candidate(added_file("x.txt"))
    for change in (
        run.request(added_file("y.txt")),
        run.request(added_file("x.txt"), spec=replace(SPEC, message="Other\n")),
    ):
        with pytest.raises(BranchConflict):
            run.adapter.create_candidate(change)
        with pytest.raises(BranchConflict):
            run.adapter.apply_patch(change)
    assert repo.rev(first.ref) == first.commit
    assert run.tip() == run.base


def test_apply_from_an_old_tip_moves_nothing(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    first = adapter.apply_patch(run.request(added_file("x.txt")))
    refs = repo.refs()
    with pytest.raises(BranchMoved) as caught:
        adapter.apply_patch(run.request(added_file("y.txt"), phase_id="p2"))
    assert (caught.value.expected, caught.value.actual) == (run.base, first.commit)
    assert repo.refs() == refs


def test_apply_to_a_deleted_branch_moves_nothing(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    repo.git("branch", "-D", run.branch)
    with pytest.raises(BranchMoved) as caught:
        adapter.apply_patch(run.request(added_file("x.txt")))
    assert caught.value.actual is None
    assert run.tip() is None


def test_candidates_go_by_phase_or_run(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    for phase_id, attempt in (("p1", 1), ("p1", 2), ("p10", 1), ("p2", 1)):
        adapter.create_candidate(
            run.request(added_file(f"{phase_id}{attempt}"), phase_id=phase_id, attempt=attempt)
        )
    assert adapter.drop_candidates(repo.path, "r1", "p1") == 2
    assert adapter.drop_candidates(repo.path, "r1", "p1") == 0
    assert adapter.drop_candidates(repo.path, "r1") == 2
    assert adapter.drop_candidates(repo.path, "r") == 0
    assert not [ref for ref in repo.refs() if ref.startswith("refs/autopack/")]


def test_a_name_for_another_branch_is_never_followed(adapter: GitAdapter, repo: GitRepo) -> None:
    main = repo.rev("main")
    repo.git("symbolic-ref", "refs/heads/autonomous/r1", "refs/heads/main")
    run = Run(adapter, repo)
    adapter.ensure_integration_branch(repo.path, "r1", base=run.base)
    commit = adapter.apply_patch(run.request(added_file("x.txt"))).commit
    assert repo.rev("main") == main
    assert run.tip() == commit


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "-x",
        "--all",
        "nope",
        ":/First",
        "main:README.md",
        "main..stable",
        "@{-1}",
        "a b",
        "^main",
        "1" * 40,
    ],
)
def test_what_is_no_commit_is_not_resolved(run: Run, revision: str) -> None:
    with pytest.raises(UnknownRevision):
        run.adapter.resolve_commit(run.repo.path, revision)


def test_branches_tags_and_ids_are_resolved(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    side = repo.commit_on("side")
    repo.git("tag", "-a", "-m", "v1", "v1", side)
    repo.git("tag", "main", side)
    for revision, expected in {
        "main": run.base,
        "HEAD": run.base,
        "side": side,
        "v1": side,
        "side~1": run.base,
        "side^": run.base,
        side: side,
        side[:10]: side,
        "refs/heads/side": side,
    }.items():
        assert adapter.resolve_commit(repo.path, revision) == expected
