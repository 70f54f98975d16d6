"""Patches taken apart for display: whatever comes, nothing raises and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs_app.presentation.patches import MAX_LINE_CHARS, read_lines, read_raw, split_patch

GIT_PATCH = b"""diff --git a/app/main.py b/app/main.py
index 1111111..2222222 100644
--- a/app/main.py
+++ b/app/main.py
@@ -1,4 +1,5 @@ def main():
 import os
-value = compute(1)
+value = compute(2)
 print(value)
+print("done")
 # end
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..3333333
GIT binary patch
literal 5
Mc$`bc00001

diff --git a/old name.txt b/new name.txt
similarity index 90%
rename from old name.txt
rename to new name.txt
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
index 1111111..0000000
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-bye
\\ No newline at end of file
"""


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_it_raise(patch: bytes) -> None:
    for file in split_patch(patch):
        read_lines(patch, file)
        read_raw(patch, file, limit=50)


@given(st.lists(st.sampled_from(GIT_PATCH.split(b"\n")), max_size=40))
def test_shuffled_lines_of_a_patch_are_all_within_some_file(lines: list[bytes]) -> None:
    patch = b"\n".join(lines)
    files = split_patch(patch)
    assert b"".join(patch[f.start : f.end] for f in files) == patch
    for file in files:
        assert len(read_lines(patch, file)) == file.lines


def test_text_that_is_no_patch_is_one_piece_shown_as_it_came() -> None:
    patch = b"I could not do it.\nSorry."
    (file,) = split_patch(patch)
    assert (file.kind, file.path, file.lines) == ("text", "", 0)
    assert [(line.patch_line, line.text) for line in read_raw(patch, file, limit=10)] == [
        (1, "I could not do it."),
        (2, "Sorry."),
    ]


def test_an_empty_patch_has_no_files() -> None:
    assert split_patch(b"") == ()


def test_files_of_a_git_patch_with_kind_modes_and_counts() -> None:
    files = split_patch(GIT_PATCH)
    assert [(f.path, f.old_path, f.kind) for f in files] == [
        ("app/main.py", "app/main.py", "modified"),
        ("logo.png", "logo.png", "added"),
        ("new name.txt", "old name.txt", "renamed"),
        ("run.sh", "run.sh", "mode"),
        ("gone.txt", "gone.txt", "deleted"),
    ]
    assert (files[0].lines_added, files[0].lines_removed) == (2, 1)
    assert files[1].is_binary
    assert (files[3].old_mode, files[3].new_mode) == ("100644", "100755")


def test_lines_carry_the_numbers_of_both_sides_and_of_the_patch() -> None:
    file = split_patch(GIT_PATCH)[0]
    lines = read_lines(GIT_PATCH, file)
    assert [(line.kind, line.old_number, line.new_number, line.patch_line) for line in lines] == [
        ("hunk", None, None, 5),
        ("context", 1, 1, 6),
        ("removed", 2, None, 7),
        ("added", None, 2, 8),
        ("context", 3, 3, 9),
        ("added", None, 4, 10),
        ("context", 4, 5, 11),
    ]


def test_numbers_stay_right_in_the_middle_of_a_file() -> None:
    file = split_patch(GIT_PATCH)[0]
    (line,) = read_lines(GIT_PATCH, file, skip=4, limit=1)
    assert (line.text, line.old_number, line.new_number) == ("print(value)", 3, 3)


def test_what_differs_within_a_changed_line_is_marked() -> None:
    file = split_patch(GIT_PATCH)[0]
    lines = read_lines(GIT_PATCH, file)
    assert [(piece.text, piece.is_changed) for piece in lines[3].pieces] == [
        ("value = compute(", False),
        ("2", True),
        (")", False),
    ]
    assert not any(piece.is_changed for piece in lines[5].pieces)


def test_a_missing_newline_at_the_end_is_a_note() -> None:
    file = split_patch(GIT_PATCH)[4]
    assert [(line.kind, line.text) for line in read_lines(GIT_PATCH, file)] == [
        ("hunk", "@@ -1 +0,0 @@"),
        ("removed", "bye"),
        ("note", "No newline at end of file"),
    ]


def test_a_removed_line_that_looks_like_a_header_stays_a_line() -> None:
    patch = b"diff --git a/a.sql b/a.sql\n--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1 @@\n keep\n--- a comment\n"
    (file,) = split_patch(patch)
    assert file.lines_removed == 1
    assert read_lines(patch, file)[-1].text == "-- a comment"


def test_plain_unified_diffs_have_files_too() -> None:
    patch = b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-1\n+2\n"
    assert [file.path for file in split_patch(patch)] == ["x", "y"]


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (b'diff --git "a/caf\\303\\251.txt" "b/caf\\303\\251.txt"\n', "café.txt"),
        (b"diff --git a/a b/c.txt b/a b/c.txt\n", "a b/c.txt"),
        (b'diff --git "a/tab\\there" "b/tab\\there"\n', "tab\there"),
    ],
)
def test_quoted_and_spaced_names_are_read(header: bytes, path: str) -> None:
    (file,) = split_patch(header + b"new file mode 100644\n")
    assert file.path == path


def test_very_long_lines_are_cut_and_say_so() -> None:
    patch = b"--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+" + b"x" * (MAX_LINE_CHARS + 7) + b"\n"
    line = read_lines(patch, split_patch(patch)[0])[1]
    assert (len(line.text), line.chars_cut) == (MAX_LINE_CHARS, 7)
