"""Paths of a source within a tree: what is there, and which files above and below it are licences."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from catalog_app.verification.headers import SOURCE_EXTENSIONS
from catalog_app.verification.reading import EntryKind, Tree

_MAX_LINKS = 8
_STEM = r"(?:licen[sc]es?|copying|unlicen[sc]e)"
_LICENSE_FILE = re.compile(
    rf"(?i)(?:(?P<front>[a-z0-9][a-z0-9._-]*)[-_])?(?P<stem>{_STEM})(?:[-_.](?P<back>[a-z0-9.+_-]+))?"
)
_EXTENSION = re.compile(r"(?i)\.(?:txt|md|rst|markdown|adoc|html)$")
_LICENSE_WORD = re.compile(
    r"(?i)v?\d[\d.]*|(?:the[-_])?(?:mit|x11|apache|asl|bsd|gpl|lgpl|agpl|gnu|mpl|epl|cddl|isc|zlib|boost|bsl|unlicense|cc0|"
    r"cc|psf|wtfpl|0bsd|ofl|lesser|lib|affero|eupl|artistic|postgresql)(?:[-_.v]?[\d.]+)?"
    r"(?:[-_](?:clause|only|or-later|license|2\.0))*"
)


class PathKind(StrEnum):
    FOLDER = "folder"
    FILE = "file"
    MISSING = "missing"
    SUBMODULE = "submodule"
    """Another repository: its files are not in this one."""
    OUTSIDE = "outside"
    """A link that leaves the repository, leads in circles, or was not read because there are too many."""


# Links that were read have been followed by then.
_KINDS = {
    EntryKind.FILE: PathKind.FILE,
    EntryKind.SUBMODULE: PathKind.SUBMODULE,
    EntryKind.SYMLINK: PathKind.OUTSIDE,
}


@dataclass(frozen=True, slots=True)
class FoundPath:
    """`path` as asked for, `real` where links lead; empty for the whole repository."""

    path: str
    real: str
    kind: PathKind

    @property
    def is_there(self) -> bool:
        return self.kind in (PathKind.FOLDER, PathKind.FILE)


class LicenseFileRole(StrEnum):
    MAIN = "main"
    """`LICENSE`, `COPYING.md`."""
    ALTERNATIVE = "alternative"
    """`LICENSE-MIT`, `UNLICENSE`: one of several to choose from, if there are several."""
    FURTHER = "further"
    """`LICENSE-ENTERPRISE`, `LICENSE.third-party`: of something else in the folder."""


def clean_path(path: str) -> str:
    """A curator's path as git writes it; empty for the whole repository. Raises ValueError for one that leads
    out of it."""
    if "\0" in path:
        raise ValueError("a path holds no NUL")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError("a path within a repository has no '..'")
    return "/".join(parts)


def find_path(tree: Tree, path: str, links: dict[str, str]) -> FoundPath:
    """What is at a path. `links`: the targets of the tree's symbolic links, by their paths."""
    try:
        at = clean_path(path)
    except ValueError:
        return FoundPath(path, path, PathKind.OUTSIDE)
    for _ in range(_MAX_LINKS):
        link = next((upper for upper in _uppers(at) if upper in links), None)
        if link is None:
            return FoundPath(path, at, _kind(tree, at))
        target = posixpath.normpath(posixpath.join(posixpath.dirname(link), links[link]))
        if links[link].startswith("/") or target.split("/")[0] == "..":
            return FoundPath(path, at, PathKind.OUTSIDE)
        rest = at[len(link) :].lstrip("/")
        at = clean_path(posixpath.join(target, rest))
    return FoundPath(path, at, PathKind.OUTSIDE)


def folders_upwards(folder: str) -> Iterator[str]:
    """The folder, those above it, and last the root (empty)."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def parent(path: str) -> str:
    """The folder of a path; empty for the root, and for what is right in it."""
    return path.rpartition("/")[0]


def license_file_role(name: str) -> LicenseFileRole | None:
    """What a file says by its name; None if it is no licence file."""
    match = _LICENSE_FILE.fullmatch(_EXTENSION.sub("", name))
    if match is None:
        return None
    front, back = match["front"] or "", match["back"] or ""
    is_unlicense = match["stem"].lower().startswith("un")
    if not front and not back:
        return LicenseFileRole.ALTERNATIVE if is_unlicense else LicenseFileRole.MAIN
    if all(not word or _LICENSE_WORD.fullmatch(word) for word in (front, back)):
        return LicenseFileRole.ALTERNATIVE
    # Lower case is for pages and programs about licences: license-checker.md, License.java. A dot in front
    # is for what bundlers write beside their output: main.js.LICENSE.txt.
    if back.rpartition(".")[2].lower() in SOURCE_EXTENSIONS or "." in front:
        return None
    is_shouted = match["stem"].isupper() if front else match["stem"][0].isupper()
    return LicenseFileRole.FURTHER if is_shouted or (front and front.isupper()) else None


def is_reuse_folder(folder: str) -> bool:
    """`LICENSES/` of the REUSE convention: texts by their SPDX ids."""
    return folder.rpartition("/")[2] == "LICENSES"


def _uppers(path: str) -> list[str]:
    """Shortest first, so that a link to a folder is seen before what lies beyond it."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _kind(tree: Tree, path: str) -> PathKind:
    if path in tree.folders:
        return PathKind.FOLDER
    entry = tree.entries.get(path)
    if entry is not None:
        return _KINDS[entry.kind]
    for upper in _uppers(path):
        above = tree.entries.get(upper)
        if above is not None and above.kind == EntryKind.SUBMODULE:
            return PathKind.SUBMODULE
    return PathKind.MISSING
