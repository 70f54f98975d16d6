"""Patch inspection: never crashes, finds what git finds, and puts every refusal on its line."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs_app.gitops.inspection import inspect_patch
from runs_app.gitops.types import ChangeKind, PathPolicy, RefusalCode
from tests.support.repos import isolated_environment, make_repo

OPEN = PathPolicy(allow_symlinks=True, allow_submodules=True)

FRAGMENTS = [
    b"diff --git a/x b/x\n",
    b'diff --git "a/x" "b/x"\n',
    b"--- a/x\n",
    b"+++ b/x\n",
    b"--- /dev/null\n",
    b"+++ /dev/null\n",
    b"@@ -1,2 +1,2 @@\n",
    b"@@ -0,0 +1 @@\n",
    b"@@ -1 +0,0 @@\n",
    b" context\n",
    b"-old\n",
    b"+new\n",
    b"\n",
    b"\\ No newline at end of file\n",
    b"new file mode 100644\n",
    b"deleted file mode 100644\n",
    b"old mode 100644\n",
    b"new mode 120000\n",
    b"rename from x\n",
    b"rename to y\n",
    b"copy from x\n",
    b"copy to z\n",
    b"similarity index 90%\n",
    b"index 1234567..89abcde 100644\n",
    b"GIT binary patch\n",
    b"literal 5\n",
    b"delta 5\n",
    b"McmZQzWMT#Y01f~L\n",
    b"Binary files a/x and b/x differ\n",
    b"-- \n",
    b"From 123 Mon Sep 17\n",
    b'--- "a/\\303\\244\\t"\n',
    b"\0",
    b"\r\n",
    b"\xff\xfe",
]


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_crash(content: bytes) -> None:
    inspection = inspect_patch(content, PathPolicy())
    assert inspection.files or inspection.refusals or not content


@settings(max_examples=600)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=24).map(b"".join))
def test_shuffled_pieces_of_patches_never_crash(content: bytes) -> None:
    inspection = inspect_patch(content, PathPolicy())
    lines = content.count(b"\n") + 1
    assert all(refusal.line is None or 1 <= refusal.line <= lines for refusal in inspection.refusals)
    assert inspection.files or inspection.refusals or not content


NAMES = st.text(st.sampled_from("abß文 .-_\\\"'~é"), min_size=1, max_size=8).filter(
    lambda name: name.strip(". ") == name and name not in (".", "..") and "git" not in name
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join).filter(lambda path: path[:2] != "\\\\")
CONTENTS = st.one_of(
    st.lists(
        st.sampled_from(["a\n", "b\n", "", "\n", "-- x\n", "@@ -1 +1 @@\n", "c\r\n", "+\n"]), max_size=12
    ).map(lambda lines: "".join(lines).encode()),
    st.binary(max_size=40),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.dictionaries(PATHS, CONTENTS, max_size=5),
    after=st.dictionaries(PATHS, CONTENTS, max_size=5),
    kept=st.integers(0, 5),
)
def test_files_and_counts_agree_with_git(
    before: dict[str, bytes], after: dict[str, bytes], kept: int, tmp_path: Path
) -> None:
    after = {**dict(list(before.items())[:kept]), **after}
    patch = _diff(tmp_path, before, after)
    inspection = inspect_patch(patch, OPEN)
    assert {refusal.code for refusal in inspection.refusals} <= {RefusalCode.NUL_IN_TEXT_PATCH}
    assert {(file.path, file.lines_added, file.lines_removed) for file in inspection.files} == _numstat(patch)


def _diff(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> bytes:
    """git's own patch between two sets of files, made without a work tree."""
    git_dir = folder / "repo"
    if not git_dir.exists():
        make_repo(git_dir)
    trees = [_write_tree(git_dir, files) for files in (before, after)]
    return _git(git_dir, "diff-tree", "-r", "-p", "-M", "-C", "--binary", "--full-index", *trees)


def _write_tree(git_dir: Path, files: dict[str, bytes]) -> str:
    records = b""
    taken: set[str] = set()
    for path, content in sorted(files.items(), key=lambda item: item[0].count("/")):
        parents = {path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)}
        if parents & taken or any(other.startswith(f"{path}/") for other in taken):
            continue
        taken.add(path)
        blob = _git(git_dir, "hash-object", "-w", "--stdin", stdin=content).decode().strip()
        records += f"100644 {blob}\t{path}".encode() + b"\0"
    _git(git_dir, "read-tree", "--empty")
    _git(git_dir, "update-index", "-z", "--index-info", stdin=records)
    return _git(git_dir, "write-tree").decode().strip()


def _numstat(patch: bytes) -> set[tuple[str, int, int]]:
    if not patch:
        return set()
    output = _git(Path("/"), "apply", "--numstat", "-z", stdin=patch)
    counts = set()
    for record in output.split(b"\0")[:-1]:
        added, removed, path = record.decode().split("\t", 2)
        counts.add((path, int(added.replace("-", "0")), int(removed.replace("-", "0"))))
    return counts


def _git(folder: Path, *args: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(folder), "-c", "core.protectNTFS=false", *args]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=True, env=isolated_environment()
    ).stdout


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (b"diff --git a/a b b/a b\n", "a b"),
        (b"diff --git a/x b/x b/x b/x\n", "x b/x"),
        (b'diff --git "a/\\303\\244" "b/\\303\\244"\n', "ä"),
        (b'diff --git "a/q\\"q" "b/q\\"q"\n', 'q"q'),
        (b"diff --git i/x w/x\n", "x"),
    ],
)
def test_names_are_read_from_the_first_line_where_it_is_all_there_is(header: bytes, path: str) -> None:
    (file,) = inspect_patch(header + b"old mode 100644\nnew mode 100755\n", PathPolicy()).files
    assert (file.path, file.kind, file.old_mode, file.new_mode) == (
        path,
        ChangeKind.MODE_CHANGED,
        "100644",
        "100755",
    )


def test_a_large_patch_is_read_quickly_enough() -> None:
    body = b"+some text on a line of its own\n" * 300_000
    patch = b"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,300000 @@\n" + body
    (file,) = inspect_patch(patch, PathPolicy()).files
    assert file.lines_added == 300_000


def test_an_empty_patch_touches_nothing() -> None:
    inspection = inspect_patch(b"", PathPolicy())
    assert (inspection.files, inspection.refusals) == ((), ())


HALF = 500_000
ADVERSARIAL = {
    "blanks in a header": lambda n: b"diff --git " + b"a " * n + b"\nindex 1..2\n",
    "tabs in a header": lambda n: b"diff --git " + b"a/\t" * n + b"\nindex 1..2\n",
    "quotes in a header": lambda n: b"diff --git " + b' "a' * n + b"\nold mode 1\n",
    "escapes": lambda n: b'diff --git "a/' + b"\\\\" * n + b'" "b/' + b"\\\\" * n + b'"\nold mode 1\n',
    "open quote": lambda n: b'--- "a/' + b"\\a" * n + b"\n+++ b/x\n@@ -1 +1 @@\n",
    "folders": lambda n: b"--- a/" + b"d/" * n + b"x\n+++ b/" + b"d/" * n + b"x\n@@ -1 +1 @@\n-a\n+b\n",
    "mentions": lambda n: b"diff --git a/x b/x\n" * (n // 10),
    "files": lambda n: b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n" * (n // 25),
    "hunks": lambda n: b"--- a/x\n+++ b/x\n" + b"@@ -1 +1 @@\n-a\n+b\n" * (n // 10),
}


@pytest.mark.parametrize("kind", sorted(ADVERSARIAL))
def test_the_cost_of_reading_follows_the_length_of_a_patch(kind: str) -> None:
    policy = PathPolicy(allowed_paths=("src/**/x/**/y",), protected_paths=("**/a/**/b/**/c", "Makefile"))
    seconds = []
    for size in (HALF // 8, HALF):
        patch = ADVERSARIAL[kind](size)
        started = time.process_time()
        inspect_patch(patch, policy)
        seconds.append(time.process_time() - started)
    # Eight times the input; the square of that would be 64, and minutes.
    assert seconds[1] < 24 * seconds[0] + 0.5
