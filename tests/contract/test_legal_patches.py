"""Every kind of change that git can express arrives exactly as git itself would make it."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import ChangeKind, PathPolicy
from tests.contract.conftest import FILES
from tests.support.governed import AT, RELAXED, SPEC, Run, added_file
from tests.support.repos import GitRepo, make_repo

Change = Callable[[Path], None]


def _write(name: str, content: bytes) -> Change:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)

    return change


def _rename(root: Path) -> None:
    (root / "README.md").rename(root / "LIESMICH.md")


def _add_many(root: Path) -> None:
    for number in range(300):
        _write(f"many/{number % 7}/{number}.txt", b"%d\n" % number)(root)


def _add_twins(root: Path) -> None:
    for number in range(90):
        _write(f"twins/{number}/same/file.txt", b"the same\n")(root)


def _rename_and_edit(root: Path) -> None:
    text = (root / "src/app.py").read_bytes().replace(b"line 7\n", b"line seven\n")
    (root / "src/app.py").unlink()
    _write("pkg/deep/main.py", text)(root)


def _copy(root: Path) -> None:
    shutil.copy(root / "src/app.py", root / "src/copy.py")
    with (root / "src/app.py").open("ab") as file:
        file.write(b"one more\n")


def _swap(root: Path) -> None:
    (root / "README.md").rename(root / "x")
    (root / "src/app.py").rename(root / "README.md")
    (root / "x").rename(root / "src/app.py")


def _file_to_folder(root: Path) -> None:
    (root / "README.md").unlink()
    _write("README.md/inside.txt", b"now a folder\n")(root)


def _folder_to_file(root: Path) -> None:
    shutil.rmtree(root / "src/lib")
    (root / "src/lib").write_bytes(b"now a file\n")


def _empty_everything(root: Path) -> None:
    for name in ("README.md", "src", "docs", "data"):
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _file_to_link(root: Path) -> None:
    (root / "docs/crlf.txt").unlink()
    (root / "docs/crlf.txt").symlink_to("../README.md")


CHANGES: dict[str, Change] = {
    "edit": _write("README.md", b"# A project\n\nIt does other things.\n"),
    "add": _write("src/new/deep/file.py", b"x = 1\n"),
    "add_empty": _write("src/lib/also_empty.txt", b""),
    "fill_empty": _write("src/lib/empty.txt", b"no longer\n"),
    "make_empty": _write("docs/no_newline.txt", b""),
    "delete": lambda root: (root / "README.md").unlink(),
    "delete_empty": lambda root: (root / "src/lib/empty.txt").unlink(),
    "delete_last_of_a_folder": lambda root: (root / "data/blob.bin").unlink(),
    "delete_everything": _empty_everything,
    "rename": _rename,
    "rename_and_edit": _rename_and_edit,
    "copy": _copy,
    "swap": _swap,
    "binary_edit": _write("data/blob.bin", bytes(range(255, -1, -1)) * 5),
    "binary_small_edit": _write("data/blob.bin", bytes(range(256)) * 3 + b"end"),
    "binary_add": _write("data/new.bin", b"\0\1\2" * 700),
    "binary_delete": lambda root: (root / "data/blob.bin").unlink(),
    "mode": lambda root: (root / "src/app.py").chmod(0o755),
    "crlf_edit": _write("docs/crlf.txt", b"one\r\nTWO\r\nthree\r\n"),
    "crlf_to_lf": _write("docs/crlf.txt", b"one\ntwo\nthree\n"),
    "lone_cr": _write("docs/crlf.txt", b"one\rtwo\r\r\nthree\r"),
    "newline_added": _write("docs/no_newline.txt", b"last line without end\n"),
    "newline_kept_away": _write("docs/no_newline.txt", b"another line without end"),
    "newline_removed": _write("README.md", b"# A project\n\nIt does things."),
    "whole_file": _write("src/app.py", b"all new\n"),
    "one_line_file": _write("docs/no_newline.txt", b"x"),
    "trailing_blanks": _write("src/blank.txt", b"a  \n\t\n \n\n\n"),
    "looks_like_a_patch": _write(
        "src/odd.txt", b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- \n-a\ndiff --git a/x b/x\n"
    ),
    "drops_dashes": _write("src/odd2.txt", b"-- sql comment\n++ plus\n"),
    "spaces": _write("a folder/a file with spaces.txt", b"x\n"),
    "unicode": _write("größe/文件 ñ.txt", "Grüße\n".encode()),
    "quotes": _write('docs/say "hi" \\ there.txt', b"x\n"),
    "leading_dots": _write("..hidden/...x", b"x\n"),
    "almost_git": _write(".github/.gitkeep", b""),
    "twins": _add_twins,
    "a_slash_b": _write("a b/a b", b"x\n"),
    "long_line": _write("src/long.txt", b"x" * 100_000 + b"\n"),
    "latin1_content": _write("src/latin.txt", "café\n".encode("latin-1")),
    "file_to_folder": _file_to_folder,
    "folder_to_file": _folder_to_file,
    "many": _add_many,
}


@pytest.fixture(scope="module")
def changed_by(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[GitRepo, str]]:
    """By the kind of change a repository that is only read, and the commit git made of the change."""

    @cache
    def make(kind: str) -> tuple[GitRepo, str]:
        upstream = make_repo(tmp_path_factory.mktemp("upstream") / "project", FILES)
        CHANGES[kind](upstream.path)
        return upstream, upstream.commit(kind)

    return make


@pytest.mark.parametrize("kind", sorted(CHANGES))
@pytest.mark.parametrize("options", [(), ("-C", "--find-copies-harder"), ("--no-renames", "--unified=1")])
def test_the_tree_equals_gits_own(
    run: Run,
    repo: GitRepo,
    changed_by: Callable[[str], tuple[GitRepo, str]],
    kind: str,
    options: tuple[str, ...],
) -> None:
    upstream, changed = changed_by(kind)
    candidate = run.candidate(upstream.patch(run.base, changed, *options))
    assert candidate.tree == upstream.tree(changed)
    assert candidate.parent == run.base
    assert repo.rev(candidate.ref) == candidate.commit
    assert repo.rev(f"{candidate.commit}^") == run.base
    counted = [option for option in options if not option.startswith("--unified")]
    numstat = upstream.git("diff", "--numstat", "-M", *counted, run.base, changed).decode().splitlines()
    assert candidate.lines_added == sum(int(line.split("\t")[0]) for line in numstat if line[0] != "-")
    assert candidate.lines_removed == sum(int(line.split("\t")[1]) for line in numstat if line[0] != "-")
    repo.fsck()


def test_symlinks_come_and_change_and_go_where_the_policy_allows_them(
    run: Run, repo: GitRepo, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    repo.git("clone", "--quiet", "--branch", "main", str(repo.path), str(elsewhere))
    upstream = GitRepo(elsewhere, commits_made=5)
    tip = run.base
    for number, step in enumerate(("add", "change", "type", "move", "remove")):
        link = elsewhere / "docs/link"
        if step == "add":
            link.symlink_to("crlf.txt")
        elif step == "change":
            link.unlink()
            link.symlink_to("../src/lib")
        elif step == "type":
            _file_to_link(elsewhere)
        elif step == "move":
            link.unlink()
            (elsewhere / "top").symlink_to("./src")
        else:
            (elsewhere / "top").unlink()
        changed = upstream.commit(step)
        policy = PathPolicy() if step == "remove" else RELAXED
        patch = upstream.patch("HEAD^", changed)
        request = run.request(patch, policy=policy, parent=tip, phase_id=f"p{number}")
        candidate = run.adapter.apply_patch(request)
        assert candidate.tree == upstream.tree(changed), step
        tip = candidate.commit
    assert run.tip() == tip


def test_submodules_pass_where_the_policy_allows_them(run: Run) -> None:
    patch = (
        f"diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n"
        f"@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}\n"
    ).encode()
    candidate = run.candidate(patch, policy=RELAXED)
    assert run.repo.listing(candidate.commit)["sub"] == ("160000", "1" * 40)


def test_the_candidate_tells_what_changed(run: Run, repo: GitRepo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    repo.git("clone", "--quiet", "--branch", "main", str(repo.path), str(elsewhere))
    upstream = GitRepo(elsewhere, commits_made=5)
    _rename_and_edit(elsewhere)
    (elsewhere / "README.md").unlink()
    (elsewhere / "docs/crlf.txt").chmod(0o755)
    _write("data/blob.bin", b"\0new")(elsewhere)
    _write("new.txt", b"1\n2\n")(elsewhere)
    candidate = run.candidate(upstream.patch(run.base, upstream.commit("All kinds")))
    kinds = {file.path: (file.kind, file.old_path, file.old_mode, file.new_mode) for file in candidate.files}
    assert kinds == {
        "README.md": (ChangeKind.DELETED, "README.md", "100644", ""),
        "data/blob.bin": (ChangeKind.MODIFIED, "data/blob.bin", "100644", "100644"),
        "docs/crlf.txt": (ChangeKind.MODE_CHANGED, "docs/crlf.txt", "100644", "100755"),
        "new.txt": (ChangeKind.ADDED, "new.txt", "", "100644"),
        "pkg/deep/main.py": (ChangeKind.RENAMED, "src/app.py", "100644", "100644"),
    }
    assert [file.path for file in candidate.files if file.is_binary] == ["data/blob.bin"]
    assert (candidate.lines_added, candidate.lines_removed) == (3, 4)


def test_an_empty_patch_is_an_empty_commit(run: Run) -> None:
    candidate = run.candidate(b"")
    assert candidate.is_empty
    assert candidate.files == ()
    assert candidate.tree == run.repo.tree("main")
    assert candidate.commit != run.base


def test_a_plain_unified_diff_is_enough(run: Run) -> None:
    patch = (
        b"Some words first.\n\n--- a/README.md\t2026-01-01 00:00:00\n+++ b/README.md\t2026-01-02 00:00:00\n"
        b"@@ -1,3 +1,4 @@\n # A project\n \n It does things.\n+Well.\n"
        b"--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n"
        b"--- a/docs/no_newline.txt\n+++ /dev/null\n"
        b"@@ -1 +0,0 @@\n-last line without end\n\\ No newline at end of file\n"
    )
    candidate = run.candidate(patch)
    listing = run.repo.listing(candidate.commit)
    assert "new.txt" in listing
    assert "docs/no_newline.txt" not in listing
    assert run.repo.git("show", f"{candidate.commit}:README.md").endswith(b"It does things.\nWell.\n")


def test_a_mail_from_format_patch_is_enough(run: Run, repo: GitRepo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    repo.git("clone", "--quiet", "--branch", "main", str(repo.path), str(elsewhere))
    upstream = GitRepo(elsewhere, commits_made=5)
    changed = upstream.commit(
        "One\n\nOnly mentions diff --git a/x b/x\n\n--- a/x\n+++ b/x", {"README.md": "# Other\n"}
    )
    changed = upstream.commit("Two", {"README.md": "# Other still\n", "b.txt": "b\n"})
    mail = upstream.git("format-patch", "--stdout", f"{run.base}..{changed}")
    assert run.candidate(mail).tree == upstream.tree(changed)


def test_hunks_may_have_moved(run: Run) -> None:
    patch = b"--- a/src/app.py\n+++ b/src/app.py\n@@ -2,3 +2,3 @@\n line 20\n-line 21\n+LINE 21\n line 22\n"
    content = run.repo.git("show", f"{run.candidate(patch).commit}:src/app.py")
    assert b"line 20\nLINE 21\nline 22\n" in content


def test_commit_bytes_are_exactly_as_asked(run: Run) -> None:
    commit = run.candidate(added_file("x.txt")).commit
    lines = run.repo.git("cat-file", "commit", commit).decode().splitlines()
    seconds = int(AT.timestamp())
    assert lines[1] == f"parent {run.base}"
    assert lines[2] == f"author Builder <builder@example.org> {seconds} -0330"
    assert lines[3] == f"committer Autopack <autopack@example.org> {seconds} +0000"
    assert "\n".join(lines[5:]) + "\n" == SPEC.message


def test_a_correction_of_an_earlier_candidate_is_one_commit_on_the_tip(run: Run) -> None:
    first = run.candidate(added_file("x.txt", "wrong\n"))
    correction = b"--- a/x.txt\n+++ b/x.txt\n@@ -1 +1 @@\n-wrong\n+right\n"
    request = run.request(correction, base=first.commit, attempt=2)
    second = run.adapter.create_candidate(request)
    assert second.parent == run.base
    assert run.repo.git("show", f"{second.commit}:x.txt") == b"right\n"


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("is_bare", [False, True])
@pytest.mark.parametrize("is_packed", [False, True])
def test_every_shape_of_repository(
    adapter: GitAdapter, tmp_path: Path, object_format: str, is_bare: bool, is_packed: bool
) -> None:
    repo = make_repo(tmp_path / "r", {"a/b.txt": "b\n"}, is_bare=is_bare, object_format=object_format)
    if is_packed:
        repo.git("gc", "--quiet")
    run = Run(adapter, repo).start()
    candidate = adapter.apply_patch(run.request(added_file("a/c.txt")))
    assert len(candidate.commit) == (40 if object_format == "sha1" else 64)
    assert run.tip() == candidate.commit
    adapter.record_snapshot(run.snapshot_request(candidate.commit))
    assert repo.git("show", f"{candidate.commit}:a/c.txt") == b"new\n"
    assert adapter.inspect_repository(repo.path).object_format == object_format
    repo.fsck()


def _random_change(repo: GitRepo, number: int) -> None:
    """A deterministic mix of edits, additions, moves and removals."""
    state = number * 2654435761 % 2**32
    names = sorted(name for name in repo.listing("HEAD") if not (repo.path / name).is_symlink())
    picked = repo.path / names[state % len(names)]
    match number % 6:
        case 0:
            picked.write_bytes(picked.read_bytes() + b"line %d\n" % number)
        case 1:
            _write(f"gen/{state % 5}/{number}.txt", b"".join(b"%d %d\n" % (number, n) for n in range(20)))(
                repo.path
            )
        case 2:
            target = repo.path / f"moved/{state % 3}/{number}.txt"
            target.parent.mkdir(parents=True, exist_ok=True)
            picked.rename(target)
        case 3 if len(names) > 5:
            picked.unlink()
        case 4:
            picked.chmod(0o755 if not os.access(picked, os.X_OK) else 0o644)
        case _:
            lines = picked.read_bytes().splitlines(keepends=True)
            picked.write_bytes(b"".join(reversed(lines)) + b"%d" % number)


@pytest.mark.slow
def test_a_long_history_is_replayed_tree_by_tree(adapter: GitAdapter, tmp_path: Path) -> None:
    upstream = make_repo(tmp_path / "upstream", {f"f{n}.txt": f"{n}\n" * 9 for n in range(12)})
    mirror = tmp_path / "mirror.git"
    upstream.git("clone", "--quiet", "--bare", str(upstream.path), str(mirror))
    run = Run(adapter, GitRepo(mirror, is_bare=True)).start()
    tip, previous = run.base, upstream.head()
    for number in range(80):
        _random_change(upstream, number)
        current = upstream.commit(f"Change {number}")
        patch = upstream.patch(previous, current)
        candidate = adapter.apply_patch(run.request(patch, parent=tip, phase_id=f"p{number}"))
        assert candidate.tree == upstream.tree(current), number
        tip, previous = candidate.commit, current
    assert run.tip() == tip
    run.repo.fsck()
