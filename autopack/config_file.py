"""autopack.yaml: its text to project definitions, or every problem with its place. Pure.

projects:
  shop:
    repo_path: ../shop            # relative to the folder of this file
    default_branch: main
    safety_profile: normal        # or safety_critical
    default_run_scope: multi_tier # or single_tier
    ci:                           # or a word: external, none
      normal: [{name: tests, run: [make, test]}]
      strict: []                  # without steps of its own, strict runs normal
    protected_paths: [.ci/]       # replaces the default, which is the usual CI definitions
    path_policy: {allow_symlinks: false, max_files: 2000}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autopack.project_rules import ProjectDefinition, describe_kind, read_project, unknown_key
from runs_app.ci.config import Problem

MAX_NODES = 50_000
"""More than any honest file has; aliases of aliases could otherwise grow without end."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Line and column count from 1. `path` is the place in the document, as in `projects.shop.ci.kind`."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        subject = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {subject}{self.message}"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says. With problems, `projects` holds only those that are free of them."""

    projects: tuple[ProjectDefinition, ...]
    problems: tuple[ConfigProblem, ...]
    places: Mapping[str, tuple[int, int]]
    """Line and column of each project, by its id."""


def parse_config(content: bytes, *, file: str, folder: Path) -> ConfigFile:
    """Read a whole file; `file` names it in problems, `folder` is where relative paths start."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _broken(file, line, 1, "is not UTF-8 text")
    reader = _Reader()
    try:
        document = reader.read(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = error.position - (before.rfind("\n") + 1) + 1
        return _broken(file, before.count("\n") + 1, column, f"has a forbidden character: {error.reason}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _broken(file, line, column, f"cannot be read as YAML: {error.problem or error.context}")
    except RecursionError:
        return _broken(file, 1, 1, "is nested too deeply")
    projects, problems = _read_document(document, folder)
    problems = [*reader.problems, *problems]
    located = [ConfigProblem(file, *reader.place_of(p.path), p.path, p.message) for p in problems]
    return ConfigFile(
        projects=tuple(projects),
        problems=tuple(sorted(located, key=lambda p: (p.line, p.column))),
        places={p.project_id: reader.place_of(f"projects.{p.project_id}") for p in projects},
    )


def _broken(file: str, line: int, column: int, message: str) -> ConfigFile:
    return ConfigFile((), (ConfigProblem(file, line, column, "", message),), {})


def _read_document(document: object, folder: Path) -> tuple[list[ProjectDefinition], list[Problem]]:
    if document is None:
        return [], []
    if not isinstance(document, Mapping):
        return [], [Problem("", f"must be a mapping with projects, not {describe_kind(document)}")]
    problems = [Problem(str(key), unknown_key(key, ["projects"])) for key in document if key != "projects"]
    entries = document.get("projects")
    if entries is None:
        return [], problems
    if not isinstance(entries, Mapping):
        kind = describe_kind(entries)
        return [], [
            *problems,
            Problem("projects", f"must be a mapping of project ids to projects, not {kind}"),
        ]
    projects = []
    for project_id, entry in entries.items():
        project, found = read_project(project_id, entry, f"projects.{project_id}", folder=folder)
        problems += found
        if project is not None:
            projects.append(project)
    return projects, problems


class _Reader:
    """Turns a YAML document into plain values and remembers where each one stands."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._places: dict[str, tuple[int, int]] = {}
        self._open: set[int] = set()
        self._count = 0

    def read(self, text: str) -> object:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            return None if root is None else self._value(loader, root, "")
        finally:
            loader.dispose()

    def place_of(self, path: str) -> tuple[int, int]:
        """Of the value, or of the nearest thing around it that is in the file."""
        while path and path not in self._places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._places.get(path, (1, 1))

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, path: str) -> Any:
        # Any: whatever the document holds; `project_rules` looks at every value.
        self._count += 1
        if self._count > MAX_NODES:
            raise yaml.MarkedYAMLError(
                problem=f"it has more than {MAX_NODES} values", problem_mark=node.start_mark
            )
        if id(node) in self._open:
            raise yaml.MarkedYAMLError(problem="a value contains itself", problem_mark=node.start_mark)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return dict(self._entries(loader, node, path))
            if isinstance(node, yaml.SequenceNode):
                return [self._element(loader, inner, f"{path}[{i}]") for i, inner in enumerate(node.value)]
            return self._scalar(loader, node)
        finally:
            self._open.discard(id(node))

    def _entries(
        self, loader: yaml.SafeLoader, node: yaml.MappingNode, path: str
    ) -> Iterator[tuple[Any, Any]]:
        first_lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a text", problem_mark=key_node.start_mark)
            key = self._scalar(loader, key_node)
            inner = f"{path}.{key}" if path else str(key)
            if key in first_lines:
                # Under a path of its own, so that the problem stands at the second one.
                inner = f"{inner} (again)"
                self.problems.append(
                    Problem(inner, f"is here twice; the first is on line {first_lines[key]}")
                )
            first_lines.setdefault(key, line)
            self._places[inner] = (line, column)
            yield key, self._value(loader, value_node, inner)

    def _element(self, loader: yaml.SafeLoader, node: yaml.Node, path: str) -> Any:
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        return self._value(loader, node, path)

    def _scalar(self, loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        try:
            return loader.construct_object(node)
        except ValueError as error:
            # A date such as 2026-02-30, or an integer of thousands of digits.
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error
