"""Content that is made to look like git's own formats: taken for what it is, or refused."""

from pathlib import Path

import pytest

from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PathPolicy
from tests.support.governed import Run, added_file
from tests.support.repos import make_repo


def copied_file(source: str, target: str) -> bytes:
    return (
        f"diff --git a/{source} b/{target}\nsimilarity index 100%\ncopy from {source}\ncopy to {target}\n"
    ).encode()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_sibling_whose_name_looks_like_a_record_is_left_alone(
    adapter: GitAdapter, tmp_path: Path, object_format: str, is_deleted: bool
) -> None:
    files = {"a": "same\n", "0 100644 a": "same\n"}
    repo = make_repo(tmp_path / "twins", files, object_format=object_format)
    edit = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-same\n+changed\n"
    delete = b"diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-same\n"
    candidate = Run(adapter, repo).candidate(delete if is_deleted else edit)
    before, after = repo.listing("main"), repo.listing(candidate.commit)
    assert after.pop("0 100644 a") == before.pop("0 100644 a")
    assert (after == {}) if is_deleted else (after != before)
    repo.fsck()


@pytest.mark.parametrize(
    ("source", "twin", "addition"),
    [("LICENSE", "0 100644 LICENSE", "L"), (".ci/run", "! 40000 .ci/run", "+")],
)
def test_a_copy_cannot_prepare_the_ground_for_a_broken_tree(
    adapter: GitAdapter, tmp_path: Path, source: str, twin: str, addition: str
) -> None:
    repo = make_repo(tmp_path / "ground", {source: "content\n"})
    run = Run(adapter, repo)
    policy = PathPolicy(protected_paths=("/.ci/",))
    first = adapter.create_candidate(run.request(copied_file(source, twin), policy=policy))
    request = run.request(added_file(addition), policy=policy, parent=first.commit, phase_id="p2")
    second = adapter.create_candidate(request)
    assert set(repo.listing(second.commit)) == {source, twin, addition}
    assert repo.listing(second.commit)[source] == repo.listing("main")[source]
    repo.fsck()
