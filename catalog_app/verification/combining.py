"""Joining licence expressions."""

from collections.abc import Iterable

from catalog_app.licensing.expressions import Node, all_of, any_of, render
from catalog_app.licensing.reading import read_tree


def together(expressions: Iterable[str]) -> str:
    """All of them at once, each named once. Empty if there are none, or one is unknown (empty)."""
    nodes = _read(expressions)
    return render(all_of(nodes)) if nodes else ""


def either(expressions: Iterable[str]) -> str:
    """Any one of them. Empty if there are none, or one is unknown (empty)."""
    nodes = _read(expressions)
    return render(any_of(nodes)) if nodes else ""


def _read(expressions: Iterable[str]) -> list[Node]:
    nodes = []
    for expression in dict.fromkeys(expressions):
        node = read_tree(expression) if expression else None
        if node is None:
            return []
        nodes.append(node)
    return nodes
