"""What a service refuses, beside the fields of a form that it is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from autopack.errors import AutopackError

REASON_MESSAGE = "Give a reason for this change."

Error = Mapping[str, Any]
Step = str | int


def place_refusal(form: forms.BaseForm, refusal: AutopackError) -> None:
    """Add every reason of the refusal to the form: by its `field`, else to the form as a whole."""
    if not refusal.errors:
        form.add_error(None, refusal.detail)
    for error in refusal.errors:
        place_error(form, str(error.get("field", "")), error)


def place_error(form: forms.BaseForm, name: str, error: Error, *, below: Sequence[Step] = ()) -> None:
    """`below` leads from the field's value to the part of it that the error is about."""
    if error.get("code") == "reason_required":
        name = "reason"
    detail = sentence(_message(error), error.get("suggestions") or [error.get("suggestion", "")])
    parts = ".".join(step for step in below if isinstance(step, str))
    detail = f"{parts}: {detail}" if parts else detail
    field = name if name in form.fields else None
    if detail not in form.errors.get(field or "__all__", []):
        form.add_error(field, detail)


def _message(error: Error) -> str:
    """Without the place and the suggestion, which a form shows in its own way."""
    detail = str(error["detail"]).removeprefix(f"{error.get('path')}: ")
    return detail.removesuffix(f"; suggestion: {error.get('suggestion')}")


def steps_of(error: Error) -> tuple[Step, ...]:
    """Where in a document an error is, from its JSON pointer; empty if it does not say."""
    pointer = str(error.get("pointer", ""))
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def starts_with(steps: Sequence[Step], place: Sequence[Step]) -> bool:
    return tuple(map(str, steps[: len(place)])) == tuple(map(str, place))


def sentence(detail: str, suggestions: Sequence[str] = ()) -> str:
    """A problem as a whole sentence, with what to write instead."""
    said = detail[:1].upper() + detail[1:]
    ended = said if said.endswith((".", "?", "!")) else f"{said}."
    wanted = " or ".join(suggestion for suggestion in suggestions if suggestion)
    return f"{ended} Did you mean {wanted}?" if wanted else ended
