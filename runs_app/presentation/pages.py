"""A patch cut into what one page can show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from runs_app.models import GateRefusal
from runs_app.presentation.patches import DiffLine, PatchFile, read_lines, read_raw, split_patch

FILES_PER_PAGE = 100
OPEN_LINES_PER_FILE = 400
OPEN_LINES_PER_PAGE = 1_500
LINES_PER_PIECE = 1_500


@dataclass(frozen=True, slots=True)
class ShownLine:
    line: DiffLine
    refusals: Sequence[GateRefusal] = ()


@dataclass(frozen=True, slots=True)
class ShownFile:
    """`lines` is None while the file is closed; `next_skip` is where the rest begins, if there is one.

    `notes` are the refusals that blame no shown line: of the file as a whole, or of its header.
    """

    file: PatchFile
    lines: Sequence[ShownLine] | None
    refusals: Sequence[GateRefusal] = ()
    next_skip: int | None = None
    skip: int = 0
    is_raw: bool = False
    notes: Sequence[GateRefusal] = ()

    @property
    def is_empty(self) -> bool:
        return self.lines is not None and not self.lines


@dataclass(frozen=True, slots=True)
class ShownPatch:
    files: Sequence[ShownFile]
    total: int
    lines_added: int
    lines_removed: int
    next_first: int | None


def show_patch(patch: bytes, refusals: Iterable[GateRefusal], *, first: int = 0) -> ShownPatch:
    """A page of files from the `first`; small ones are open, and every one that was refused."""
    files = split_patch(patch)
    blame = list(refusals)
    budget = OPEN_LINES_PER_PAGE
    shown = []
    for file in files[first : first + FILES_PER_PAGE]:
        blamed = _blamed(file, blame)
        is_open = file.lines <= min(budget, OPEN_LINES_PER_FILE) or (bool(blamed) and budget > 0)
        if is_open:
            entry = show_file(patch, file, blamed)
            budget -= len(entry.lines or ())
        else:
            entry = ShownFile(file, None, blamed)
        shown.append(entry)
    last = first + FILES_PER_PAGE
    return ShownPatch(
        shown,
        total=len(files),
        lines_added=sum(file.lines_added for file in files),
        lines_removed=sum(file.lines_removed for file in files),
        next_first=last if last < len(files) else None,
    )


def show_file(
    patch: bytes, file: PatchFile, refusals: Sequence[GateRefusal] = (), *, skip: int = 0
) -> ShownFile:
    """A piece of one file, opened."""
    is_raw = not file.lines and file.kind == "text"
    if is_raw:
        lines = read_raw(patch, file, limit=LINES_PER_PIECE)
    else:
        lines = read_lines(patch, file, skip=skip, limit=LINES_PER_PIECE)
    by_line: Mapping[int, list[GateRefusal]] = {line.patch_line: [] for line in lines}
    first_line = min(by_line, default=file.last_line + 1)
    notes = []
    for refusal in refusals:
        if refusal.line is not None and refusal.line in by_line:
            by_line[refusal.line].append(refusal)
        elif not skip and (refusal.line is None or refusal.line < first_line):
            notes.append(refusal)
    end = skip + len(lines)
    return ShownFile(
        file,
        [ShownLine(line, by_line[line.patch_line]) for line in lines],
        refusals,
        next_skip=end if end < file.lines else None,
        skip=skip,
        is_raw=is_raw,
        notes=notes,
    )


def find_file(
    patch: bytes, index: int, refusals: Iterable[GateRefusal], *, skip: int = 0
) -> ShownFile | None:
    """One file of a patch, opened at `skip`."""
    files = split_patch(patch)
    if index >= len(files):
        return None
    return show_file(patch, files[index], _blamed(files[index], list(refusals)), skip=skip)


def _blamed(file: PatchFile, refusals: Iterable[GateRefusal]) -> list[GateRefusal]:
    """Refusals of this file: by line where there is one, else by path."""
    found = []
    for refusal in refusals:
        if refusal.line is not None:
            is_here = file.first_line <= refusal.line <= file.last_line
        else:
            is_here = bool(refusal.path) and refusal.path in (file.path, file.old_path)
        if is_here:
            found.append(refusal)
    return found
