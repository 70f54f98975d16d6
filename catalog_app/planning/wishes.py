"""Wishes, vetoes and pins as JSON and YAML have them, and back. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace

from catalog_app.briefing.keys import key_of, veto_key_of
from catalog_app.briefing.types import Pin, Place, Veto, Wish
from catalog_app.choices import Strength
from catalog_app.interchange.entries import EntryProblem, Json, Origin
from catalog_app.interchange.mapping import title_of
from catalog_app.planning.written import Written

MAX_WISHES = 5_000
MAX_ENTRIES = 20_000
"""Of lists that come along: places, what was not understood."""

_NO = re.compile(r"^\s*(?:no|not|without)\s+(?=\S)", re.IGNORECASE)
"""People write a veto as one; its quote is what it is against."""


def read_wish(written: object, origin: Origin, problems: list[EntryProblem]) -> Wish:
    """One feature: a text, or a mapping. Without a key it gets one made of its quote."""
    wish = read_keyless_wish(written, origin, problems)
    return replace(wish, key=wish.key or key_of(wish.quote))


def read_veto(written: object, origin: Origin, problems: list[EntryProblem]) -> Veto:
    veto = read_keyless_veto(written, origin, problems)
    return replace(veto, key=veto.key or veto_key_of(veto.quote))


def read_pin(written: object, origin: Origin, problems: list[EntryProblem]) -> Pin:
    """A repository's id, or a mapping with its paths."""
    if isinstance(written, str):
        return Pin(written)
    entry = Written(written, origin, problems)
    repo_id = entry.text("repo_id", is_needed=True)
    paths = entry.texts("paths") if entry.has("paths") else None
    entry.finish()
    return Pin(repo_id, paths)


def write_pin(pin: Pin) -> dict[str, Json]:
    return {"repo_id": pin.repo_id} | ({} if pin.paths is None else {"paths": list(pin.paths)})


def write_wish(wish: Wish) -> dict[str, Json]:
    return without_defaults(
        {
            "key": wish.key,
            "quote": wish.quote,
            "terms": list(wish.terms),
            "slug": wish.slug,
            "strength": wish.strength.value if wish.strength is not Strength.MUST else "",
            "constraints": list(wish.constraints),
            "build_new": wish.build_new,
            "pin": None if wish.pin is None else write_pin(wish.pin),
            "places": [write_place(place) for place in wish.places],
        },
        keep=("key", "quote"),
    )


def write_veto(veto: Veto) -> dict[str, Json]:
    return without_defaults(
        {
            "key": veto.key,
            "quote": veto.quote,
            "terms": list(veto.terms),
            "slug": veto.slug,
            "places": [write_place(place) for place in veto.places],
        },
        keep=("key", "quote"),
    )


def read_keyless_wish(written: object, origin: Origin, problems: list[EntryProblem]) -> Wish:
    if isinstance(written, str):
        written = {"quote": written}
    entry = Written(written, origin, problems)
    slug = entry.text("slug")
    pin = entry.json("pin")
    wish = Wish(
        key=entry.text("key"),
        quote=entry.text("quote", is_needed=not slug) or title_of(slug),
        terms=entry.texts("terms"),
        slug=slug,
        strength=entry.choice(Strength, "strength", Strength.MUST),
        constraints=entry.texts("constraints"),
        build_new=entry.flag("build_new"),
        pin=None if pin is None else read_pin(pin, origin.inner("pin"), problems),
        places=_read_places(entry, problems),
    )
    entry.finish()
    return wish


def read_keyless_veto(written: object, origin: Origin, problems: list[EntryProblem]) -> Veto:
    if isinstance(written, str):
        written = {"quote": _NO.sub("", written)}
    entry = Written(written, origin, problems)
    slug = entry.text("slug")
    veto = Veto(
        key=entry.text("key"),
        quote=entry.text("quote", is_needed=not slug) or title_of(slug),
        terms=entry.texts("terms"),
        slug=slug,
        places=_read_places(entry, problems),
    )
    entry.finish()
    return veto


def _read_places(entry: Written, problems: list[EntryProblem]) -> tuple[Place, ...]:
    return tuple(read_place(item, here, problems) for item, here in entry.items("places", most=MAX_ENTRIES))


def read_place(written: object, origin: Origin, problems: list[EntryProblem]) -> Place:
    entry = Written(written, origin, problems)
    place = Place(entry.count("line"), entry.texts("section"), entry.text("pointer"))
    entry.finish()
    return place


def write_place(place: Place) -> dict[str, Json]:
    return without_defaults({"line": place.line, "section": list(place.section), "pointer": place.pointer})


def without_defaults(written: Mapping[str, Json], *, keep: tuple[str, ...] = ()) -> dict[str, Json]:
    return {key: value for key, value in written.items() if key in keep or not _is_empty(value)}


def _is_empty(value: Json) -> bool:
    return value in (None, "", [], {}) or value is False or (type(value) is int and value == 0)
