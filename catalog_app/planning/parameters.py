"""Parameters of a request: their values are checked, and put where its texts say `{{name}}`. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog_app.briefing.types import Veto, Wish
from catalog_app.choices import ParameterType
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.planning.request import GivenPhase, Parameter, PlanRequest
from catalog_app.planning.spelling import Speller, did_you_mean
from catalog_app.planning.types import PlanWarning

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
MAX_FILLED = 200_000
"""Characters of values that are put into the texts of one request: a long value that is named often would
make a plan that nobody can hold."""
_MENTION = re.compile(r"\{\{[ \t]*([A-Za-z][A-Za-z0-9_-]{0,99})[ \t]*\}\}")


def check_parameters(request: PlanRequest) -> tuple[EntryProblem, ...]:
    """What is wrong with the parameters and their values: names, types, choices."""
    problems: list[EntryProblem] = []
    known: dict[str, Parameter] = {}
    speller = Speller()
    for index, parameter in enumerate(request.parameters):
        here = Origin(steps=("parameters", index))
        if not NAME.fullmatch(parameter.name):
            message = "must start with a letter, followed by letters, digits, hyphens and underscores"
            problems.append(_error("bad_name", here.inner("name"), message))
        if parameter.name in known:
            problems.append(_error("same_name", here.inner("name"), f"{parameter.name} is here twice"))
        if parameter.type is ParameterType.CHOICE and not parameter.choices:
            problems.append(_error("missing", here, "is a choice and has no choices"))
        elif lack := _misfit(parameter, parameter.default):
            problems.append(_error("wrong_value", here.inner("default"), lack))
        known.setdefault(parameter.name, parameter)
    for name, value in request.values.items():
        here = Origin(steps=("values", name))
        if name not in known:
            message = f"there is no parameter {name}"
            problems.append(_error("unknown_parameter", here, message, speller.nearest(name, known)))
        elif lack := _misfit(known[name], value):
            near = speller.nearest(value, known[name].choices) if isinstance(value, str) else ""
            problems.append(_error("wrong_value", here, lack, near))
    return tuple(problems)


def effective_values(request: PlanRequest) -> dict[str, Json]:
    """Of every parameter, in their order: the value where it has the right type, else the default."""
    values: dict[str, Json] = {}
    for parameter in request.parameters:
        value = request.values.get(parameter.name, parameter.default)
        fits = not _misfit(parameter, value)
        values.setdefault(parameter.name, value if fits else parameter.default)
    return values


def fill_in(request: PlanRequest) -> tuple[PlanRequest, tuple[PlanWarning, ...]]:
    """The request with values in place of `{{name}}` in all of its texts; keys and slugs stay. A name that
    is not known stays as it is, and is a warning; so is a value that had to be left out.

    What lookup is asked for a wish is to be taken from here: a quote may have a parameter in it.
    """
    filling = _Filling({name: _as_words(value) for name, value in effective_values(request).items()})
    fill = filling.fill

    filled = replace(
        request,
        title=fill(request.title),
        summary=fill(request.summary),
        constraints=tuple(map(fill, request.constraints)),
        wishes=tuple(_fill_wish(wish, fill) for wish in request.wishes),
        vetoes=tuple(_fill_veto(veto, fill) for veto in request.vetoes),
        given=tuple(_fill_phase(phase, fill) for phase in request.given),
    )
    warnings = [
        PlanWarning(
            "wrong_parameter", f"{problem.origin.path}: {problem.detail}. The default is used.", (name,)
        )
        for problem in check_parameters(request)
        if problem.origin.steps[0] == "values"
        for name in (str(problem.origin.steps[1]),)
    ]
    speller = Speller()
    warnings += [
        PlanWarning("unknown_parameter", _unknown_words(name, filling.values, speller), (name,))
        for name in filling.unknown
    ]
    warnings += [
        PlanWarning(
            "parameter_too_long",
            f"{{{{{name}}}}} stays as it is in some texts: a plan takes {MAX_FILLED:,} characters of values.",
            (name,),
        )
        for name in filling.left_out
    ]
    return filled, tuple(warnings)


@dataclass(slots=True)
class _Filling:
    """Puts values into one text after the other, and notes the names of which it could not."""

    values: Mapping[str, str]
    unknown: dict[str, None] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def fill(self, text: str) -> str:
        return _MENTION.sub(self._replace, text) if "{{" in text else text

    def _replace(self, found: "re.Match[str]") -> str:
        value = self.values.get(found[1])
        if value is None:
            self.unknown[found[1]] = None
            return found[0]
        if self.count + len(value) > MAX_FILLED:
            self.left_out[found[1]] = None
            return found[0]
        self.count += len(value)
        return value


def _unknown_words(name: str, known: Iterable[str], speller: Speller) -> str:
    near = speller.nearest(name, known)
    hint = did_you_mean(f"{{{{{near}}}}}" if near else "")
    return f"{{{{{name}}}}} is in a text, and there is no such parameter; it stays as it is.{hint}"


def _as_words(value: Json) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _misfit(parameter: Parameter, value: Json) -> str:
    """What keeps the value from being one of the parameter; "" if nothing does."""
    match parameter.type:
        case ParameterType.TEXT:
            return "" if isinstance(value, str) else "must be a text"
        case ParameterType.NUMBER:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return "" if is_number else "must be a number"
        case ParameterType.BOOLEAN:
            return "" if isinstance(value, bool) else "must be true or false"
        case ParameterType.CHOICE:
            return "" if value in parameter.choices else f"must be one of {', '.join(parameter.choices)}"


def _fill_wish(wish: Wish, fill: Callable[[str], str]) -> Wish:
    return replace(
        wish,
        quote=fill(wish.quote),
        terms=tuple(map(fill, wish.terms)),
        constraints=tuple(map(fill, wish.constraints)),
    )


def _fill_veto(veto: Veto, fill: Callable[[str], str]) -> Veto:
    return replace(veto, quote=fill(veto.quote), terms=tuple(map(fill, veto.terms)))


def _fill_phase(phase: GivenPhase, fill: Callable[[str], str]) -> GivenPhase:
    return replace(
        phase,
        name=fill(phase.name),
        description=fill(phase.description),
        acceptance_criteria=tuple(map(fill, phase.acceptance_criteria)),
    )


def _error(code: str, origin: Origin, message: str, suggestion: str = "") -> EntryProblem:
    return EntryProblem(Severity.ERROR, code, origin, message, suggestion)
