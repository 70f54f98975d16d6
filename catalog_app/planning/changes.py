"""What somebody wants otherwise in a request: the same, but with this and without that. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog_app.briefing.types import Pin, Veto, Wish
from catalog_app.choices import PlanMode, Strength
from catalog_app.interchange.entries import EntryProblem, Json, Origin
from catalog_app.planning.wishes import (
    MAX_ENTRIES,
    MAX_WISHES,
    read_pin,
    read_veto,
    read_wish,
    without_defaults,
    write_pin,
    write_veto,
    write_wish,
)
from catalog_app.planning.written import Written


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """None and empty: stays as it is. Features are named by key, slug, or words (`naming.FeatureNames`).

    `words` say changes as people do ("the same, but without teams"); they come before the others. "" takes
    away a pinned stack, slot or answer, None a pin or a parameter's value. `reuse` takes back that something
    is to be built new. A replacement stands where the old one stood.
    """

    words: str = ""
    title: str | None = None
    summary: str | None = None
    project_type: str | None = None
    mode: PlanMode | None = None
    stack: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    add: tuple[Wish, ...] = ()
    remove: tuple[str, ...] = ()
    replace: tuple[tuple[str, Wish], ...] = ()
    pins: Mapping[str, Pin | None] = field(default_factory=dict)
    build_new: tuple[str, ...] = ()
    reuse: tuple[str, ...] = ()
    strengths: Mapping[str, Strength] = field(default_factory=dict)
    vetoes: tuple[Veto, ...] = ()
    remove_vetoes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    remove_constraints: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)


def read_changes(written: object) -> tuple[PlanChanges, tuple[EntryProblem, ...]]:
    """Changes as JSON has them, and every problem with its place. Total."""
    problems: list[EntryProblem] = []
    top = Written(written, Origin(), problems)
    changes = PlanChanges(
        words=top.text("words"),
        title=_optional(top, "title"),
        summary=_optional(top, "summary"),
        project_type=_optional(top, "project_type"),
        mode=top.choice(PlanMode, "mode", PlanMode.ZERO_INTERVENTION) if top.has("mode") else None,
        stack=_optional(top, "stack"),
        slots=top.text_mapping("slots"),
        add=tuple(read_wish(*entry, problems) for entry in top.items("add", most=MAX_WISHES)),
        remove=top.texts("remove", most=MAX_WISHES),
        replace=tuple(_read_replacement(*entry, problems) for entry in top.items("replace", most=MAX_WISHES)),
        pins=_read_pins(top, problems),
        build_new=top.texts("build_new", most=MAX_WISHES),
        reuse=top.texts("reuse", most=MAX_WISHES),
        strengths=_read_strengths(top, problems),
        vetoes=tuple(read_veto(*entry, problems) for entry in top.items("vetoes", most=MAX_ENTRIES)),
        remove_vetoes=top.texts("remove_vetoes", most=MAX_WISHES),
        constraints=top.texts("constraints"),
        remove_constraints=top.texts("remove_constraints", most=MAX_WISHES),
        answers=top.text_mapping("answers"),
        values=top.mapping("values"),
    )
    top.finish()
    return changes, tuple(problems)


def write_changes(changes: PlanChanges) -> dict[str, Json]:
    """As JSON; what stays is left out. `read_changes` gives the same changes back."""
    said: dict[str, Json] = {
        key: value
        for key, value in (
            ("title", changes.title),
            ("summary", changes.summary),
            ("project_type", changes.project_type),
            ("mode", changes.mode.value if changes.mode else None),
            ("stack", changes.stack),
        )
        if value is not None
    }
    return said | without_defaults(
        {
            "words": changes.words,
            "slots": dict(changes.slots),
            "add": [write_wish(wish) for wish in changes.add],
            "remove": list(changes.remove),
            "replace": [{"feature": name, "with": write_wish(wish)} for name, wish in changes.replace],
            "pins": {name: write_pin(pin) if pin else None for name, pin in changes.pins.items()},
            "build_new": list(changes.build_new),
            "reuse": list(changes.reuse),
            "strengths": {name: strength.value for name, strength in changes.strengths.items()},
            "vetoes": [write_veto(veto) for veto in changes.vetoes],
            "remove_vetoes": list(changes.remove_vetoes),
            "constraints": list(changes.constraints),
            "remove_constraints": list(changes.remove_constraints),
            "answers": dict(changes.answers),
            "values": dict(changes.values),
        }
    )


def list_named(changes: PlanChanges) -> dict[str, Wish | Veto]:
    """Everything that names a feature of the catalog, by the JSON pointer of the name. What is to be built
    new whatever it is called names none."""
    wishes = {f"/add/{index}/slug": wish for index, wish in enumerate(changes.add)}
    wishes |= {f"/replace/{index}/with/slug": wish for index, (_, wish) in enumerate(changes.replace)}
    named: dict[str, Wish | Veto] = {
        pointer: wish for pointer, wish in wishes.items() if wish.slug and not wish.build_new
    }
    vetoes = enumerate(changes.vetoes)
    return named | {f"/vetoes/{index}/slug": veto for index, veto in vetoes if veto.slug}


def _optional(top: Written, key: str) -> str | None:
    text = top.text(key)
    return text if top.has(key) else None


def _read_replacement(written: object, origin: Origin, problems: list[EntryProblem]) -> tuple[str, Wish]:
    entry = Written(written, origin, problems)
    name = entry.text("feature", is_needed=True)
    wish = entry.json("with")
    if wish is None:
        entry.complain("missing", "has no with")
        wish = {"slug": name}
    replacement = read_wish(wish, origin.inner("with"), problems)
    entry.finish()
    return name, replacement


def _read_pins(top: Written, problems: list[EntryProblem]) -> dict[str, Pin | None]:
    here = top.origin.inner("pins")
    return {
        name: None if pin is None else read_pin(pin, here.inner(name), problems)
        for name, pin in top.mapping("pins", most=MAX_WISHES).items()
    }


def _read_strengths(top: Written, problems: list[EntryProblem]) -> dict[str, Strength]:
    said = top.mapping("strengths", most=MAX_WISHES)
    inner = Written(said, top.origin.inner("strengths"), problems)
    return {name: inner.choice(Strength, name, Strength.MUST) for name in inner.keys}
