"""The rules of DESIGN §5 that a patch's text alone can break."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from runs_app.gitops.inspection.model import Hunk, PatchedFile
from runs_app.gitops.inspection.parser import parse_patch
from runs_app.gitops.objects import EXECUTABLE_MODE, FILE_MODE, SUBMODULE_MODE, SYMLINK_MODE
from runs_app.gitops.paths import (
    PATH_LIMIT_BYTES,
    find_path_problems,
    fold_path,
    is_gitmodules,
    is_special_file,
)
from runs_app.gitops.patterns import matches_patterns
from runs_app.gitops.types import ChangeKind, FileChange, PathPolicy, Refusal, RefusalCode

_PLAIN_MODES: Final = (FILE_MODE, EXECUTABLE_MODE)
_UNPACKED_LIMIT_FACTOR: Final = 20
"""All binary changes of a patch together unpack to at most so many files of the largest size allowed."""
_HEX_ID_LENGTHS: Final = (40, 64)


@dataclass(frozen=True, slots=True)
class Inspection:
    """`files` in the order of the patch, as far as it could be read. `header_lines` and `hunk_lines` find the
    place of a path, or of its hunk that starts at a line of the old file, in the patch."""

    files: tuple[FileChange, ...]
    refusals: tuple[Refusal, ...]
    header_lines: Mapping[str, int] = field(default_factory=dict)
    hunk_lines: Mapping[tuple[str, int], int] = field(default_factory=dict)
    binary_results: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By path, the ids that binary changes say they make."""

    @property
    def touched_paths(self) -> frozenset[str]:
        return frozenset(path for file in self.files for path in (file.path, file.old_path))


def inspect_patch(patch: bytes, policy: PathPolicy) -> Inspection:
    """Every rule that the patch breaks, with path and line. Never raises, whatever the bytes.

    An empty patch is fine and touches nothing; other text without a change in it is refused.
    """
    if len(patch) > policy.max_patch_bytes:
        detail = f"the patch has {len(patch)} bytes; {policy.max_patch_bytes} are allowed"
        return Inspection((), (Refusal(RefusalCode.PATCH_TOO_LARGE, detail),))
    refusals: list[Refusal] = []
    if (nul_at := patch.find(b"\0")) >= 0:
        line = patch.count(b"\n", 0, nul_at) + 1
        detail = "NUL byte; git would end the name or line here. Use `git diff --binary` for binary files"
        refusals.append(Refusal(RefusalCode.NUL_IN_TEXT_PATCH, detail, line=line))
    files, error = parse_patch(patch)
    if error is not None:
        refusals.append(Refusal(error.code, error.detail, show_path(error.path), error.line))
    elif patch and not files:
        refusals.append(
            Refusal(RefusalCode.PATCH_NO_EFFECT, "the text contains no change in unified diff form")
        )
    if len(files) > policy.max_files:
        detail = f"the patch touches {len(files)} files; {policy.max_files} are allowed"
        refusals.append(Refusal(RefusalCode.TOO_MANY_FILES, detail))
    unpacked = sum(file.unpacked_size for file in files)
    limit = _UNPACKED_LIMIT_FACTOR * policy.max_file_bytes
    if unpacked > limit:
        detail = f"the binary changes unpack to {unpacked} bytes; {limit} are allowed"
        refusals.append(Refusal(RefusalCode.PATCH_TOO_LARGE, detail))
    for file in files[: policy.max_files]:
        refusals.extend(_file_refusals(file, policy))
    return Inspection(
        files=tuple(_describe(file) for file in files),
        refusals=tuple(dict.fromkeys(refusals)),
        header_lines={show_path(file.path): file.line for file in reversed(files)},
        hunk_lines={(show_path(f.path), h.old_start): h.line for f in reversed(files) for h in f.hunks},
        binary_results=_binary_results(files),
    )


def find_policy_refusal(path: str, policy: PathPolicy, line: int | None) -> Iterator[Refusal]:
    """What the policy has against a change of this path."""
    if policy.allowed_paths and not matches_patterns(path, policy.allowed_paths):
        detail = f"outside the allowed paths ({', '.join(policy.allowed_paths)})"
        yield Refusal(RefusalCode.PATH_NOT_ALLOWED, detail, path, line)
    # A protected file must not be reachable by another spelling on a less careful file system.
    spellings = {path, fold_path(path)}
    if any(matches_patterns(it, policy.protected_paths, is_case_sensitive=False) for it in spellings):
        yield Refusal(RefusalCode.PATH_PROTECTED, "the project protects this path", path, line)


def find_mode_refusal(mode: int, path: str, policy: PathPolicy, line: int | None) -> Iterator[Refusal]:
    """What speaks against a file of this mode."""
    if mode == SYMLINK_MODE:
        if not policy.allow_symlinks:
            yield Refusal(RefusalCode.SYMLINK_NOT_ALLOWED, "the project allows no symlinks", path, line)
        elif is_special_file(path):
            yield Refusal(
                RefusalCode.SYMLINK_NOT_ALLOWED, "git reads this file; it cannot be a link", path, line
            )
    elif mode == SUBMODULE_MODE:
        if not policy.allow_submodules:
            yield Refusal(RefusalCode.SUBMODULE_NOT_ALLOWED, "the project allows no submodules", path, line)
    elif mode not in _PLAIN_MODES:
        detail = f"mode {mode:06o}; files are 100644 or 100755"
        yield Refusal(RefusalCode.MODE_NOT_ALLOWED, detail, path, line)


def show_path(path: bytes) -> str:
    """A path for people. Paths that are not UTF-8 are refused; they appear with escapes."""
    return path.decode(errors="backslashreplace")


def _file_refusals(file: PatchedFile, policy: PathPolicy) -> Iterator[Refusal]:
    for name in dict.fromkeys(name for name in (file.old_path, file.new_path) if name is not None):
        shown = show_path(name)
        for problem in find_path_problems(name):
            yield Refusal(problem.code, problem.detail, shown, file.line)
        is_copy_source = file.is_copy and name == file.old_path
        # What is no path anyway is spared the patterns, whose cost grows fast with a path's length.
        if not is_copy_source and len(name) <= PATH_LIMIT_BYTES:
            yield from find_policy_refusal(shown, policy, file.line)
    path = show_path(file.path)
    if not _has_effect(file):
        detail = "the header announces no change"
        yield Refusal(RefusalCode.PATCH_NO_EFFECT, detail, path, file.line)
    yield from _mode_refusals(file, path, policy)
    if is_gitmodules(path) and not file.is_deleted and not policy.allow_submodules:
        detail = "the project allows no submodules"
        yield Refusal(RefusalCode.SUBMODULE_NOT_ALLOWED, detail, path, file.line)
    if file.binary_size > policy.max_file_bytes:
        detail = f"{file.binary_size} bytes; {policy.max_file_bytes} are allowed"
        yield Refusal(RefusalCode.FILE_TOO_LARGE, detail, path, file.line)
    if file.is_binary and (
        len(file.old_id) not in _HEX_ID_LENGTHS or len(file.new_id) not in _HEX_ID_LENGTHS
    ):
        detail = "a binary change needs full object ids; make the patch with `git diff --binary --full-index`"
        yield Refusal(RefusalCode.PATCH_MALFORMED, detail, path, file.line)
    if file.is_binary and file.old_id == file.new_id:
        detail = "a binary change from a content to itself"
        yield Refusal(RefusalCode.PATCH_MALFORMED, detail, path, file.line)
    for hunk in file.hunks:
        if _lacks_context(hunk, is_only=len(file.hunks) == 1):
            detail = "the hunk has no context lines; make the patch with at least one (`git diff -U3`)"
            yield Refusal(RefusalCode.ZERO_CONTEXT_HUNK, detail, path, hunk.line)
        if file.is_new and hunk.old_count:
            detail = "a new file cannot have old lines"
            yield Refusal(RefusalCode.PATCH_MALFORMED, detail, path, hunk.line)
        if file.is_deleted and hunk.lines_added:
            detail = "a deleted file cannot have new lines"
            yield Refusal(RefusalCode.PATCH_MALFORMED, detail, path, hunk.line)


def _binary_results(files: list[PatchedFile]) -> dict[str, frozenset[str]]:
    results: dict[str, frozenset[str]] = {}
    for file in files:
        if file.is_binary:
            path = show_path(file.path)
            results[path] = results.get(path, frozenset()) | {file.new_id.decode()}
    return results


def _has_effect(file: PatchedFile) -> bool:
    is_mode_changed = file.new_mode is not None and file.new_mode != file.old_mode
    is_file_changed = file.is_new or file.is_deleted or file.is_rename or file.is_copy
    return bool(file.hunks) or file.is_binary or is_file_changed or is_mode_changed


def _mode_refusals(file: PatchedFile, path: str, policy: PathPolicy) -> Iterator[Refusal]:
    modes = {file.new_mode if file.new_mode is not None else file.old_mode}
    if file.is_deleted:
        # Removing a link or an odd file is fine; a submodule takes others with it.
        modes = {file.old_mode} & {SUBMODULE_MODE}
    elif file.old_mode == SUBMODULE_MODE:
        modes.add(SUBMODULE_MODE)
    for mode in sorted(mode for mode in modes if mode is not None):
        yield from find_mode_refusal(mode, path, policy, file.line)


def _lacks_context(hunk: Hunk, *, is_only: bool) -> bool:
    """Without context, git can only guess where a hunk belongs. The one hunk that replaces a whole file, or
    fills an empty one, needs none: git holds such a hunk to both ends of the file."""
    if hunk.leading_context or hunk.trailing_context:
        return False
    starts_at_top = hunk.old_start == 1 if hunk.old_count else hunk.old_start == 0
    return not (is_only and starts_at_top)


def _describe(file: PatchedFile) -> FileChange:
    path = show_path(file.path)
    old_path = show_path(file.old_path) if file.old_path is not None else path
    has_mode_change = file.new_mode is not None and file.old_mode not in (None, file.new_mode)
    kind = ChangeKind.MODIFIED
    if file.is_new:
        kind = ChangeKind.ADDED
    elif file.is_deleted:
        kind = ChangeKind.DELETED
    elif file.is_rename:
        kind = ChangeKind.RENAMED
    elif file.is_copy:
        kind = ChangeKind.COPIED
    elif has_mode_change and not file.hunks and not file.is_binary:
        kind = ChangeKind.MODE_CHANGED
    return FileChange(
        path=path,
        old_path=old_path,
        kind=kind,
        old_mode="" if file.old_mode is None or file.is_new else f"{file.old_mode:06o}",
        new_mode="" if file.is_deleted else _show_mode(file.new_mode, file.old_mode),
        is_binary=file.is_binary,
        lines_added=sum(hunk.lines_added for hunk in file.hunks),
        lines_removed=sum(hunk.lines_removed for hunk in file.hunks),
    )


def _show_mode(*modes: int | None) -> str:
    return next((f"{mode:06o}" for mode in modes if mode is not None), "")
