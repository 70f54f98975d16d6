"""Which path names a patch may use at all, on any file system a checkout may end up on. Pure."""

import re
import unicodedata
from typing import Final, NamedTuple

from runs_app.gitops.types import RefusalCode

_HFS_IGNORED: Final = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)
"""Code points that HFS+ drops from names."""

_GIT_FOLDER: Final = re.compile(r"\.git|git~\d+")
_DRIVE: Final = re.compile(r"[A-Za-z]:[/\\]")
_SEPARATORS: Final = re.compile(r"[/\\]")
_NAME_LIMIT_BYTES: Final = 255
PATH_LIMIT_BYTES: Final = 4_000
_DEPTH_LIMIT: Final = 128
"""Of folders in each other; work on a path grows with the square of its depth."""

SPECIAL_FILES: Final = frozenset({".gitmodules", ".gitattributes", ".gitignore", ".mailmap"})
"""Files that git itself reads: never symlinks, since git would follow them."""

_SHORT_NAMES: Final = {
    ".gitmodules": ("gitmod", "gi7eba"),
    ".gitattributes": ("gitatt", "gi7d29"),
    ".gitignore": ("gitign", "gi250a"),
    ".mailmap": ("mailma", "maba30"),
}
"""What their 8.3 names on Windows begin with: the first letters, or a hash from the fifth of a kind on."""

_SHORT_NAME: Final = re.compile(r"(?P<stem>[^~]{3,6})~\d+")
_BIDI_CONTROLS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""They make a name look like another one."""


class PathProblem(NamedTuple):
    code: RefusalCode
    detail: str


def find_path_problems(path: bytes) -> list[PathProblem]:
    """Everything that is wrong with a path name, whatever the policy."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return [PathProblem(RefusalCode.PATH_NOT_UTF8, "the name is not UTF-8")]
    problems: list[PathProblem] = []
    if text.startswith(("/", "\\\\")) or _DRIVE.match(text):
        problems.append(PathProblem(RefusalCode.PATH_ABSOLUTE, "the path is absolute"))
    parts = text.split("/")
    if ".." in _SEPARATORS.split(text):
        problems.append(PathProblem(RefusalCode.PATH_ESCAPES, "the path contains '..'"))
    if "." in parts or "" in parts[1:] or not text:
        problems.append(PathProblem(RefusalCode.PATCH_MALFORMED, "the path has an empty or '.' part"))
    if any(unicodedata.category(char) == "Cc" or char in _BIDI_CONTROLS for char in text):
        problems.append(
            PathProblem(RefusalCode.PATH_CONTROL_CHARACTERS, "the name contains a control character")
        )
    if any(is_git_folder_name(part) for part in _SEPARATORS.split(text)):
        problems.append(PathProblem(RefusalCode.PATH_IS_GIT_INTERNAL, "the path leads into a .git folder"))
    if len(path) > PATH_LIMIT_BYTES or any(len(part.encode()) > _NAME_LIMIT_BYTES for part in parts):
        problems.append(PathProblem(RefusalCode.PATCH_MALFORMED, "the name is too long for a file system"))
    elif len(parts) > _DEPTH_LIMIT:
        problems.append(PathProblem(RefusalCode.PATCH_MALFORMED, "the path has too many folders"))
    return problems


def is_git_folder_name(name: str) -> bool:
    """Would some file system take this name for `.git`? Case, 8.3 names, ignored characters, streams."""
    return bool(_GIT_FOLDER.fullmatch(fold_name(name)))


def is_special_file(path: str) -> bool:
    return _find_special_file(_SEPARATORS.split(path)[-1]) is not None


def is_gitmodules(path: str) -> bool:
    """Would some file system take this path for the `.gitmodules` file at the root?"""
    parts = [part for part in _SEPARATORS.split(path) if part not in ("", ".")]
    return len(parts) == 1 and _find_special_file(parts[0]) == ".gitmodules"


def fold_path(path: str) -> str:
    """The path as the least careful file system sees it."""
    return "/".join(fold_name(part) for part in _SEPARATORS.split(path))


def _find_special_file(name: str) -> str | None:
    folded = fold_name(name)
    if folded in SPECIAL_FILES:
        return folded
    if match := _SHORT_NAME.fullmatch(folded):
        stem = match["stem"]
        for special, (letters, hashed) in _SHORT_NAMES.items():
            if stem == letters or hashed.startswith(stem):
                return special
    return None


def fold_name(name: str) -> str:
    """The name as the least careful file system sees it."""
    visible = unicodedata.normalize("NFKC", name.translate(_HFS_IGNORED)).translate(_HFS_IGNORED)
    return visible.partition(":")[0].rstrip(" .").casefold()


def find_symlink_problem(path: str, target: bytes) -> PathProblem | None:
    """Does a symlink at `path` lead out of the tree, or into `.git`?

    `..` may only lead the target: there, every step is a real folder of the tree. Further on, it could turn
    back from a folder that is itself reached through a symlink, and end up anywhere.
    """
    try:
        text = target.decode()
    except UnicodeDecodeError:
        return PathProblem(RefusalCode.SYMLINK_ESCAPES, "the target is not UTF-8")
    parts = _SEPARATORS.split(text)
    if not text or any(unicodedata.category(character) == "Cc" for character in text):
        return PathProblem(RefusalCode.SYMLINK_ESCAPES, "the target is empty or has control characters")
    if parts[0] == "" or _DRIVE.match(text):
        return PathProblem(RefusalCode.SYMLINK_ESCAPES, f"the target {text} is absolute")
    if any(is_git_folder_name(part) for part in parts):
        return PathProblem(RefusalCode.SYMLINK_ESCAPES, f"the target {text} leads into a .git folder")
    steps = [part for part in parts if part not in ("", ".")]
    climbs = next((at for at, part in enumerate(steps) if part != ".."), len(steps))
    if climbs > path.count("/") or ".." in steps[climbs:]:
        return PathProblem(RefusalCode.SYMLINK_ESCAPES, f"the target {text} may leave the tree")
    return None
