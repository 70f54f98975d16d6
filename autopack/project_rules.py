"""What a project may say, whether it comes from autopack.yaml or from a form. Pure.

Readers take plain values (as YAML or JSON give them) and return what they could read with every problem they
found; `where` is the place of the value, such as `projects.shop.path_policy`.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from autopack.choices import (
    DEFAULT_PROTECTED_PATHS,
    PROJECT_ID_PATTERN,
    Choice,
    CiKind,
    RunScope,
    SafetyProfile,
)
from autopack.documents import Problem, describe_kind, unknown_key
from runs_app.ci.config import dump_steps, parse_steps

C = TypeVar("C", bound=Choice)

_PROJECT_KEYS = (
    "repo_path",
    "name",
    "default_branch",
    "safety_profile",
    "default_run_scope",
    "ci",
    "protected_paths",
    "path_policy",
)
_CI_KEYS = ("kind", "normal", "strict")
_POLICY_FLAGS = ("allow_symlinks", "allow_submodules")
_POLICY_LIMITS = {
    "max_patch_bytes": 1024**3,
    "max_files": 1_000_000,
    "max_file_bytes": 1024**3,
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BRANCH_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|\.$|/$|^[/.-]|^@$")


@dataclass(frozen=True, slots=True)
class ProjectDefinition:
    """A project as it is to be stored; the fields are those of `autopack.models.Project`."""

    project_id: str
    name: str
    repo_path: str
    default_branch: str = "main"
    safety_profile: SafetyProfile = SafetyProfile.NORMAL
    default_run_scope: RunScope = RunScope.MULTI_TIER
    ci_kind: CiKind = CiKind.NONE
    ci_normal: list[dict[str, Any]] = field(default_factory=list)
    ci_strict: list[dict[str, Any]] = field(default_factory=list)
    protected_paths: list[str] = field(default_factory=lambda: list(DEFAULT_PROTECTED_PATHS))
    path_policy: dict[str, Any] = field(default_factory=dict)


def read_project(
    project_id: object, value: object, where: str, *, folder: Path
) -> tuple[ProjectDefinition | None, list[Problem]]:
    """One entry of `projects`. A relative `repo_path` starts from `folder`. None where there are problems."""
    problems = [Problem(where, message) for message in complaints_about_id(project_id)]
    if not isinstance(value, Mapping):
        return None, [
            *problems,
            Problem(where, f"must be a mapping with repo_path, not {describe_kind(value)}"),
        ]
    problems += _unknown_keys(value, _PROJECT_KEYS, where)
    repo_path, found = _read_repo_path(value.get("repo_path"), f"{where}.repo_path", folder)
    problems += found
    name, found = _read_text(value.get("name"), f"{where}.name", 200, default=str(project_id))
    problems += found
    branch, found = read_branch(value.get("default_branch", "main"), f"{where}.default_branch")
    problems += found
    safety, found = _read_choice(
        value.get("safety_profile"), f"{where}.safety_profile", SafetyProfile, SafetyProfile.NORMAL
    )
    problems += found
    scope, found = _read_choice(
        value.get("default_run_scope"), f"{where}.default_run_scope", RunScope, RunScope.MULTI_TIER
    )
    problems += found
    (kind, normal, strict), found = _read_ci(value.get("ci"), f"{where}.ci")
    problems += found
    protected, found = read_protected_paths(value.get("protected_paths"), f"{where}.protected_paths")
    problems += found
    policy, found = read_path_policy(value.get("path_policy"), f"{where}.path_policy")
    problems += found
    if problems:
        return None, problems
    return (
        ProjectDefinition(
            str(project_id), name, repo_path, branch, safety, scope, kind, normal, strict, protected, policy
        ),
        [],
    )


def complaints_about_id(project_id: object) -> Iterable[str]:
    if not isinstance(project_id, str):
        yield f"a project id must be a text, not {describe_kind(project_id)}; put quotes around it"
    elif not re.fullmatch(PROJECT_ID_PATTERN, project_id) or project_id.endswith("\n"):
        yield "a project id is 1 to 100 of letters, digits, dot, underscore, hyphen, and begins with no sign"


def read_steps(value: object, where: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """CI steps, in the one form in which they are stored."""
    steps, problems = parse_steps(value, where)
    return dump_steps(steps), list(problems)


def steps_without_effect(kind: CiKind) -> str:
    return f"has no effect with {kind} CI: remove the steps, or make it local"


def read_branch(value: object, where: str) -> tuple[str, list[Problem]]:
    """The name of a branch, by git's rules for references."""
    branch, problems = _read_text(value, where, 255)
    if not problems and _BRANCH_FORBIDDEN.search(branch):
        problems = [Problem(where, f"{branch!r} is not a name of a branch")]
    return branch, problems


def read_protected_paths(value: object, where: str) -> tuple[list[str], list[Problem]]:
    """Patterns of `runs_app.gitops.patterns` that no patch may touch. None gives the default, a list
    replaces it."""
    if value is None:
        return list(DEFAULT_PROTECTED_PATHS), []
    if not isinstance(value, list):
        return [], [Problem(where, f"must be a list of patterns, not {describe_kind(value)}")]
    patterns, problems = [], []
    for index, item in enumerate(value):
        pattern, found = _read_text(item, f"{where}[{index}]", 1000)
        patterns.append(pattern)
        problems += found
    return patterns, problems


def read_path_policy(value: object, where: str) -> tuple[dict[str, Any], list[Problem]]:
    """What differs from the default path policy (`runs_app.gitops.types.PathPolicy`)."""
    if value is None:
        return {}, []
    if not isinstance(value, Mapping):
        return {}, [Problem(where, f"must be a mapping, not {describe_kind(value)}")]
    problems = _unknown_keys(value, (*_POLICY_FLAGS, *_POLICY_LIMITS), where)
    for key in _POLICY_FLAGS:
        if key in value and not isinstance(value[key], bool):
            problems.append(
                Problem(f"{where}.{key}", f"must be true or false, not {describe_kind(value[key])}")
            )
    for key, most in _POLICY_LIMITS.items():
        limit = value.get(key, 1)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= most:
            problems.append(Problem(f"{where}.{key}", f"must be a whole number from 1 to {most}"))
    return dict(value), problems


def _unknown_keys(value: Mapping[Any, object], known: tuple[str, ...], where: str) -> list[Problem]:
    return [Problem(f"{where}.{key}", unknown_key(key, known)) for key in value if key not in known]


def _read_text(
    value: object, where: str, max_length: int, *, default: str | None = None
) -> tuple[str, list[Problem]]:
    if value is None and default is not None:
        return default, []
    if not isinstance(value, str):
        return "", [Problem(where, f"must be a text, not {describe_kind(value)}")]
    if not value.strip() or len(value) > max_length or _CONTROL.search(value):
        return "", [Problem(where, f"must be 1 to {max_length} characters on one line")]
    return value, []


def _read_choice(value: object, where: str, kind: type[C], default: C) -> tuple[C, list[Problem]]:
    if value is None:
        return default, []
    known = [member.value for member in kind]
    if isinstance(value, str) and value in known:
        return kind(value), []
    return default, [Problem(where, f"must be one of {', '.join(known)}, not {value!r}")]


def _read_repo_path(value: object, where: str, folder: Path) -> tuple[str, list[Problem]]:
    if value is None:
        return "", [Problem(where, "is missing: the path of the git repository")]
    text, problems = _read_text(value, where, 4096)
    if problems:
        return "", problems
    return os.path.normpath(folder / Path(text).expanduser()), []


def _read_ci(
    value: object, where: str
) -> tuple[tuple[CiKind, list[dict[str, Any]], list[dict[str, Any]]], list[Problem]]:
    """A mapping, or one word for a kind that takes no steps. Nothing at all is no CI."""
    nothing: tuple[CiKind, list[dict[str, Any]], list[dict[str, Any]]] = (CiKind.NONE, [], [])
    if value is None:
        return nothing, []
    if value in (CiKind.EXTERNAL, CiKind.NONE):
        return (CiKind(str(value)), [], []), []
    if not isinstance(value, Mapping):
        return nothing, [
            Problem(where, "must be a mapping with the steps of normal and strict, or external, or none")
        ]
    problems = _unknown_keys(value, _CI_KEYS, where)
    kind, found = _read_choice(value.get("kind"), f"{where}.kind", CiKind, CiKind.LOCAL)
    problems += found
    normal, found = read_steps(value.get("normal"), f"{where}.normal")
    problems += found
    strict, found = read_steps(value.get("strict"), f"{where}.strict")
    problems += found
    problems += [
        Problem(f"{where}.{profile}", steps_without_effect(kind))
        for profile in ("normal", "strict")
        if kind is not CiKind.LOCAL and value.get(profile)
    ]
    return (kind, normal, strict), problems
