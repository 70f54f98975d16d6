"""The licence files of a tree: which there are, what each says, and what those of one folder say together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog_app.verification.combining import either, together
from catalog_app.verification.detection import Detection, LicenseDetector, merge_gnu
from catalog_app.verification.paths import (
    LicenseFileRole,
    PathKind,
    find_path,
    folders_upwards,
    is_reuse_folder,
    license_file_role,
    parent,
)
from catalog_app.verification.reading import EntryKind, MirrorReader, Tree
from catalog_app.verification.texts import decode, shown

MAX_LICENSE_BYTES: Final = 512 << 10
MAX_LICENSE_FILES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding. `method`: licence text, SPDX header, package metadata. `lines`: first and last, from 1."""

    file: str
    method: str
    expression: str
    confidence: float = 1.0
    lines: tuple[int, int] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FolderLicense:
    """What the licence files right in one folder say. `further`: of other things than the folder as such."""

    expression: str
    reason: str = ""
    files: tuple[str, ...] = ()
    further: Mapping[str, Detection] = field(default_factory=dict)


class LicenseFiles:
    """The licence files of a tree, each text read and detected once."""

    def __init__(
        self,
        reader: MirrorReader,
        commit: str,
        tree: Tree,
        links: dict[str, str],
        detector: LicenseDetector,
    ) -> None:
        self._reader = reader
        self._commit = commit
        self._tree = tree
        self._links = links
        self._detector = detector
        self._by_folder: dict[str, dict[str, LicenseFileRole]] = {}
        self._detections: dict[str, Detection] = {}
        self.is_too_many = False
        for path, entry in tree.entries.items():
            folder, _, name = path.rpartition("/")
            if entry.kind == EntryKind.SUBMODULE:
                continue
            if is_reuse_folder(folder):
                self._by_folder.setdefault(folder, {})[path] = LicenseFileRole.ALTERNATIVE
            elif (role := license_file_role(name)) is not None:
                self._by_folder.setdefault(folder, {})[path] = role

    def load(self, roots: Iterable[str]) -> None:
        """Read every licence file above and below these paths, by one fetch."""
        wanted: dict[str, str] = {}
        for root in roots:
            above = set(folders_upwards(root))
            above |= {f"{folder}/LICENSES".lstrip("/") for folder in above}
            for folder, files in self._by_folder.items():
                if folder in above or not root or folder.startswith(f"{root}/"):
                    for path in files:
                        real = find_path(self._tree, path, self._links)
                        entry = self._tree.entries.get(real.real) if real.kind == PathKind.FILE else None
                        if entry is None:
                            self._detections[path] = Detection("", reason=_of_link(real.kind))
                        else:
                            wanted[path] = entry.object_id
        ids = sorted(set(wanted.values()))
        self.is_too_many = len(ids) > MAX_LICENSE_FILES
        blobs = self._reader.blobs(self._commit, ids[:MAX_LICENSE_FILES], max_bytes=MAX_LICENSE_BYTES)
        by_id: dict[str, Detection] = {}
        for object_id, blob in blobs.items():
            if blob.content is None:
                by_id[object_id] = Detection(
                    "", reason=f"{blob.size_bytes:,} bytes are too many for a licence."
                )
            elif (text := decode(blob.content)) is None:
                by_id[object_id] = Detection("", reason="The file is not a text.")
            else:
                by_id[object_id] = self._detector.detect(text)
        unread = Detection("", reason=f"There are more than {MAX_LICENSE_FILES:,} licence files.")
        for path, object_id in wanted.items():
            self._detections[path] = by_id.get(object_id, unread)

    def detection(self, path: str) -> Detection:
        return self._detections[path]

    def folders_below(self, root: str) -> list[str]:
        """Folders with licence files, strictly below a folder."""
        prefix = f"{root}/" if root else ""
        return sorted(
            folder
            for folder in self._by_folder
            if folder != root
            and folder.startswith(prefix)
            and not (is_reuse_folder(folder) and parent(folder) == root)
        )

    def of_folder(self, folder: str) -> FolderLicense | None:
        """None if no licence file is right in it, or those that are only refer to another."""
        files = self._by_folder.get(folder, {})
        reuse = self._by_folder.get(f"{folder}/LICENSES".lstrip("/"), {})
        by_role: dict[LicenseFileRole, list[str]] = {role: [] for role in LicenseFileRole}
        for path, role in files.items():
            if not self.detection(path).is_pointer:
                by_role[role].append(path)
        # With REUSE, LICENSES/ has the text of every licence that any file is under, and of no other.
        further = {path: self.detection(path) for path in (*by_role[LicenseFileRole.FURTHER], *reuse)}
        mains, alternatives = by_role[LicenseFileRole.MAIN], by_role[LicenseFileRole.ALTERNATIVE]
        used = tuple(sorted([*mains, *alternatives]))
        if not used:
            used = tuple(sorted(reuse))
            texts = [self.detection(path).expression for path in used]
            reason = self._first_reason(used)
            rest = {path: detection for path, detection in further.items() if path not in reuse}
            return FolderLicense(together(texts), reason, used, rest) if used or rest else None
        reason = self._first_reason(used)
        if reason:
            return FolderLicense("", reason, used, further)
        of_mains = merge_gnu(self.detection(path).expression for path in mains)
        of_alternatives = merge_gnu(self.detection(path).expression for path in alternatives)
        merged = merge_gnu([*of_mains, *of_alternatives])
        if set(of_mains) <= set(of_alternatives):
            expression = either(of_alternatives)
        elif len(merged) < len(of_mains) + len(of_alternatives):
            expression = together(merged)
        else:
            expression = together([*of_mains, *([either(of_alternatives)] if of_alternatives else [])])
        return FolderLicense(expression, "", used, further)

    def has_say(self, folder: str) -> bool:
        """Whether its licence files are texts, and not only references to others."""
        found = self.of_folder(folder)
        return found is not None and bool(found.files)

    def only_pointers(self, folder: str) -> list[str]:
        return [path for path in self._by_folder.get(folder, {}) if self.detection(path).is_pointer]

    def _first_reason(self, paths: Iterable[str]) -> str:
        for path in paths:
            detection = self.detection(path)
            if not detection.expression:
                return f"{shown(path)}: {detection.reason}"
        return ""

    def evidence_of(self, paths: Iterable[str]) -> list[Evidence]:
        found = []
        for path in paths:
            detection = self.detection(path)
            found.append(
                Evidence(
                    shown(path),
                    "licence text",
                    detection.expression,
                    detection.confidence,
                    detection.lines,
                    detection.reason,
                )
            )
        return found


def _of_link(kind: PathKind) -> str:
    return {
        PathKind.FOLDER: "It is a folder.",
        PathKind.MISSING: "It is a link to a file that is not there.",
        PathKind.SUBMODULE: "It is a link into another repository.",
    }.get(kind, "It is a link that leaves the repository, or one of too many.")
