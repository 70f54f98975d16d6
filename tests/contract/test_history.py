"""Reading: files, differences, logs, ancestry, and the files of a commit in a folder."""

import os
from pathlib import Path

import pytest

from autopack.git.errors import GitError
from runs_app.gitops.errors import UnknownRevision
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import ObjectId
from tests.support.governed import Run, added_file
from tests.support.repos import EPOCH, GitRepo, make_repo


def test_files_are_read_within_bounds(run: Run) -> None:
    path, read = run.repo.path, run.adapter.read_file
    assert read(path, run.base, "docs/crlf.txt", max_bytes=100) == b"one\r\ntwo\r\nthree\r\n"
    assert read(path, run.base, "src/lib/empty.txt", max_bytes=0) == b""
    for name in ("nope.txt", "src", "../README.md", "/README.md", "src//app.py", "", "README.md/x", "a\nb"):
        with pytest.raises(UnknownRevision):
            read(path, run.base, name, max_bytes=100)
    with pytest.raises(UnknownRevision):
        read(path, run.base, "data/blob.bin", max_bytes=1023)


def test_differences_are_cut_at_a_line(run: Run) -> None:
    commit = run.candidate(added_file("x.txt", "".join(f"line {n}\n" for n in range(1000)))).commit
    whole = run.adapter.diff(run.repo.path, run.base, commit, max_bytes=1_000_000)
    assert not whole.is_truncated
    assert whole.content.startswith(b"diff --git a/x.txt b/x.txt\nnew file mode 100644\n")
    assert whole.content.count(b"\n+line") == 1000
    cut = run.adapter.diff(run.repo.path, run.base, commit, max_bytes=1000)
    assert cut.is_truncated
    assert len(cut.content) <= 1000
    assert cut.content.endswith(b"\n")
    assert whole.content.startswith(cut.content)
    assert run.adapter.diff(run.repo.path, run.base, run.base, max_bytes=10).content == b""


def test_renames_are_found(run: Run) -> None:
    patch = b"diff --git a/src/app.py b/src/main.py\nrename from src/app.py\nrename to src/main.py\n"
    content = run.adapter.diff(run.repo.path, run.base, run.candidate(patch).commit, max_bytes=10_000).content
    assert b"rename from src/app.py\nrename to src/main.py\n" in content


def test_the_log_is_newest_first_and_bounded(adapter: GitAdapter, run: Run) -> None:
    commits = [run.base]
    for number in range(4):
        request = run.request(added_file(f"{number}.txt"), parent=commits[-1], phase_id=f"p{number}")
        commits.append(adapter.apply_patch(request).commit)
    log = adapter.log(run.repo.path, since=run.base, until=commits[-1], limit=10)
    assert [entry.commit for entry in log] == commits[:0:-1]
    assert log[0].parents == (commits[-2],)
    assert (log[0].author.name, log[0].author.email) == ("Builder", "builder@example.org")
    assert log[0].message == "Build a thing\n\nRun: r1\n"
    assert len(adapter.log(run.repo.path, since=run.base, until=commits[-1], limit=2)) == 2
    assert adapter.log(run.repo.path, since=commits[-1], until=run.base, limit=2) == ()


def test_odd_commits_are_readable(adapter: GitAdapter, repo: GitRepo) -> None:
    tree, base = repo.tree("main"), repo.rev("main")
    raw = (
        f"tree {tree}\nparent {base}\nauthor Andr\xe9 <a@x> {int(EPOCH.timestamp())} +9999\n"
        f"committer C <c@x> 1 +0000\nencoding ISO-8859-1\n\ncaf\xe9\n"
    ).encode("latin-1")
    odd = ObjectId(
        repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw).decode().strip()
    )
    (entry,) = adapter.log(repo.path, since=ObjectId(base), until=odd, limit=5)
    assert entry.message == "café\n"
    assert entry.author.name == "André"


def test_ancestry(adapter: GitAdapter, run: Run) -> None:
    commit = run.candidate(added_file("x.txt")).commit
    assert adapter.is_ancestor(run.repo.path, run.base, commit)
    assert adapter.is_ancestor(run.repo.path, commit, commit)
    assert not adapter.is_ancestor(run.repo.path, commit, run.base)


def test_a_merge_check_writes_nothing(adapter: GitAdapter, run: Run, repo: GitRepo) -> None:
    side = run.candidate(added_file("y.txt")).commit
    other = run.candidate(added_file("x.txt"), phase_id="p2").commit
    objects = repo.objects()
    assert adapter.check_merge(repo.path, side, other).is_clean
    assert repo.objects() == objects


def test_materialised_files_are_the_blobs_byte_for_byte(adapter: GitAdapter, tmp_path: Path) -> None:
    attributes = "*.txt text eol=crlf\n*.id ident\n*.f filter=evil\nhid* export-ignore export-subst\n"
    repo = make_repo(tmp_path / "r", {"placeholder": "x"})
    repo.git("config", "filter.evil.smudge", f"touch {tmp_path}/ran; cat")
    files: dict[str, bytes | str] = {
        "lf.txt": b"a\nb\n",
        "sub/id.id": b"$Id$\n",
        "x.f": b"filtered?\n",
        "x.u": "hé\n",
        "hidden": b"here\n",
        "sub/deep/größe.txt": b"\r\n\0",
        "run.sh": b"#!/bin/sh\n",
    }
    (repo.path / "link").symlink_to("sub/deep")
    repo.write(files)
    (repo.path / "run.sh").chmod(0o755)
    repo.git("add", "--all")
    repo.write({".gitattributes": attributes + "*.u working-tree-encoding=UTF-16\n"})
    repo.git("add", ".gitattributes")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    tree = repo.line("write-tree")
    commit = ObjectId(repo.line("commit-tree", "-m", "All", tree))
    out = tmp_path / "out"
    adapter.materialise(repo.path, commit, out)
    for path, (mode, blob) in repo.listing(commit).items():
        target = out / path
        if mode == "120000":
            assert str(target.readlink()).encode() == repo.git("cat-file", "blob", blob)
        elif mode == "160000":
            assert target.is_dir()
            assert not list(target.iterdir())
        else:
            assert target.read_bytes() == repo.git("cat-file", "blob", blob), path
            assert os.access(target, os.X_OK) is (mode == "100755")
    assert not (out / ".git").exists()
    assert not (tmp_path / "ran").exists()
    written = {
        str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    assert written == {path for path, (mode, _) in repo.listing(commit).items() if mode != "160000"}


def test_only_an_empty_folder_is_filled(adapter: GitAdapter, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("mine")
    with pytest.raises(GitError):
        adapter.materialise(run.repo.path, run.base, out)
    assert [path.name for path in out.iterdir()] == ["mine"]
