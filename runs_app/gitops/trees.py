"""The part of a tree that a patch touches: read, checked and written without the rest. Does no I/O itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runs_app.gitops.objects import (
    SUBMODULE_MODE,
    SYMLINK_MODE,
    TREE_MODE,
    Directory,
    Entry,
    LooseObject,
    encode_object,
)
from runs_app.gitops.types import ObjectId, RefusalCode

ReadTrees = Callable[[Sequence[ObjectId]], list[Directory]]


@dataclass(frozen=True, slots=True)
class Clash:
    """Something stands where a path must go."""

    code: RefusalCode
    path: bytes
    detail: str


@dataclass(slots=True)
class EditedTree:
    root: ObjectId
    new_objects: list[LooseObject] = field(default_factory=list)
    """Children before their parents."""
    new_directories: dict[ObjectId, Directory] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)


class TouchedTree:
    """The folders of a tree on the way to some paths."""

    def __init__(self, root: ObjectId, paths: Iterable[bytes], read: ReadTrees, object_format: str) -> None:
        self._root_id = root
        self._object_format = object_format
        self._directories: dict[bytes, Directory] = {}
        self._load({prefix for path in paths for prefix in _folders(path)}, read)

    def find(self, path: bytes) -> Entry | None:
        """The entry at a path, a folder too; None if there is none."""
        folder, _, name = path.rpartition(b"/")
        directory = self._directories.get(folder)
        return directory.find(name) if directory else None

    def find_file(self, path: bytes) -> Entry | None:
        """The entry at a path if it is a file, a symlink or a submodule."""
        entry = self.find(path)
        return None if entry is None or entry.mode == TREE_MODE else entry

    def find_obstacle(self, path: bytes) -> tuple[bytes, int] | None:
        """The first part of the path that is no folder but something else, with its mode."""
        for folder in _folders(path)[1:]:
            entry = self.find(folder)
            if entry is None:
                return None
            if entry.mode != TREE_MODE:
                return folder, entry.mode
        return None

    def edit(self, changes: Mapping[bytes, Entry | None]) -> EditedTree:
        """The tree with files set, or removed where the value is None. Folders left empty go."""
        edited = EditedTree(self._root_id)
        top = _Node()
        for path, entry in changes.items():
            top.add(path.split(b"/"), entry)
        root = self._rebuild(top, b"", edited)
        if root is None:
            empty = encode_object("tree", b"", self._object_format)
            edited.new_objects.append(empty)
            root = bytes.fromhex(empty.object_id)
        edited.root = ObjectId(root.hex())
        return edited

    def _load(self, folders: set[bytes], read: ReadTrees) -> None:
        """Read folders level by level, each level in one exchange with git."""
        wanted = {b"": self._root_id}
        while wanted:
            found = read(list(wanted.values()))
            self._directories.update(zip(wanted, found, strict=True))
            read_now = set(wanted)
            wanted = {}
            for folder in folders:
                parent = folder.rpartition(b"/")[0]
                if folder and parent in read_now and folder not in self._directories:
                    entry = self.find(folder)
                    if entry is not None and entry.mode == TREE_MODE:
                        wanted[folder] = ObjectId(entry.object_id.hex())

    def _rebuild(self, node: "_Node", folder: bytes, edited: EditedTree) -> bytes | None:
        """Id of the folder with the changes of `node` made, None if nothing is left of it."""
        directory = self._directories.get(folder) or Directory(b"", [])
        edits: dict[bytes, Entry | None] = {}
        for name, child in node.children.items():
            path = folder + b"/" + name if folder else name
            existing = directory.find(name)
            if not child.children:
                if child.entry is not None and existing is not None and existing.mode == TREE_MODE:
                    edited.clashes.append(Clash(RefusalCode.PATH_CLASH, path, "a folder of this name exists"))
                edits[name] = child.entry
                continue
            blocker = existing if existing is not None and existing.mode != TREE_MODE else None
            if child.is_changed:
                blocker = child.entry
            subtree = self._rebuild(child, path, edited)
            if subtree is None:
                edits[name] = blocker
                continue
            if blocker is not None:
                edited.clashes.append(describe_clash(path, blocker.mode))
            edits[name] = Entry(TREE_MODE, subtree)
        successor = directory.edited(edits)
        if not successor.body:
            return None
        tree = encode_object("tree", successor.body, self._object_format)
        edited.new_objects.append(tree)
        edited.new_directories[tree.object_id] = successor
        return bytes.fromhex(tree.object_id)


def describe_clash(path: bytes, mode: int) -> Clash:
    """Why nothing can be put below a path of this mode."""
    if mode == SYMLINK_MODE:
        return Clash(RefusalCode.PATH_THROUGH_SYMLINK, path, "this part of the path is a symlink")
    if mode == SUBMODULE_MODE:
        return Clash(RefusalCode.SUBMODULE_NOT_ALLOWED, path, "this part of the path is a submodule")
    return Clash(RefusalCode.PATH_CLASH, path, "this part of the path is a file")


@dataclass(slots=True)
class _Node:
    """Changes by folder. `entry` is what a change puts at the node itself, if `is_changed`."""

    children: dict[bytes, "_Node"] = field(default_factory=dict)
    is_changed: bool = False
    entry: Entry | None = None

    def add(self, parts: Sequence[bytes], entry: Entry | None) -> None:
        node = self
        for part in parts:
            node = node.children.setdefault(part, _Node())
        node.is_changed, node.entry = True, entry


def _folders(path: bytes) -> list[bytes]:
    """The root and every folder above a path: `a/b/c` gives ``, `a`, `a/b`."""
    parts = path.split(b"/")
    return [b"/".join(parts[:depth]) for depth in range(len(parts))]
