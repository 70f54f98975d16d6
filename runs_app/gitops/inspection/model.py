"""A patch taken apart: files, hunks and the places where they stand. Paths are still bytes here."""

from dataclasses import dataclass, field

from runs_app.gitops.types import RefusalCode


class PatchSyntaxError(Exception):
    """The patch cannot be read on from here."""

    def __init__(self, code: RefusalCode, detail: str, line: int, path: bytes = b"") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.line = line
        self.path = path


@dataclass(frozen=True, slots=True)
class Hunk:
    """`line` is that of the `@@` header, counted from 1. Context is counted before the first and after the
    last changed line."""

    line: int
    old_start: int
    old_count: int
    leading_context: int
    trailing_context: int
    lines_added: int
    lines_removed: int


@dataclass(slots=True)
class PatchedFile:
    """One file of a patch as its header tells it. A path is None where the header says there is no file."""

    line: int
    old_path: bytes | None = None
    new_path: bytes | None = None
    old_mode: int | None = None
    new_mode: int | None = None
    is_new: bool = False
    is_deleted: bool = False
    is_rename: bool = False
    is_copy: bool = False
    is_binary: bool = False
    binary_size: int = 0
    """Bytes of the new content that a binary change declares."""
    unpacked_size: int = 0
    """Bytes that git unpacks to read a binary change, the way back included."""
    old_id: bytes = b""
    new_id: bytes = b""
    has_name_lines: bool = False
    """Were there `---` and `+++` lines, which hunks must follow?"""
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def path(self) -> bytes:
        return self.new_path if self.new_path is not None else self.old_path or b""
