"""What a plan is asked to be. A request and its digest are the plan's first input; it is kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog_app.briefing.types import Leftover, Veto, Wish
from catalog_app.choices import Complexity, ParameterType, PlanMode
from catalog_app.interchange.entries import Json


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that texts of a plan name as `{{name}}`. `default` has the type, of a choice one of
    `choices`."""

    name: str
    type: ParameterType
    default: Json
    description: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenPhase:
    """A phase that is taken over as it is, as from a finished run that no plan was made for. Their order is
    kept; they stand before what is planned."""

    phase_id: str
    tier: str
    name: str
    description: str = ""
    task_category: str = ""
    complexity: Complexity = Complexity.MEDIUM
    builder_mode: str = ""
    ci_profile: str = ""
    acceptance_criteria: tuple[str, ...] = ()
    allowed_paths: tuple[str, ...] = ()
    spec: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`project_type` empty: propose one. `stack` pins a profile, `slots` pin values ("db": "postgres").
    `answers`: id of a question to id of an option. `values` of parameters that differ from the default."""

    title: str = ""
    summary: str = ""
    project_type: str = ""
    mode: PlanMode = PlanMode.ZERO_INTERVENTION
    wishes: tuple[Wish, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    constraints: tuple[str, ...] = ()
    stack: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    values: Mapping[str, Json] = field(default_factory=dict)
    given: tuple[GivenPhase, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
