"""A project's rules in the words of its configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from django.template.defaultfilters import filesizeformat

from autopack.models import Project
from runs_app.ci.config import parse_steps
from runs_app.ci.types import StepSpec
from runs_app.gitops.types import PathPolicy


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    steps: Sequence[StepSpec]
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of the path policy; `is_own` where the project differs from the default."""

    label: str
    text: str
    is_own: bool


def describe_steps(project: Project) -> list[Profile]:
    """The steps of both profiles, as the runner will read them."""
    profiles: Mapping[str, object] = {"normal": project.ci_normal, "strict": project.ci_strict}
    described = []
    for name, value in profiles.items():
        steps, problems = parse_steps(value, f"ci.{name}")
        described.append(Profile(name, steps, [str(problem) for problem in problems]))
    return described


def describe_policy(project: Project) -> list[Rule]:
    defaults = PathPolicy()
    names = [field.name for field in fields(PathPolicy) if not field.name.endswith("_paths")]
    own = project.path_policy
    return [
        Rule(
            name.removeprefix("allow_").removesuffix("_bytes").replace("_", " ").capitalize(),
            _in_words(name, own.get(name, getattr(defaults, name))),
            name in own,
        )
        for name in names
    ]


def _in_words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "allowed" if value else "refused"
    if isinstance(value, int):
        return filesizeformat(value) if name.endswith("_bytes") else f"{value:,}"
    return str(value)
