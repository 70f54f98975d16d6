"""What somebody asked for, as values. Pure."""

from dataclasses import dataclass

from catalog_app.choices import Strength


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stood. In a text: its line, from 1, and the headings above it, outermost first. In a
    list: a JSON pointer (RFC 6901) into the request."""

    line: int = 0
    section: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """The source that a feature must be taken from: a repository of the catalog, all of its sources for the
    feature or the one with these paths."""

    repo_id: str
    paths: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One feature that somebody wants.

    `key` is unique in a request and stays the same when the request is revised. `quote` is what was said,
    `terms` what an engineer would call it (from the caller), `slug` the catalog's feature where it was named
    or chosen. `constraints` are conditions on it, in words.
    """

    key: str
    quote: str
    terms: tuple[str, ...] = ()
    slug: str = ""
    strength: Strength = Strength.MUST
    constraints: tuple[str, ...] = ()
    build_new: bool = False
    pin: Pin | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Veto:
    """What must not be there, in words or as the slug of a feature."""

    key: str
    quote: str
    terms: tuple[str, ...] = ()
    slug: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Leftover:
    """Part of the input that became nothing, and why. Nothing is dropped without one."""

    text: str
    why: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the input said. `constraints` hold for the whole application ("runs on one small server")."""

    title: str = ""
    summary: str = ""
    project_type: str = ""
    wishes: tuple[Wish, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    constraints: tuple[str, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
