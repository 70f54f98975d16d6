"""What a plan is asked to be. A request and its digest are the plan's first input; it is kept with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from autopack.digests import digest_json
from catalog_app.briefing.keys import Keys, veto_key_of
from catalog_app.briefing.types import Leftover, Place, Veto, Wish
from catalog_app.choices import Complexity, ParameterType, PlanMode
from catalog_app.interchange.entries import EntryProblem, Json, Origin
from catalog_app.planning.wishes import (
    MAX_ENTRIES,
    MAX_WISHES,
    read_keyless_veto,
    read_keyless_wish,
    read_place,
    without_defaults,
    write_place,
    write_veto,
    write_wish,
)
from catalog_app.planning.written import Written

MAX_LABEL = 100
"""Of the labels that a phase of a run takes."""


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


def read_request(written: object) -> tuple[PlanRequest, tuple[EntryProblem, ...]]:
    """A request as JSON or YAML has it (`write_request`), and every problem with its place. Total: a default
    stands in for what cannot be read, so a request with problems is not to be planned."""
    problems: list[EntryProblem] = []
    top = Written(written, Origin(), problems)
    wishes = [
        read_keyless_wish(item, here, problems) for item, here in top.items("features", most=MAX_WISHES)
    ]
    vetoes = [read_keyless_veto(item, here, problems) for item, here in top.items("vetoes", most=MAX_WISHES)]
    keys = Keys()
    given = [*(wish.key for wish in wishes), *(veto.key for veto in vetoes)]
    repeated = [key for key in given if key and keys.take("", key) != key]
    request = PlanRequest(
        title=top.text("title"),
        summary=top.text("summary"),
        project_type=top.text("project_type"),
        mode=top.choice(PlanMode, "mode", PlanMode.ZERO_INTERVENTION),
        wishes=tuple(replace(wish, key=wish.key or keys.take(wish.quote)) for wish in wishes),
        vetoes=tuple(
            replace(veto, key=veto.key or keys.take(veto.quote, veto_key_of(veto.quote))) for veto in vetoes
        ),
        constraints=top.texts("constraints"),
        stack=top.text("stack"),
        slots=top.text_mapping("slots"),
        answers=top.text_mapping("answers"),
        parameters=tuple(
            _read_parameter(*entry, problems) for entry in top.items("parameters", most=MAX_ENTRIES)
        ),
        values=top.mapping("values"),
        given=tuple(_read_phase(*entry, problems) for entry in top.items("given_phases", most=MAX_ENTRIES)),
        leftovers=tuple(
            _read_leftover(*entry, problems) for entry in top.items("leftovers", most=MAX_ENTRIES)
        ),
    )
    top.finish()
    for key in dict.fromkeys(repeated):
        top.complain("same_key", f"two features or vetoes have the key {key}", "features")
    return request, tuple(problems)


def write_request(request: PlanRequest) -> dict[str, Json]:
    """As JSON; what has its default is left out. `read_request` gives the same request back."""
    return without_defaults(
        {
            "title": request.title,
            "summary": request.summary,
            "project_type": request.project_type,
            "mode": request.mode.value if request.mode is not PlanMode.ZERO_INTERVENTION else "",
            "features": [write_wish(wish) for wish in request.wishes],
            "vetoes": [write_veto(veto) for veto in request.vetoes],
            "constraints": list(request.constraints),
            "stack": request.stack,
            "slots": dict(request.slots),
            "answers": dict(request.answers),
            "parameters": [_write_parameter(parameter) for parameter in request.parameters],
            "values": dict(request.values),
            "given_phases": [_write_phase(phase) for phase in request.given],
            "leftovers": [
                without_defaults({"text": left.text, "why": left.why, "place": write_place(left.place)})
                for left in request.leftovers
            ],
        }
    )


def list_named(request: PlanRequest) -> dict[str, Wish | Veto]:
    """Everything that names a feature of the catalog, by the JSON pointer of where it was said. What is to be
    built new whatever it is called names none."""
    named: dict[str, Wish | Veto] = {
        _pointer(wish.places, "features", index): wish
        for index, wish in enumerate(request.wishes)
        if wish.slug and not wish.build_new
    }
    vetoes = enumerate(request.vetoes)
    return named | {_pointer(veto.places, "vetoes", index): veto for index, veto in vetoes if veto.slug}


def _pointer(places: Iterable[Place], key: str, index: int) -> str:
    return next((place.pointer for place in places if place.pointer), f"/{key}/{index}")


def digest_request(request: PlanRequest) -> str:
    """SHA-256 of the request's canonical JSON."""
    return digest_json(write_request(request))


def _read_leftover(written: object, origin: Origin, problems: list[EntryProblem]) -> Leftover:
    entry = Written(written, origin, problems)
    place = entry.json("place")
    leftover = Leftover(
        entry.text("text"),
        entry.text("why"),
        Place() if place is None else read_place(place, origin.inner("place"), problems),
    )
    entry.finish()
    return leftover


def _read_parameter(written: object, origin: Origin, problems: list[EntryProblem]) -> Parameter:
    entry = Written(written, origin, problems)
    parameter = Parameter(
        name=entry.text("name", is_needed=True),
        type=entry.choice(ParameterType, "type", ParameterType.TEXT),
        default=entry.json("default"),
        description=entry.text("description"),
        choices=entry.texts("choices"),
    )
    entry.finish()
    return parameter


def _write_parameter(parameter: Parameter) -> dict[str, Json]:
    return without_defaults(
        {
            "name": parameter.name,
            "type": parameter.type.value if parameter.type is not ParameterType.TEXT else "",
            "default": parameter.default,
            "description": parameter.description,
            "choices": list(parameter.choices),
        },
        keep=("name", "default"),
    )


def _read_phase(written: object, origin: Origin, problems: list[EntryProblem]) -> GivenPhase:
    entry = Written(written, origin, problems)
    phase = GivenPhase(
        phase_id=entry.text("phase_id", is_needed=True),
        tier=entry.text("tier"),
        name=entry.text("name"),
        description=entry.text("description"),
        task_category=entry.text("task_category"),
        complexity=entry.choice(Complexity, "complexity", Complexity.MEDIUM),
        builder_mode=entry.text("builder_mode"),
        ci_profile=entry.text("ci_profile"),
        acceptance_criteria=entry.texts("acceptance_criteria"),
        allowed_paths=entry.texts("allowed_paths"),
        spec=entry.mapping("spec"),
    )
    for key, label in (("task_category", phase.task_category), ("builder_mode", phase.builder_mode)):
        if len(label) > MAX_LABEL:
            entry.complain("too_long", f"is longer than {MAX_LABEL} characters", key)
    entry.finish()
    return phase


def _write_phase(phase: GivenPhase) -> dict[str, Json]:
    return without_defaults(
        {
            "phase_id": phase.phase_id,
            "tier": phase.tier,
            "name": phase.name,
            "description": phase.description,
            "task_category": phase.task_category,
            "complexity": phase.complexity.value if phase.complexity is not Complexity.MEDIUM else "",
            "builder_mode": phase.builder_mode,
            "ci_profile": phase.ci_profile,
            "acceptance_criteria": list(phase.acceptance_criteria),
            "allowed_paths": list(phase.allowed_paths),
            "spec": dict(phase.spec),
        },
        keep=("phase_id",),
    )
