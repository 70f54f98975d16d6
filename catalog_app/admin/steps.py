"""Decisions that a curator takes over one row or many: a page that shows what will happen and asks for what
has to be said, then one call of a service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from autopack.actors import Actor
from autopack.authentication import get_actor
from autopack.errors import Refused, WrongState
from catalog_app.admin.refusals import REASON_MESSAGE, place_refusal

MOST_SHOWN = 50
_CONFIRMED = "confirmed"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": REASON_MESSAGE},
        help_text="It is kept in the history of everything that changes.",
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What will happen with one row. `is_change` false: nothing."""

    name: str
    text: str
    is_change: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """`foresee` tells of one row, without changing it; `take` does it to all and says what it did. `start`
    fills the form for a row on its own.

    `take` raises what services raise: Refused and WrongState are shown on the page.
    """

    title: str
    explanation: str
    button: str
    foresee: Callable[[Any], Outcome]
    take: Callable[[Sequence[Any], Mapping[str, Any], Actor], str]
    form: type[forms.Form] = ReasonForm
    start: Callable[[Any], Mapping[str, Any]] = lambda row: {}  # noqa: ARG005
    is_dangerous: bool = False


def run_step(request: HttpRequest, step: Step, rows: QuerySet[Any]) -> HttpResponse | None:
    """The page, until it is confirmed; then None, and what was done is said as a message.

    Rows that joined or left the selection since the page was shown bring it back.
    """
    is_confirmed = request.method == "POST" and _CONFIRMED in request.POST
    count = rows.count()
    initial = dict(step.start(rows.get())) if count == 1 else {}
    form = step.form(request.POST if is_confirmed else None, initial=initial)
    if is_confirmed and request.POST[_CONFIRMED] != str(count):
        messages.warning(request, f"The selection has changed since: there are {count} rows now.")
    elif is_confirmed and form.is_valid():
        try:
            said = step.take(list(rows), form.cleaned_data, get_actor(request))
        except (Refused, WrongState) as refusal:
            place_refusal(form, refusal)
        else:
            messages.success(request, said)
            return None
    context = {
        **admin.site.each_context(request),
        "title": step.title,
        "step": step,
        "form": form,
        "outcomes": [step.foresee(row) for row in rows[:MOST_SHOWN]],
        "count": count,
        "action_name": request.POST.get("action", ""),
        "select_across": request.POST.get("select_across", ""),
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/catalog_app/step.html", context)


def counted(rows: Sequence[object], one: str, many: str) -> str:
    """`counted(rows, "repository", "repositories")`: 1 repository, 3 repositories."""
    return f"1 {one}" if len(rows) == 1 else f"{len(rows)} {many}"
