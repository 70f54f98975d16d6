"""What a caller says of an application, as a list and in prose, made into one request. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from catalog_app.briefing.items import read_items
from catalog_app.briefing.keys import Keys
from catalog_app.briefing.merging import merge_wishes
from catalog_app.briefing.reading import read_text
from catalog_app.briefing.types import Brief
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.bounding import bound_request
from catalog_app.planning.changes import read_changes
from catalog_app.planning.parameters import check_parameters
from catalog_app.planning.request import PlanRequest, read_request

MAX_TEXT_BYTES = 2_000_000
OWN_KEYS = ("text", "features", "pins")
"""What is read here; everything else is as `read_request` has it."""


def compose_request(said: Mapping[str, Json]) -> tuple[PlanRequest, tuple[EntryProblem, ...]]:
    """`features` is a list of texts and objects, `text` a brief in markdown, `pins` say by a feature's key,
    slug or words where it is taken from. What is said outright goes before what the text says.

    With any problem, each with its place, the request is not to be planned.
    """
    rest = {key: value for key, value in said.items() if key not in OWN_KEYS}
    request, problems = read_request(rest)
    listed, of_items = read_items(said.get("features") or (), Origin().inner("features"))  # type: ignore[arg-type]  # it says itself what is no list
    told, of_text = _read_prose(said.get("text"))
    composed = _compose(request, listed, told)
    of_parameters = check_parameters(composed)
    changes, of_pins = read_changes({"pins": said.get("pins") or {}})
    pinned, of_pinning = apply_changes(composed, changes)
    return pinned, (*problems, *of_items, *of_text, *of_parameters, *of_pins, *of_pinning)


def _read_prose(text: Json) -> tuple[Brief, tuple[EntryProblem, ...]]:
    if text is None:
        return Brief(), ()
    here = Origin().inner("text")
    if not isinstance(text, str):
        return Brief(), (EntryProblem(Severity.ERROR, "wrong_kind", here, "must be a text"),)
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_TEXT_BYTES:
        message = (
            f"has {size:,} bytes; at most {MAX_TEXT_BYTES:,} are read. Leave out what is not about features"
        )
        return Brief(), (EntryProblem(Severity.ERROR, "text_too_long", here, message),)
    return read_text(text), ()


def _compose(request: PlanRequest, listed: Brief, told: Brief) -> PlanRequest:
    keys = Keys()
    vetoes = [
        replace(veto, key=keys.take(veto.quote, veto.key))
        for veto in (*request.vetoes, *listed.vetoes, *told.vetoes)
    ]
    wishes = [
        replace(wish, key=keys.take(wish.quote, wish.key))
        for wish in merge_wishes((*listed.wishes, *told.wishes))
    ]
    composed = replace(
        request,
        title=request.title or told.title,
        summary=request.summary or told.summary,
        project_type=request.project_type or told.project_type,
        wishes=tuple(wishes),
        vetoes=tuple(vetoes),
        constraints=tuple(dict.fromkeys((*request.constraints, *listed.constraints, *told.constraints))),
        leftovers=(*request.leftovers, *listed.leftovers, *told.leftovers),
    )
    return bound_request(composed)
