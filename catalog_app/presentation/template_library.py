"""Templates as their pages show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_app.choices import TemplateOrigin
from catalog_app.interchange.entries import Json
from catalog_app.models import PlanTemplate
from catalog_app.planning.request import Parameter
from catalog_app.presentation.comparing import Line
from catalog_app.presentation.plans import read_figures
from catalog_app.selectors.templates import FailureCount, TemplateStatistics

GOOD, FAIR = 0.8, 0.5
"""Shares of runs that succeeded, from which on a template does well, or so so."""


@dataclass(frozen=True, slots=True)
class Success:
    """How often runs of a template succeeded; `level` is the colour of it."""

    runs: int
    succeeded: int

    @property
    def percent(self) -> int:
        return round(100 * self.succeeded / self.runs) if self.runs else 0

    @property
    def words(self) -> str:
        if not self.runs:
            return "not run yet"
        return f"{self.succeeded} of {self.runs} run{'' if self.runs == 1 else 's'}"

    @property
    def level(self) -> str:
        share = self.succeeded / self.runs if self.runs else 0
        return "ap-green" if share >= GOOD else "ap-near" if share >= FAIR else "ap-over"


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """`size` and `share` are words about its plan, such as `12 features` and `5 reused, 18 phases`."""

    template: PlanTemplate
    size: str
    share: str
    success: Success
    duration_seconds: float | None
    tokens: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    what: str
    count: int


def describe_templates(
    templates: Iterable[PlanTemplate],
    *,
    outlines: Mapping[int, Mapping[str, Any]],
    statistics: Mapping[int, TemplateStatistics],
) -> list[TemplateRow]:
    """`outlines` and `statistics` by the template's key. Any: JSON objects."""
    return [_describe(each, outlines.get(each.pk, {}), statistics[each.pk]) for each in templates]


def _describe(
    template: PlanTemplate, outline: Mapping[str, Any], statistics: TemplateStatistics
) -> TemplateRow:
    figures = read_figures(outline)
    parts = [f"{figures.reused} reused"] if figures.reused else []
    parts += [_counted(figures.phases, "phase")] if figures.phases else []
    return TemplateRow(
        template=template,
        size=_counted(figures.features, "feature"),
        share=", ".join(parts),
        success=describe_success(statistics),
        duration_seconds=statistics.median_duration_seconds,
        tokens=statistics.median_tokens,
    )


def _counted(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


def describe_success(statistics: TemplateStatistics) -> Success:
    return Success(statistics.runs, statistics.succeeded)


def describe_failures(failures: Iterable[FailureCount]) -> list[Failure]:
    """In words: `tests, in phase tests-2 (ci_red)`."""
    return [Failure(_tell_failure(failure), failure.count) for failure in failures]


def _tell_failure(failure: FailureCount) -> str:
    code = f" ({failure.code.replace('_', ' ')})" if failure.code else ""
    if not failure.phase_id:
        return f"The run as a whole{code}"
    kind = failure.category.replace("_", " ") or "phase"
    return f"{kind[:1].upper()}{kind[1:]}, in phase {failure.phase_id}{code}"


def compare_outcomes(statistics: Sequence[TemplateStatistics]) -> list[Line]:
    """Of two templates; nothing where neither has run."""
    first, second = statistics
    if not first.runs and not second.runs:
        return []
    rows: list[tuple[str, str, str]] = [
        ("Runs that went well", describe_success(first).words, describe_success(second).words),
        ("Median minutes", _minutes(first), _minutes(second)),
        ("Median tokens", _whole(first.median_tokens), _whole(second.median_tokens)),
        ("Median CI runs", _whole(first.median_ci_runs), _whole(second.median_ci_runs)),
    ]
    return [Line(label, (left, right)) for label, left, right in rows]


def _minutes(statistics: TemplateStatistics) -> str:
    seconds = statistics.median_duration_seconds
    return "" if seconds is None else f"{seconds / 60:.0f}"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def tell_origin(template: PlanTemplate) -> str:
    """Such as `from run shop-7`."""
    origin = TemplateOrigin(template.origin)
    if origin is TemplateOrigin.YAML:
        return f"from {template.origin_ref}" if template.origin_ref else "from a file"
    return f"from {origin.words_inside} {template.origin_ref}".rstrip()


def show_value(value: Json) -> str:
    """A value of a parameter as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """`shown` is the default."""

    parameter: Parameter
    shown: str


def describe_parameters(parameters: Iterable[Parameter]) -> list[ParameterLine]:
    return [ParameterLine(parameter, show_value(parameter.default)) for parameter in parameters]
