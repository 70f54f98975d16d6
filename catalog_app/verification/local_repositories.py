"""What git reads when it fetches from a folder: all of it, wherever links, pointers and lenders lead."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from catalog_app.verification.errors import PlaceRefused

_POINTER: Final = "gitdir: "
_MAX_POINTER_BYTES = 4_096
_MAX_LENDERS_BYTES = 1 << 20
_READ_FILES = ("HEAD", "config", "packed-refs", "shallow")
_READ_FOLDERS = ("objects", "refs")


def paths_behind(place: Path) -> Iterator[Path]:
    """Every path besides `place` that git may open for it, unresolved. Each is to be checked before the next
    is asked for: what follows is read from it. Raises PlaceRefused for what cannot be read as git does."""
    try:
        # git takes the first that is a repository; which that is may change, so all of them count.
        for base in (place, place.with_name(f"{place.name}.git")):
            if base != place and os.path.lexists(base):
                yield base
            for candidate in (base / ".git", base):
                yield from _behind_candidate(candidate)
    except (OSError, ValueError):
        raise PlaceRefused("The folder cannot be read.") from None


def _behind_candidate(candidate: Path) -> Iterator[Path]:
    if candidate.is_symlink():
        yield candidate
    if candidate.is_file():
        pointer = _read(candidate, _MAX_POINTER_BYTES, is_beginning=True)
        if pointer.startswith(_POINTER):
            yield from _behind_repository(candidate.parent / _target(candidate).removeprefix(_POINTER))
    elif os.path.lexists(candidate / "HEAD"):
        yield from _behind_repository(candidate)


def _behind_repository(git_dir: Path) -> Iterator[Path]:
    yield git_dir
    folders = [git_dir]
    common = git_dir / "commondir"
    if common.is_file():
        folders.append(git_dir / _target(common))
        yield folders[-1]
    seen: set[Path] = set()
    for folder in folders:
        yield from (folder / name for name in _READ_FILES if (folder / name).is_symlink())
        for name in _READ_FOLDERS:
            yield from _links_below(folder / name, seen)
        yield from _lenders(folder / "objects", seen)


def _lenders(objects: Path, seen: set[Path]) -> Iterator[Path]:
    """The object folders that one borrows from, and those that these borrow from."""
    listed = objects / "info" / "alternates"
    if not listed.is_file():
        return
    for line in _read(listed, _MAX_LENDERS_BYTES).split("\n"):
        if not line or line.startswith("#"):
            continue
        if line.startswith('"'):
            raise PlaceRefused(
                "The repository borrows objects from a quoted path; write it without quotes in its "
                "objects/info/alternates."
            )
        lender = objects / line
        yield lender
        if lender.resolve() not in seen:
            yield from _links_below(lender, seen)
            yield from _lenders(lender, seen)


def _links_below(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """Symbolic links in a folder, and in those that they lead to."""
    if folder.is_symlink():
        yield folder
    real = folder.resolve()
    if real in seen or not real.is_dir():
        return
    seen.add(real)
    for parent, folders, files in os.walk(real):
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.is_symlink():
                yield from _links_below(path, seen)


def _target(file: Path) -> str:
    """The one path that a file of git's holds."""
    return _read(file, _MAX_POINTER_BYTES).rstrip("\r\n")


def _read(file: Path, max_bytes: int, *, is_beginning: bool = False) -> str:
    with file.open("rb") as opened:
        content = opened.read(max_bytes + 1)
    if len(content) > max_bytes and not is_beginning:
        raise PlaceRefused("The folder's pointers to other folders are longer than any path.")
    return os.fsdecode(content)
