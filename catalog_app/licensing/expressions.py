"""Licence expressions as trees: SPDX annex B of 2.3, and the additions of 3.0 (`AdditionRef-`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

_ONLY = "-only"
_OR_LATER = "-or-later"


@dataclass(frozen=True, slots=True)
class License:
    """One licence, with "or later" if its id takes a `+`, and the exception or rider that goes with it."""

    id: str
    is_or_later: bool = False
    exception: str = ""

    @classmethod
    def of(cls, text: str) -> "License":
        """From SPDX's own spelling of one licence."""
        license_text, _, exception = text.partition(" WITH ")
        return cls(license_text.removesuffix("+"), license_text.endswith("+"), exception)

    @property
    def license_text(self) -> str:
        """Without the exception."""
        return f"{self.id}+" if self.is_or_later else self.id

    @property
    def named_version(self) -> str:
        """The id of the one version that an "or later" form names; other ids are their own."""
        return self.id.removesuffix(_OR_LATER) + _ONLY if self.id.endswith(_OR_LATER) else self.id


@dataclass(frozen=True, slots=True)
class AllOf:
    """AND: every part binds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """OR: whoever uses the work chooses."""

    parts: tuple["Node", ...]


Node = License | AllOf | AnyOf


def all_of(parts: Iterable[Node]) -> Node:
    """The parts joined by AND: flat, each once, in the order they came."""
    return _join(AllOf, parts)


def any_of(parts: Iterable[Node]) -> Node:
    """The parts joined by OR: flat, each once, in the order they came."""
    return _join(AnyOf, parts)


def _join(kind: type[AllOf] | type[AnyOf], parts: Iterable[Node]) -> Node:
    flat: dict[str, Node] = {}
    for part in parts:
        for inner in part.parts if isinstance(part, kind) else (part,):
            flat.setdefault(sorted_text(inner), inner)
    unique = tuple(flat.values())
    return unique[0] if len(unique) == 1 else kind(unique)


def render(node: Node) -> str:
    """As SPDX writes it, with the fewest parentheses."""
    match node:
        case License(exception=""):
            return node.license_text
        case License():
            return f"{node.license_text} WITH {node.exception}"
        case AnyOf():
            return " OR ".join(render(part) for part in node.parts)
        case AllOf():
            return " AND ".join(
                f"({render(part)})" if isinstance(part, AnyOf) else render(part) for part in node.parts
            )


def sorted_text(node: Node) -> str:
    """The same for expressions that differ by order and by the case of ids only."""
    if isinstance(node, License):
        return render(node).lower()
    word = " and " if isinstance(node, AllOf) else " or "
    return "(" + word.join(sorted(sorted_text(part) for part in node.parts)) + ")"


def leaves(node: Node) -> Iterator[License]:
    """Every licence of the expression, in order, repetitions included."""
    if isinstance(node, License):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


def map_leaves(node: Node, change: Callable[[License], Node]) -> Node:
    match node:
        case License():
            return change(node)
        case AllOf():
            return all_of(map_leaves(part, change) for part in node.parts)
        case AnyOf():
            return any_of(map_leaves(part, change) for part in node.parts)


def with_rider(node: Node, rider: str) -> Node:
    """The expression with a condition that limits every licence of it."""

    def limit(license: License) -> Node:
        if license.exception in ("", rider):
            return replace(license, exception=rider)
        return all_of([license, replace(license, exception=rider)])

    return map_leaves(node, limit)


def without_or_later(node: Node) -> Node:
    """Every "or later" form as the version it names."""
    return map_leaves(node, lambda license: replace(license, id=license.named_version, is_or_later=False))
