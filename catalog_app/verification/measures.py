"""What can be counted about a repository: facts, without a judgement. `quality` judges."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalog_app.verification.headers import SOURCE_EXTENSIONS
from catalog_app.verification.paths import FoundPath, folders_upwards
from catalog_app.verification.reading import EntryKind, MirrorReader, Tree
from catalog_app.verification.texts import decode, shown

_SHOWN = 5
_MAX_MANIFEST_BYTES = 1 << 20
_MAX_FILES_SIZED = 20_000
_TEST_FOLDERS = frozenset(
    {"test", "tests", "spec", "specs", "__tests__", "testing", "e2e", "cypress", "unittests"}
)
_TEST_FILE = re.compile(
    r"(?:test_.+|.+_tests?|.+[._-](?:test|spec)|.+Tests?|.+Spec|.+IT|.+_spec|conftest|tests)"
    r"\.(?:py|js|jsx|ts|tsx|mjs|cjs|go|rb|rs|java|kt|scala|cs|php|ex|exs|dart|swift|c|cc|cpp|clj|sh|lua|pl|t|vue|svelte)"
)
_DOC_FOLDERS = frozenset({"doc", "docs", "documentation", "guide", "guides", "manual", "website"})
_DOC_FILES = frozenset({"mkdocs.yml", "mkdocs.yaml", "antora.yml", "docusaurus.config.js", "book.toml"})
_CI_FILES: Final = (
    (re.compile(r"\.github/workflows/[^/]+\.ya?ml"), "GitHub Actions"),
    (re.compile(r"\.gitlab-ci\.ya?ml"), "GitLab CI"),
    (re.compile(r"\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml"), "Forgejo Actions"),
    (re.compile(r"\.circleci/config\.ya?ml"), "CircleCI"),
    (re.compile(r"\.travis\.ya?ml"), "Travis CI"),
    (re.compile(r"azure-pipelines\.ya?ml|\.azure-pipelines/.+"), "Azure Pipelines"),
    (re.compile(r"bitbucket-pipelines\.ya?ml"), "Bitbucket Pipelines"),
    (re.compile(r"Jenkinsfile"), "Jenkins"),
    (re.compile(r"\.buildkite/.+"), "Buildkite"),
    (re.compile(r"\.?appveyor\.ya?ml"), "AppVeyor"),
    (re.compile(r"\.drone\.ya?ml"), "Drone"),
    (re.compile(r"\.woodpecker(?:\.ya?ml|/.+)"), "Woodpecker"),
    (re.compile(r"\.cirrus\.ya?ml"), "Cirrus CI"),
    (re.compile(r"\.builds?(?:/.+)?\.ya?ml"), "builds.sr.ht"),
    (re.compile(r"\.semaphore/.+"), "Semaphore"),
)
_README = re.compile(r"(?i)readme(?:\.(?:md|rst|txt|adoc|markdown|org))?")
_CHANGELOG = re.compile(
    r"(?i)(?:change(?:s|[-_]?log)|history|news|release[-_]?notes|releases)(?:\.(?:md|rst|txt|adoc|markdown|org))?"
)
_CHANGE_FOLDER = re.compile(
    r"(?i)(?:docs?/)?(?:change(?:s|log)|release[-_]?notes|newsfragments|\.changeset|changelog\.d)/.+"
)
_SECURITY = re.compile(r"(?i)(?:\.github/|docs?/)?security(?:\.(?:md|rst|txt|adoc))?")
_VERSION = re.compile(
    r"(?i)(?:.*[^\d.])?(?:v|version|release|rel)?[-_/]?\d+(?:[._]\d+)+(?:[-._+]?[a-z0-9]+)*|v\d+"
)
_MANIFESTS = re.compile(
    r"pyproject\.toml|setup\.(?:py|cfg)|Pipfile|requirements(?:[-_.][\w-]+)?\.txt|package\.json|Cargo\.toml|go\.mod|"
    r"Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|build\.gradle(?:\.kts)?|[\w.-]+\.(?:cs|fs|vb)proj|mix\.exs|"
    r"pubspec\.yaml|Package\.swift|rebar\.config|deps\.edn|project\.clj|build\.sbt|CMakeLists\.txt|vcpkg\.json"
)
_REQUIREMENT = re.compile(r"(?m)^[ \t]*[A-Za-z0-9][\w.\[\], -]*?(?:[ \t]*(?:[=<>!~@;#].*)?)$")
_GO_REQUIRE = re.compile(
    r"(?m)^(?:require[ \t]+|[ \t]+)[\w.-]+(?:/[\w.~-]+)+[ \t]+v\d\S*(?![^\n]*// indirect)[^\n]*$"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """`dependencies`: how many it declares for use (not for development); None if that was not counted."""

    file: str
    dependencies: int | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Facts of one commit. Paths are examples, at most five. None is "not measured". Times are seconds since
    1970. What concerns the code (tests, files, size) is of the paths; tests and documents also of the whole
    repository, where a library's own are; the rest is of the repository."""

    tests: tuple[str, ...]
    test_files: int
    tests_elsewhere: tuple[str, ...]
    """Outside of the paths."""
    source_files: int
    docs: tuple[str, ...]
    readme: str
    changelog: str
    security_policy: str
    ci: tuple[str, ...]
    """Names of the systems."""
    files: int
    size_bytes: int | None
    repository_files: int
    manifests: tuple[Manifest, ...]
    last_commit_at: int | None
    last_commit_at_paths: int | None
    authors: int | None
    authors_at_paths: int | None
    releases: int | None
    last_release: str
    last_release_at: int | None


def measure(reader: MirrorReader, commit: str, paths: Sequence[FoundPath]) -> Measures:
    """Look at the paths (all of them there) of a commit."""
    tree = reader.tree(commit)
    at_paths = sorted({file for path in paths for file in tree.below(path.real)})
    inside = frozenset(at_paths)
    tests = [file for file in at_paths if _is_test(file)]
    elsewhere = [file for file in tree.entries if file not in inside and _is_test(file)]
    is_whole = any(not path.real for path in paths)
    tags = reader.tags()
    releases = None if tags is None else [tag for tag in tags if _VERSION.fullmatch(tag.name)]
    last = releases[-1] if releases else None
    folders = [path.real for path in paths]
    return Measures(
        tests=_examples(tests),
        test_files=len(tests),
        tests_elsewhere=_examples(elsewhere),
        source_files=sum(_is_source(file) for file in at_paths) - sum(_is_source(file) for file in tests),
        docs=_examples(file for file in tree.entries if _is_doc(file)),
        readme=_first(tree, folders, _README),
        changelog=_first(tree, folders, _CHANGELOG) or _first_of(tree, _CHANGE_FOLDER),
        security_policy=_first_of(tree, _SECURITY),
        ci=_ci(tree),
        files=len(at_paths),
        size_bytes=_size(reader, commit, tree, at_paths),
        repository_files=len(tree.entries),
        manifests=_manifests(reader, commit, tree, folders),
        last_commit_at=reader.committed_at(commit),
        last_commit_at_paths=None if is_whole else _newest(reader, commit, folders),
        authors=reader.author_count(commit),
        authors_at_paths=None if is_whole or len(folders) > 1 else reader.author_count(commit, folders[0]),
        releases=None if releases is None else len(releases),
        last_release=shown(last.name) if last else "",
        last_release_at=last.created_at if last else None,
    )


def _is_source(path: str) -> bool:
    return "." in path and path.rpartition(".")[2].lower() in SOURCE_EXTENSIONS


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    if _TEST_FILE.fullmatch(name):
        return True
    return _is_source(name) and any(folder.lower() in _TEST_FOLDERS for folder in folders)


def _is_doc(path: str) -> bool:
    *folders, name = path.split("/")
    return name in _DOC_FILES or bool(folders and folders[0].lower() in _DOC_FOLDERS)


def _ci(tree: Tree) -> tuple[str, ...]:
    return tuple(
        sorted({name for pattern, name in _CI_FILES for path in tree.entries if pattern.fullmatch(path)})
    )


def _first(tree: Tree, folders: Iterable[str], name: re.Pattern[str]) -> str:
    """The first file of that name right in one of the folders, or the nearest above it."""
    by_folder: dict[str, list[str]] = {}
    for path, entry in tree.entries.items():
        folder, _, file = path.rpartition("/")
        if entry.kind == EntryKind.FILE and name.fullmatch(file):
            by_folder.setdefault(folder, []).append(path)
    for folder in folders:
        for at in folders_upwards(folder):
            if at in by_folder:
                return shown(min(by_folder[at]))
    return ""


def _first_of(tree: Tree, pattern: re.Pattern[str]) -> str:
    return shown(min((path for path in tree.entries if pattern.fullmatch(path)), default=""))


def _size(reader: MirrorReader, commit: str, tree: Tree, paths: Sequence[str]) -> int | None:
    ids = [tree.entries[path].object_id for path in paths if tree.entries[path].kind != EntryKind.SUBMODULE]
    if len(ids) > _MAX_FILES_SIZED:
        return None
    sizes = reader.known_sizes(commit, ids)
    return None if sizes is None else sum(sizes[object_id] for object_id in ids)


def _newest(reader: MirrorReader, commit: str, folders: Sequence[str]) -> int | None:
    dates = [date for folder in folders if (date := reader.committed_at(commit, folder)) is not None]
    return max(dates, default=None)


def _manifests(reader: MirrorReader, commit: str, tree: Tree, folders: Sequence[str]) -> tuple[Manifest, ...]:
    """Those right in the nearest folder, at or above each path, that has any."""
    by_folder: dict[str, list[str]] = {}
    for path, entry in tree.entries.items():
        folder, _, name = path.rpartition("/")
        if entry.kind == EntryKind.FILE and _MANIFESTS.fullmatch(name):
            by_folder.setdefault(folder, []).append(path)
    found: set[str] = set()
    for folder in folders:
        nearest = next((at for at in folders_upwards(folder) if at in by_folder), None)
        found.update(by_folder[nearest] if nearest is not None else ())
    ids = {path: tree.entries[path].object_id for path in sorted(found)}
    blobs = reader.blobs(commit, ids.values(), max_bytes=_MAX_MANIFEST_BYTES)
    manifests = []
    for path, object_id in ids.items():
        content = blobs[object_id].content
        text = decode(content) if content is not None else None
        count = None if text is None else _count_dependencies(path.rpartition("/")[2], text)
        manifests.append(Manifest(shown(path), count))
    return tuple(manifests)


def _count_dependencies(name: str, text: str) -> int | None:
    try:
        match name:
            case "pyproject.toml":
                return _of_pyproject(tomllib.loads(text))
            case "Cargo.toml":
                return _length(tomllib.loads(text), "dependencies") or 0
            case "package.json":
                return _length(_object(text), "dependencies") or 0
            case "composer.json":
                required = _object(text).get("require")
                return sum("/" in key for key in required) if isinstance(required, dict) else 0
            case "go.mod":
                return len(_GO_REQUIRE.findall(text))
            case _ if name.startswith("requirements"):
                return len(_REQUIREMENT.findall(text))
            case _:
                return None
    except (ValueError, RecursionError):
        # Not TOML, not JSON, or nested without end.
        return None


def _of_pyproject(document: Mapping[str, Any]) -> int | None:
    project = document.get("project")
    if isinstance(project, dict):
        declared = project.get("dependencies", [])
        return len(declared) if isinstance(declared, list) else None
    tool = document.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    if isinstance(poetry, dict) and isinstance(declared := poetry.get("dependencies"), dict):
        return len([name for name in declared if name.lower() != "python"])
    return None


def _object(text: str) -> Mapping[str, Any]:
    document = json.loads(text)
    return document if isinstance(document, dict) else {}


def _length(document: Mapping[str, Any], key: str) -> int | None:
    found = document.get(key)
    return len(found) if isinstance(found, dict) else None


def _examples(paths: Iterable[str]) -> tuple[str, ...]:
    """Folders where they are, the fullest first, else the files."""
    counts: dict[str, int] = {}
    for path in paths:
        top = path.rpartition("/")[0] or path
        counts[top] = counts.get(top, 0) + 1
    return tuple(shown(path) for path in sorted(counts, key=lambda path: (-counts[path], path))[:_SHOWN])
