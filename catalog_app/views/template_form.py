"""What somebody wants otherwise than in a template, from the fields of a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from catalog_app.briefing.items import read_items
from catalog_app.choices import ParameterType, PlanMode
from catalog_app.interchange.entries import Json
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.parameters import effective_values
from catalog_app.planning.request import Parameter, PlanRequest
from catalog_app.presentation.template_library import show_value
from catalog_app.views.plan_form import make_token

MOST_WORDS = 20_000
MOST_LINE = 2_000
MOST_NAME = 200
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """`removed` are keys of the template's wishes; `values` are what stands in the fields of its parameters,
    by name. Empty: as in the template. `token` is the form's own (`plans.create_plan`)."""

    title: str = ""
    plan_id: str = ""
    words: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    stack: str = ""
    mode: str = ""
    project: str = ""
    catalog: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    step: str = ""
    token: str = field(default_factory=make_token)

    @property
    def added_text(self) -> str:
        return "\n".join(self.added)

    @property
    def all_words(self) -> str:
        """The words, and those of the added lines that only refuse something: they mean the same there."""
        return "\n".join(filter(None, [self.words, *(line for line in self.added if _is_refusal(line))]))


@dataclass(frozen=True, slots=True)
class ParameterField:
    """`shown` is what stands in it; `problem` what is wrong with that. `id` is its own on the page."""

    parameter: Parameter
    id: str
    shown: str
    problem: str = ""

    @property
    def is_on(self) -> bool:
        return self.shown == "yes"


def read_template_form(post: QueryDict, request: PlanRequest) -> TemplateForm:
    """`keep` has the features whose boxes are ticked; `boxes` says that there were any."""
    kept = set(post.getlist("keep")) if "boxes" in post else {wish.key for wish in request.wishes}
    lines = (_clean(line)[:MOST_LINE] for line in _text(post, "added").splitlines())
    return TemplateForm(
        title=_clean(_text(post, "title"))[:MOST_NAME],
        plan_id=_clean(_text(post, "plan_id"))[:MOST_NAME],
        words=_text(post, "words").strip(),
        added=tuple(dict.fromkeys(line for line in lines if line)),
        removed=tuple(wish.key for wish in request.wishes if wish.key not in kept),
        stack=_clean(_text(post, "stack"))[:MOST_NAME],
        mode=_clean(_text(post, "mode")),
        project=_clean(_text(post, "project"))[:MOST_NAME],
        catalog=_clean(_text(post, "catalog"))[:MOST_NAME],
        values={each.name: _read_value(post, each) for each in request.parameters},
        step=_text(post, "step"),
        token=_clean(_text(post, "token"))[:MOST_NAME] or make_token(),
    )


def start_template_form(request: PlanRequest) -> TemplateForm:
    """Everything as in the template."""
    values = effective_values(request)
    return TemplateForm(values={name: show_value(value) for name, value in values.items()})


def describe_fields(form: TemplateForm, request: PlanRequest) -> list[ParameterField]:
    fields = []
    for index, parameter in enumerate(request.parameters):
        shown = form.values.get(parameter.name, "")
        problem = read_value(parameter, shown)[1]
        fields.append(ParameterField(parameter, f"value-{index}", shown, problem))
    return fields


def changes_of(form: TemplateForm, request: PlanRequest) -> PlanChanges:
    """What the fields say. What stands in a field as it does in the template is no
    change; a value that is none of its parameter is left out (see `describe_fields`)."""
    before = effective_values(request)
    values: dict[str, Json] = {}
    for parameter in request.parameters:
        value, problem = read_value(parameter, form.values.get(parameter.name, ""))
        if not problem and value != before.get(parameter.name):
            values[parameter.name] = value
    briefs = [read_items([line])[0] for line in form.added if not _is_refusal(line)]
    return PlanChanges(
        words=form.all_words,
        title=form.title if form.title and form.title != request.title else None,
        project_type=next((brief.project_type for brief in briefs if brief.project_type), None),
        mode=PlanMode(form.mode) if form.mode in {mode.value for mode in PlanMode} else None,
        stack=form.stack if form.stack and form.stack != request.stack else None,
        # Places of the lines would be taken for places of the template's brief.
        add=tuple(replace(wish, places=()) for brief in briefs for wish in brief.wishes),
        vetoes=tuple(replace(veto, places=()) for brief in briefs for veto in brief.vetoes),
        constraints=tuple(text for brief in briefs for text in brief.constraints),
        remove=form.removed,
        values=values,
    )


def read_value(parameter: Parameter, text: str) -> tuple[Json, str]:
    """The value that a field says, and what is wrong with it."""
    match parameter.type:
        case ParameterType.BOOLEAN:
            return text.lower() in ("yes", "true"), ""
        case ParameterType.NUMBER:
            return _read_number(text)
        case ParameterType.CHOICE:
            return text, "" if text in parameter.choices else f"Choose one of {', '.join(parameter.choices)}."
        case ParameterType.TEXT:
            return text, ""


def _is_refusal(line: str) -> bool:
    brief, _ = read_items([line])
    return bool(brief.vetoes) and not brief.wishes


def _read_value(post: QueryDict, parameter: Parameter) -> str:
    text = _text(post, f"value:{parameter.name}").strip()
    return ("yes" if text else "no") if parameter.type is ParameterType.BOOLEAN else text


def _read_number(text: str) -> tuple[Json, str]:
    if _INTEGER.fullmatch(text):
        return int(text), ""
    if _NUMBER.fullmatch(text):
        return float(text), ""
    return None, "This must be a number."


def _text(post: QueryDict, name: str) -> str:
    return post.get(name, "").replace("\0", "")[:MOST_WORDS]


def _clean(text: str) -> str:
    return " ".join(text.split())
