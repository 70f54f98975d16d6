"""What is wrong with the terms of a policy, before anything is decided by them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from catalog_app.choices import Use
from catalog_app.licensing.expressions import License
from catalog_app.licensing.index import (
    NO_LICENSE_IDS,
    UNKNOWN_IDS,
    list_categories,
    list_exceptions,
    list_licenses,
    slug,
)
from catalog_app.licensing.policy import (
    CATEGORY_PREFIX,
    PolicyTerms,
    Term,
    compile_wildcard,
    read_policy,
    read_term,
)
from catalog_app.licensing.problems import ProblemLevel, quoted
from catalog_app.licensing.reading import parse_license

MAX_TERMS = 500
"""Of all lists together; more is not a policy that anyone can read."""


_REFERENCE = "LicenseRef-"


@dataclass(frozen=True, slots=True)
class TermProblem:
    """`list_name` is the field of PolicyTerms. An error decides nothing, or not what it seems to."""

    list_name: str
    term: str
    level: ProblemLevel
    detail: str
    suggestions: tuple[str, ...] = ()


def check_terms(terms: PolicyTerms) -> tuple[TermProblem, ...]:
    """Unknown, contradictory, repeated and useless terms, in the order of the lists."""
    listed = list(terms.listed())
    if len(listed) > MAX_TERMS:
        detail = f"there are {len(listed)} terms; at most {MAX_TERMS} are kept"
        return (TermProblem("", "", ProblemLevel.ERROR, detail),)
    useful = _list_useful_keys(terms)
    places: dict[str, set[str]] = defaultdict(set)
    problems: list[TermProblem] = []
    for list_name, text in listed:
        term = read_term(text)
        if term is None:
            problems.append(_unreadable(list_name, text))
            continue
        problems += _check_term(list_name, term, places[term.key], is_useful=term.key in useful)
        places[term.key].add(list_name)
    return tuple(problems)


def _unreadable(list_name: str, text: str) -> TermProblem:
    if text.strip().lower().startswith(CATEGORY_PREFIX):
        given = slug(text.strip()[len(CATEGORY_PREFIX) :])
        near = get_close_matches(given, list_categories(), 3, 0.5) or list(list_categories())
        detail = f"{quoted(text)} is no category of licences"
        return TermProblem(
            list_name, text, ProblemLevel.ERROR, detail, tuple(CATEGORY_PREFIX + name for name in near)
        )
    if "*" in text:
        detail = f"{quoted(text)}: a pattern is an id with * in it, and perhaps WITH an exception"
        return TermProblem(list_name, text, ProblemLevel.ERROR, detail)
    read = parse_license(text)
    if read.is_settled:
        detail = f"{quoted(text)} names several licences: list each by itself"
        return TermProblem(list_name, text, ProblemLevel.ERROR, detail)
    category = CATEGORY_PREFIX + slug(text)
    suggestions = (category,) if slug(text) in list_categories() else read.suggestions
    return TermProblem(list_name, text, ProblemLevel.ERROR, read.problems[0].detail, suggestions)


def _check_term(list_name: str, term: Term, seen_on: set[str], *, is_useful: bool) -> Iterator[TermProblem]:
    def problem(level: ProblemLevel, detail: str, *suggestions: str) -> TermProblem:
        return TermProblem(list_name, term.text, level, detail, suggestions)

    if term.license is not None:
        read = parse_license(term.text)
        if read.problems:
            yield problem(read.problems[0].level, read.problems[0].detail, read.expression)
        if term.license.id in UNKNOWN_IDS | NO_LICENSE_IDS and list_name != "denied":
            yield problem(
                ProblemLevel.ERROR, "an unknown licence, or none, is denied whatever the policy says"
            )
            return
    if list_name in seen_on:
        yield problem(ProblemLevel.NOTE, f"{quoted(term.text)} is on this list already")
    elif list_name == "allowed_as_dependency":
        if "allowed" in seen_on and not seen_on & {"review", "denied"}:
            yield problem(ProblemLevel.NOTE, f"{quoted(term.text)} is allowed for every use already")
    elif seen_on:
        others = " and ".join(sorted(seen_on))
        detail = f"{quoted(term.text)} is also {others}: the strictest list decides"
        yield problem(ProblemLevel.ERROR, detail)
    elif not is_useful:
        detail = f"{quoted(term.text)} decides nothing: it fits no licence, or others always win"
        yield problem(ProblemLevel.WARNING, detail)
    if term.key == "*" and list_name in ("allowed", "allowed_as_dependency"):
        detail = "everything that no other term names is allowed, proprietary licences too"
        yield problem(ProblemLevel.WARNING, detail)


@lru_cache(maxsize=64)
def _list_useful_keys(terms: PolicyTerms) -> frozenset[str]:
    """Terms that decide on some licence that exists, or may exist, for one of the uses."""
    examples = set(_list_examples())
    for _, text in terms.listed():
        term = read_term(text)
        if term is not None and term.license is not None:
            examples.add(term.license)
        elif term is not None and term.pattern is not None:
            examples |= set(_list_examples_of_pattern(" ".join(text.split())))
    useful: set[str] = set()
    for policy in {read_policy(terms, use) for use in Use}:
        for license in examples:
            closest = policy.closest(license)
            strictest = max((outcome.strictness for _, outcome in closest), default=-1)
            useful |= {term.key for term, outcome in closest if outcome.strictness == strictest}
    return frozenset(useful)


def _list_examples() -> Iterator[License]:
    """Every licence of SPDX, and of ScanCode's own one in each category."""
    seen: set[str] = set()
    for license in sorted(list_licenses(), key=lambda license: _REFERENCE in license.id):
        if _REFERENCE not in license.id or license.category not in seen:
            yield License(license.id)
        seen.add(license.category)


def _list_examples_of_pattern(text: str) -> Iterator[License]:
    """What a pattern may be meant for and is not among the examples: references, exceptions."""
    head, _, exception = text.partition(" WITH ")
    fits_license = compile_wildcard(head)
    ids = [license.id for license in list_licenses() if fits_license.fullmatch(license.id)]
    if head.lower().startswith(("licenseref-", "documentref-")):
        ids.append(head.replace("*", "x"))
    if not exception:
        yield from (License(license_id) for license_id in ids if _REFERENCE in license_id)
        return
    fits_exception = compile_wildcard(exception)
    found = [known.id for known in list_exceptions() if fits_exception.fullmatch(known.id)]
    yield from (License(ids[0], exception=exception_id) for exception_id in found if ids)
