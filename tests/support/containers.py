"""What the container files say, taken apart for tests."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
_INTERPOLATION = re.compile(r"\$\{(\w+)(:?[-?])?([^}]*)\}")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile with its continuation lines joined; `stage` counts from 0."""

    stage: int
    name: str
    value: str


def read_dockerfile() -> list[Instruction]:
    """ARG before the first FROM belongs to stage -1."""
    text = "\n".join(
        line
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    )
    found: list[Instruction] = []
    stage = -1
    for line in text.replace("\\\n", " ").splitlines():
        name, _, value = line.strip().partition(" ")
        stage += name == "FROM"
        found.append(Instruction(stage, name, value.strip()))
    return found


def find_health_check() -> list[str]:
    """The command of the image's HEALTHCHECK, as a list."""
    (check,) = (i.value for i in read_dockerfile() if i.name == "HEALTHCHECK")
    command: list[str] = json.loads(check.partition("CMD ")[2])
    return command


def read_compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return parsed


def interpolations(text: str) -> dict[str, str]:
    """The variables that compose would put into a text, each with its operator (`:-`, `:?`, or nothing)."""
    return {name: operator for name, operator, _ in _INTERPOLATION.findall(text)}


def list_environment_names() -> set[str]:
    """Every environment variable that the code asks for by name."""
    names: set[str] = set()
    for folder in ("autopack", "catalog_app", "runs_app"):
        for source in (ROOT / folder).rglob("*.py"):
            names |= set(_names_in(ast.parse(source.read_text(), filename=str(source))))
    return names


def _names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env") | ast.Attribute(attr="environ")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                yield name
