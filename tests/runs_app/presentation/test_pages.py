"""A patch cut into what one page can show."""

from runs_app.models import GateRefusal
from runs_app.presentation.pages import (
    FILES_PER_PAGE,
    LINES_PER_PIECE,
    OPEN_LINES_PER_PAGE,
    find_file,
    show_patch,
)


def patch_of(*lines_per_file: int) -> bytes:
    return b"".join(
        b"diff --git a/f%d b/f%d\n--- a/f%d\n+++ b/f%d\n@@ -0,0 +1,%d @@\n" % (n, n, n, n, lines)
        + b"+x\n" * lines
        for n, lines in enumerate(lines_per_file)
    )


def test_a_file_that_is_not_there_is_none() -> None:
    assert find_file(patch_of(1), 1, []) is None


def test_small_files_are_open_large_ones_closed() -> None:
    shown = show_patch(patch_of(5, 5_000, 5), [])
    assert [entry.lines is not None for entry in shown.files] == [True, False, True]
    assert (shown.total, shown.lines_added) == (3, 5_010)


def test_a_page_opens_only_so_many_lines() -> None:
    shown = show_patch(patch_of(*[300] * 20), [])
    assert sum(len(entry.lines or ()) for entry in shown.files) <= OPEN_LINES_PER_PAGE


def test_a_page_holds_only_so_many_files() -> None:
    patch = patch_of(*[1] * (FILES_PER_PAGE + 1))
    first = show_patch(patch, [])
    assert first.next_first == FILES_PER_PAGE
    rest = show_patch(patch, [], first=FILES_PER_PAGE)
    assert [entry.file.path for entry in rest.files] == [f"f{FILES_PER_PAGE}"]
    assert rest.next_first is None


def test_a_large_refused_file_is_open_at_its_beginning() -> None:
    (entry,) = show_patch(patch_of(5_000), [GateRefusal(path="f0", code="c", detail="d")]).files
    assert len(entry.lines or ()) == LINES_PER_PIECE
    assert entry.next_skip == LINES_PER_PIECE
    assert [refusal.code for refusal in entry.notes] == ["c"]


def test_a_refusal_stands_at_its_line_and_nowhere_else() -> None:
    blamed = GateRefusal(path="f1", line=10, code="line", detail="d")
    shown = show_patch(patch_of(1, 3), [blamed])
    assert [len(entry.refusals) for entry in shown.files] == [0, 1]
    lines = shown.files[1].lines or ()
    assert [line.line.patch_line for line in lines if line.refusals] == [10]
    assert list(shown.files[1].notes) == []


def test_a_refusal_of_the_header_is_a_note() -> None:
    (entry,) = show_patch(patch_of(3), [GateRefusal(path="f0", line=1, code="header", detail="d")]).files
    assert [refusal.code for refusal in entry.notes] == ["header"]
