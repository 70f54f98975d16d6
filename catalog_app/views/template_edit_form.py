"""What is said of a template on its page to edit it: its words, and its parameters as rows of fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from catalog_app.choices import ParameterType
from catalog_app.models import PlanTemplate
from catalog_app.planning.request import Parameter
from catalog_app.presentation.template_library import show_value
from catalog_app.views.template_form import read_value

MOST_CHARACTERS = 20_000
MOST_ROWS = 200
SPARE_ROWS = 2
"""For parameters that are new."""


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter as its fields have it; `choices` have commas between. `was` is its name in the template:
    without a name it is dropped, if it has been one, and not meant at all, if nothing else is filled in."""

    name: str = ""
    type: str = ParameterType.TEXT.value
    default: str = ""
    choices: str = ""
    description: str = ""
    was: str = field(default="", compare=False)
    problem: str = ""

    @property
    def is_meant(self) -> bool:
        return bool(self.name or (not self.was and (self.default or self.choices or self.description)))


@dataclass(frozen=True, slots=True)
class EditForm:
    """`rows` None: the parameters stay as they are."""

    title: str
    description: str
    tags: str
    version: str
    note: str = ""
    rows: tuple[ParameterRow, ...] | None = None

    @property
    def has_problem(self) -> bool:
        return any(row.problem for row in self.rows or ())

    @property
    def shown_rows(self) -> list[ParameterRow]:
        return [*(self.rows or ()), *(ParameterRow() for _ in range(SPARE_ROWS))]


def present_template(template: PlanTemplate, parameters: Iterable[Parameter]) -> EditForm:
    return EditForm(
        title=template.title,
        description=template.description,
        tags=", ".join(template.tags),
        version=str(template.latest_version),
        rows=tuple(map(_present, parameters)),
    )


def read_edit_form(post: QueryDict) -> EditForm:
    texts = {name: _text(post, name) for name in ("title", "description", "tags", "version", "note")}
    return EditForm(**texts, rows=_read_rows(post) if "rows" in post else None)


def parameters_of(form: EditForm, before: Sequence[Parameter]) -> list[Parameter] | None:
    """None: as before. A row that nobody touched is the parameter that it was."""
    if form.rows is None:
        return None
    known = {_present(parameter): parameter for parameter in before}
    return [known.get(row) or _parameter(row)[0] for row in form.rows]


def _present(parameter: Parameter) -> ParameterRow:
    return ParameterRow(
        name=parameter.name,
        type=parameter.type.value,
        default=_line(show_value(parameter.default)),
        choices=", ".join(map(_line, parameter.choices)),
        description=_line(parameter.description),
        was=parameter.name,
    )


def _read_rows(post: QueryDict) -> tuple[ParameterRow, ...]:
    names = ("name", "type", "default", "choices", "description")
    columns = [[_line(text) for text in post.getlist(f"parameter_{name}")[:MOST_ROWS]] for name in names]
    were = [_line(text) for text in post.getlist("parameter_was")[:MOST_ROWS]]
    columns.append(were + [""] * (MOST_ROWS - len(were)))
    rows = [ParameterRow(*values) for values in zip(*columns, strict=False)]
    return tuple(replace(row, problem=_parameter(row)[1]) for row in rows if row.is_meant)


def _parameter(row: ParameterRow) -> tuple[Parameter, str]:
    """The parameter, and what is wrong with its fields."""
    types = {each.value: each for each in ParameterType}
    choices = tuple(dict.fromkeys(_line(choice) for choice in row.choices.split(",") if choice.strip()))
    kind = types.get(row.type, ParameterType.TEXT)
    parameter = Parameter(
        name=row.name,
        type=kind,
        default=None,
        description=row.description,
        choices=choices if kind is ParameterType.CHOICE else (),
    )
    if not row.name:
        return parameter, "Give it a name, or empty its fields."
    if kind is ParameterType.CHOICE and not choices:
        return parameter, "Say what there is to choose from."
    default, problem = read_value(parameter, row.default)
    return Parameter(row.name, kind, default, parameter.description, parameter.choices), problem


def _text(post: QueryDict, name: str) -> str:
    return post.get(name, "").replace("\0", "")[:MOST_CHARACTERS]


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:MOST_CHARACTERS]
