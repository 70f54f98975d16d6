"""Whether the licence that was detected is the one that was declared."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from catalog_app.licensing.expressions import (
    AllOf,
    AnyOf,
    License,
    Node,
    any_of,
    leaves,
    render,
    sorted_text,
    without_or_later,
)
from catalog_app.licensing.index import PRIVATE
from catalog_app.licensing.problems import ProblemCode
from catalog_app.licensing.reading import parse_license, read_tree


@dataclass(frozen=True, slots=True)
class Comparison:
    """`suggestion` is what to declare where the two differ, "" where a person must look."""

    is_match: bool
    detail: str
    suggestion: str = ""


def compare_licenses(declared: str, detected: str) -> Comparison:
    """Compare a declaration with what a detector found at the same path.

    Order, spelling and retired ids do not count. Nor does what a licence's text cannot tell: "only" and "or
    later" share a text, and two texts lie in the same folder whether they are a choice or not.
    """
    return _compare(declared, detected)


@lru_cache(maxsize=4096)
def _compare(declared: str, detected: str) -> Comparison:
    ours, found = read_tree(declared), read_tree(detected)
    if found is None:
        return _compare_with_nothing(ours, detected)
    if ours is None:
        why = parse_license(declared).problems[0].detail
        return Comparison(False, f"What is declared is not settled: {why}.", render(found))
    if sorted_text(ours) == sorted_text(found):
        return Comparison(True, f"{render(found)} was detected, as declared.")
    plain_ours, plain_found = without_or_later(ours), without_or_later(found)
    if sorted_text(plain_ours) == sorted_text(plain_found):
        detail = (
            f"{render(found)} was detected for {render(ours)}: the text is the same with and without "
            "later versions, only notices in the files can tell."
        )
        return Comparison(True, detail)
    return _compare_choices(ours, found, plain_ours, plain_found) or _list_differences(
        ours, found, plain_ours, plain_found
    )


def _compare_with_nothing(ours: Node | None, detected: str) -> Comparison:
    problem = parse_license(detected).problems[0]
    is_absent = problem.code in (ProblemCode.NO_LICENSE, ProblemCode.UNKNOWN)
    if ours == License(PRIVATE) and is_absent:
        return Comparison(True, "No licence was detected, as is to be expected of private work.")
    if is_absent:
        return Comparison(False, "No licence was detected.")
    return Comparison(False, f"What was detected is not settled: {problem.detail}.")


def _compare_choices(ours: Node, found: Node, plain_ours: Node, plain_found: Node) -> Comparison | None:
    """None when the difference is not that of a choice."""
    declared_branches, found_branches = _branches(plain_ours), _branches(plain_found)
    if isinstance(plain_ours, AnyOf) and _texts(plain_found) == _texts(plain_ours):
        detail = (
            f"The texts of every licence of {render(ours)} were detected; that they are a choice, and do not "
            "bind together, is what the author says."
        )
        return Comparison(True, detail)
    if isinstance(plain_ours, AnyOf) and found_branches < declared_branches:
        missing = _named(plain_ours, declared_branches - found_branches)
        detail = (
            f"Of the declared choice only {render(found)} was detected, not {missing}: declare what is there."
        )
        return Comparison(False, detail, render(found))
    if isinstance(plain_found, AnyOf) and declared_branches < found_branches:
        detail = f"{render(ours)} is one branch of the choice {render(found)}: declare the whole choice."
        return Comparison(False, detail, render(found))
    return None


def _list_differences(ours: Node, found: Node, plain_ours: Node, plain_found: Node) -> Comparison:
    declared, detected = _texts(plain_ours), _texts(plain_found)
    sentences = [f"{render(ours)} is declared and {render(found)} was detected."]
    if missing := declared - detected:
        sentences.append(f"Not detected: {_named(plain_ours, missing)}.")
    if added := detected - declared:
        sentences.append(f"Not declared: {_named(plain_found, added)}.")
    if declared == detected:
        sentences.append("The licences are the same, joined in another way.")
    if {leaf.id for leaf in leaves(plain_ours)} == {
        leaf.id for leaf in leaves(plain_found)
    } and missing | added:
        sentences.append("They differ by an exception.")
    suggestion = render(found)
    if isinstance(plain_ours, License) and isinstance(plain_found, AllOf) and declared < detected:
        choice = render(any_of(leaves(found)))
        sentences.append(f"If the files are offered as a choice, declare {choice}.")
    return Comparison(False, " ".join(sentences), suggestion)


def _branches(node: Node) -> frozenset[str]:
    return frozenset(sorted_text(part) for part in (node.parts if isinstance(node, AnyOf) else (node,)))


def _texts(node: Node) -> frozenset[str]:
    return frozenset(sorted_text(leaf) for leaf in leaves(node))


def _named(node: Node, wanted: Iterable[str]) -> str:
    """The parts of the node that are wanted, as they are written."""
    keys = set(wanted)
    parts = [*(node.parts if isinstance(node, AnyOf) else ()), *leaves(node)]
    return ", ".join(dict.fromkeys(render(part) for part in parts if sorted_text(part) in keys))
