"""Which licence holds at the paths of a source, and what else lies below them: each with its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog_app.licensing import parse_license
from catalog_app.verification.combining import together
from catalog_app.verification.detection import LicenseDetector, with_later
from catalog_app.verification.headers import (
    PACKAGE_FILES,
    SOURCE_EXTENSIONS,
    Header,
    find_declaration,
    find_header,
)
from catalog_app.verification.license_files import (
    MAX_LICENSE_FILES,
    Evidence,
    FolderLicense,
    LicenseFiles,
)
from catalog_app.verification.paths import (
    FoundPath,
    PathKind,
    find_path,
    folders_upwards,
    is_reuse_folder,
    parent,
)
from catalog_app.verification.reading import EntryKind, MirrorReader, Tree
from catalog_app.verification.riders import find_unmet_name
from catalog_app.verification.texts import decode, shown

MAX_SOURCE_BYTES: Final = 1 << 20
MAX_HEADER_FILES: Final = 300
MAX_EXPRESSION_LENGTH: Final = 900
MAX_EFFECTIVE_LENGTH: Final = 3_900
_MAX_LINKS_READ = 2_000
# `logo.png.license` speaks for the file beside it (REUSE).
_EXTENSIONS_OF_HEADERS = SOURCE_EXTENSIONS | {"license"}
_SHOWN_HEADERS = 60
_MOST_EVIDENCE = 300
_MOST_NESTED = 200


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found at one commit. Expressions are empty where the licence is unknown, and `reason` says
    why. `detected` is the licence at the paths; `effective` that of everything below them, all at once;
    `nested` maps what differs below (folders, or files that say so themselves) to its expression."""

    commit: str
    paths: tuple[FoundPath, ...]
    detected: str
    effective: str
    reason: str = ""
    effective_reason: str = ""
    nested: Mapping[str, str] = field(default_factory=dict)
    """At most so many that a person would read them, the unknown ones first."""
    nested_left_out: int = 0
    evidence: tuple[Evidence, ...] = ()
    below: tuple[str, ...] = ()
    """Expressions of what is nested, each once."""
    is_below_known: bool = True
    contradictions: tuple[str, ...] = ()
    detector: str = ""
    header_files: int = 0
    header_files_read: int = 0

    @property
    def missing_paths(self) -> tuple[FoundPath, ...]:
        return tuple(path for path in self.paths if not path.is_there)


def inspect_source(
    reader: MirrorReader, commit: str, paths: Sequence[str], detector: LicenseDetector
) -> Inspection:
    """Look at the paths (none: the whole repository) of a commit. Fetches what a partial mirror lacks."""
    tree = reader.tree(commit)
    links = _read_links(reader, commit, tree)
    found = tuple(find_path(tree, path, links) for path in (paths or [""]))
    if not all(path.is_there for path in found):
        return Inspection(commit, found, "", "", detector=detector.name)
    licenses = LicenseFiles(reader, commit, tree, links, detector)
    licenses.load([path.real for path in found])
    findings = [_inspect_path(reader, commit, tree, path, licenses) for path in found]
    return _join(commit, found, findings, detector)


@dataclass(slots=True)
class _Finding:
    """Of one path."""

    expression: str = ""
    reason: str = ""
    further: dict[str, str] = field(default_factory=dict)
    """What else is below, as `Inspection.nested`; empty values are unknown licences."""
    problems: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    pointers: list[str] = field(default_factory=list)
    """Files that only refer to a licence: at the path or above it, up to the licence file that holds."""
    pointers_below: list[str] = field(default_factory=list)
    header_files: int = 0
    header_files_read: int = 0


def _inspect_path(
    reader: MirrorReader, commit: str, tree: Tree, path: FoundPath, licenses: LicenseFiles
) -> _Finding:
    finding = _Finding()
    folder = path.real if path.kind == PathKind.FOLDER else parent(path.real)
    base, at = _nearest(licenses, folder, finding)
    headers = _read_headers(reader, commit, tree, path, licenses, finding)
    is_own = base is not None and path.kind == PathKind.FOLDER and at == folder
    _settle(finding, base, headers, is_own=is_own)
    if base is not None and at == folder:
        for further, detection in base.further.items():
            _add_further(finding, further, detection.expression, detection.reason)
            finding.evidence += licenses.evidence_of([further])
    if path.kind == PathKind.FOLDER:
        for below in licenses.folders_below(path.real):
            _add_nested(licenses, below, finding)
    _heed_pointers(licenses, finding)
    if licenses.is_too_many:
        finding.problems.append(f"There are more than {MAX_LICENSE_FILES:,} licence files.")
    _compare_declaration(reader, commit, tree, folder, finding)
    return finding


def _nearest(licenses: LicenseFiles, folder: str, finding: _Finding) -> tuple[FolderLicense | None, str]:
    """The licence files that hold for a folder: its own, else of the nearest folder above."""
    for at in folders_upwards(folder):
        found = licenses.of_folder(at)
        if found is not None and found.files:
            finding.evidence += licenses.evidence_of(found.files)
            return found, at
        pointers = licenses.only_pointers(at)
        finding.pointers += pointers
        finding.evidence += licenses.evidence_of(pointers)
    return None, ""


def _settle(
    finding: _Finding, base: FolderLicense | None, headers: Mapping[str, Header], *, is_own: bool
) -> None:
    """The licence at the path, from its licence file and the headers of its files."""
    by_header = _by_expression(headers)
    said = [expression for expression in by_header if expression]
    covers_all = len(headers) == finding.header_files_read > 0
    if "" in by_header:
        first = by_header[""][0]
        finding.problems.append(
            f"{shown(first)} names “{headers[first].written}”, which is no licence that is known."
        )
    if base is None or (covers_all and not is_own and said):
        finding.expression = together(sorted(said))
        if base is None and not said:
            finding.reason = (
                "There is no licence file at the path or above it, and no SPDX header in its files."
            )
        elif base is None and not covers_all:
            finding.expression = ""
            finding.reason = "There is no licence file, and only some of the files have an SPDX header."
        return
    finding.expression, finding.reason = base.expression, base.reason
    if not base.expression:
        return
    if set(said) == {with_later(base.expression)}:
        # The text of a GNU licence leaves open what the headers say.
        finding.expression = said[0]
        return
    differing = [expression for expression in said if expression not in (base.expression, finding.expression)]
    for expression in differing:
        files = by_header[expression]
        finding.contradictions.append(
            f"{len(files)} of {finding.header_files_read} files say {expression}, such as {shown(files[0])}; "
            f"the licence file says {base.expression}."
        )
        finding.further[files[0]] = expression
    agreeing = len(by_header.get(base.expression, []))
    if differing and not agreeing and 2 * len(headers) >= finding.header_files_read:
        # Not a vendored file here and there: the files as a whole say otherwise.
        finding.expression = together([base.expression, *sorted(differing)])


def _by_expression(headers: Mapping[str, Header]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for path in sorted(headers):
        grouped.setdefault(headers[path].expression, []).append(path)
    return grouped


def _add_nested(licenses: LicenseFiles, folder: str, finding: _Finding) -> None:
    if is_reuse_folder(folder):
        # Of the folder that it is in.
        folder = parent(folder)
    found = licenses.of_folder(folder)
    pointers = licenses.only_pointers(folder)
    finding.pointers_below += pointers
    finding.evidence += licenses.evidence_of(pointers)
    if found is None:
        return
    if found.files:
        _add_further(finding, folder, found.expression, found.reason)
        finding.evidence += licenses.evidence_of(found.files)
    for path, detection in found.further.items():
        _add_further(finding, path, detection.expression, detection.reason)
        finding.evidence += licenses.evidence_of([path])


def _heed_pointers(licenses: LicenseFiles, finding: _Finding) -> None:
    """A file that names a licence which was found nowhere refers to something that is not known."""
    known = [finding.expression, *finding.further.values()]
    for path in finding.pointers_below:
        if problem := find_unmet_name(licenses.detection(path).names, known):
            _add_further(finding, path, "", problem)
    for path in finding.pointers if finding.expression else ():
        if problem := find_unmet_name(licenses.detection(path).names, known):
            finding.expression, finding.reason = "", f"{shown(path)}: {problem}"


def _add_further(finding: _Finding, path: str, expression: str, reason: str) -> None:
    finding.further[path] = expression
    if not expression:
        finding.problems.append(reason if reason.startswith(shown(path)) else f"{shown(path)}: {reason}")


def _read_headers(
    reader: MirrorReader,
    commit: str,
    tree: Tree,
    path: FoundPath,
    licenses: LicenseFiles,
    finding: _Finding,
) -> dict[str, Header]:
    """SPDX headers of the path's own files: not of those below a nested licence file, which has its say."""
    nested = [f"{folder}/" for folder in licenses.folders_below(path.real) if licenses.has_say(folder)]
    candidates = [
        file
        for file in tree.below(path.real)
        if tree.entries[file].kind == EntryKind.FILE
        and file.rpartition(".")[2].lower() in _EXTENSIONS_OF_HEADERS
        and "." in file
        and not file.startswith(tuple(nested))
    ]
    finding.header_files = len(candidates)
    chosen = _spread(candidates, MAX_HEADER_FILES)
    blobs = reader.blobs(
        commit, [tree.entries[file].object_id for file in chosen], max_bytes=MAX_SOURCE_BYTES
    )
    headers = {}
    for file in chosen:
        content = blobs[tree.entries[file].object_id].content
        text = decode(content) if content is not None else None
        # An empty file says nothing, and needs no licence.
        if text is None or not text.strip():
            continue
        finding.header_files_read += 1
        header = find_header(text)
        if header is not None:
            headers[file] = header
    for expression, files in list(_by_expression(headers).items())[:_SHOWN_HEADERS]:
        line = headers[files[0]].line
        count = f"{len(files)} of {finding.header_files_read} files that were read"
        note = count if len(candidates) == len(chosen) else f"{count}, of {len(candidates)}"
        finding.evidence.append(
            Evidence(shown(files[0]), "SPDX header", expression, 1.0, (line, line), f"{note}.")
        )
    return headers


def _spread(files: Sequence[str], most: int) -> list[str]:
    """At most so many, evenly over the whole."""
    if len(files) <= most:
        return list(files)
    return [files[index * len(files) // most] for index in range(most)]


def _compare_declaration(
    reader: MirrorReader, commit: str, tree: Tree, folder: str, finding: _Finding
) -> None:
    """What the nearest package file says: it supports, or contradicts, but never decides."""
    for at in folders_upwards(folder):
        names = {f"{at}/{name}".lstrip("/"): name for name in PACKAGE_FILES}
        files = [path for path in names if path in tree.entries and tree.entries[path].kind == EntryKind.FILE]
        ids = {path: tree.entries[path].object_id for path in files}
        blobs = reader.blobs(commit, ids.values(), max_bytes=MAX_SOURCE_BYTES)
        for path in files:
            content = blobs[ids[path]].content
            text = decode(content) if content is not None else None
            written = find_declaration(names[path], text) if text is not None else ""
            if not written:
                continue
            expression = parse_license(written).expression
            finding.evidence.append(
                Evidence(shown(path), "package metadata", expression, 0.5, None, f"It says “{written}”.")
            )
            if expression and finding.expression and not _agree(expression, finding.expression):
                finding.contradictions.append(
                    f"{shown(path)} declares {expression}; the licence found is {finding.expression}."
                )
        if files:
            return


def _agree(left: str, right: str) -> bool:
    return with_later(left) == with_later(right) or together([left, right]) == right


def _join(
    commit: str, found: tuple[FoundPath, ...], findings: Sequence[_Finding], detector: LicenseDetector
) -> Inspection:
    detected = together(finding.expression for finding in findings)
    reason = next((finding.reason for finding in findings if not finding.expression), "")
    nested: dict[str, str] = {}
    for finding in findings:
        nested.update((shown(path), expression) for path, expression in finding.further.items())
    problems = [problem for finding in findings for problem in finding.problems]
    effective = together([detected, *sorted(set(nested.values()))]) if not problems else ""
    if len(detected) > MAX_EXPRESSION_LENGTH:
        detected, reason = "", "There are too many licences at the path to name them all."
    if len(effective) > MAX_EFFECTIVE_LENGTH:
        problems.append("There are too many licences below the paths to name them all.")
    if len(effective) > MAX_EFFECTIVE_LENGTH or not detected:
        effective = ""
    differing = {path: expression for path, expression in nested.items() if expression != detected}
    evidence = tuple(dict.fromkeys(item for finding in findings for item in finding.evidence))
    return Inspection(
        commit=commit,
        paths=found,
        detected=detected,
        effective=effective,
        reason=reason,
        effective_reason="" if effective else (problems[0] if problems else reason),
        nested=dict(sorted(differing.items(), key=lambda item: (item[1] != "", item[0]))[:_MOST_NESTED]),
        nested_left_out=max(0, len(differing) - _MOST_NESTED),
        evidence=evidence[:_MOST_EVIDENCE],
        below=tuple(sorted(set(filter(None, nested.values())))),
        is_below_known=not problems,
        contradictions=tuple(dict.fromkeys(text for finding in findings for text in finding.contradictions)),
        detector=detector.name,
        header_files=sum(finding.header_files for finding in findings),
        header_files_read=sum(finding.header_files_read for finding in findings),
    )


def _read_links(reader: MirrorReader, commit: str, tree: Tree) -> dict[str, str]:
    links = {path: entry for path, entry in tree.entries.items() if entry.kind == EntryKind.SYMLINK}
    chosen = dict(sorted(links.items())[:_MAX_LINKS_READ])
    blobs = reader.blobs(commit, [entry.object_id for entry in chosen.values()], max_bytes=4_096)
    return {
        path: (blobs[entry.object_id].content or b"/").decode(errors="surrogateescape")
        for path, entry in chosen.items()
    }
