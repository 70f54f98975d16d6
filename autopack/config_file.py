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

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autopack.documents import PlacedProblem, Problem, describe_kind, unknown_key
from autopack.project_rules import ProjectDefinition, read_project
from autopack.yaml_reader import UnreadableDocument, read_yaml


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says. With problems, `projects` holds only those that are free of them."""

    projects: tuple[ProjectDefinition, ...]
    problems: tuple[PlacedProblem, ...]
    places: Mapping[str, tuple[int, int]]
    """Line and column of each project, by its id."""


def parse_config(content: bytes, *, file: str, folder: Path) -> ConfigFile:
    """Read a whole file; `file` names it in problems, `folder` is where relative paths start."""
    try:
        document = read_yaml(content)
    except UnreadableDocument as error:
        return ConfigFile((), (PlacedProblem(file, error.line, error.column, "", error.message),), {})
    projects, problems = _read_document(document.value, folder)
    return ConfigFile(
        projects=tuple(projects),
        problems=document.locate([*document.problems, *problems], file=file),
        places={p.project_id: document.place_of(f"projects.{p.project_id}") for p in projects},
    )


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
