"""What `check_terms` says of a policy before it is kept."""

import pytest

from catalog_app.choices import Use
from catalog_app.licensing import DEFAULT_TERMS, PolicyTerms, ProblemLevel, TermProblem, check_terms
from catalog_app.licensing.expressions import License
from catalog_app.licensing.policy import Fit, compile_wildcard, read_policy, read_term
from catalog_app.licensing.term_checks import MAX_TERMS

NOTE, WARNING, ERROR = ProblemLevel


def _only(terms: PolicyTerms) -> TermProblem:
    (problem,) = check_terms(terms)
    return problem


@pytest.mark.parametrize(
    ("term", "suggestions"),
    [
        ("BSD", ("BSD-2-Clause", "BSD-3-Clause")),
        ("Apach-2.0", ("Apache-2.0",)),
        ("permissive", ("category:permissive",)),
        ("Copyleft Limited", ("category:copyleft-limited",)),
        ("category:permisive", ("category:permissive",)),
        ("MIT OR ISC", ()),
        ("GPL-* OR MIT", ()),
        ("GPL-[23]*", ()),
        ("no such licence", ()),
        ("NOASSERTION", ()),
        ("", ()),
    ],
)
def test_a_term_that_means_nothing_is_an_error(term: str, suggestions: tuple[str, ...]) -> None:
    problem = _only(PolicyTerms(allowed=(term,)))
    assert (problem.list_name, problem.term, problem.level) == ("allowed", term, ERROR)
    assert problem.suggestions[: len(suggestions)] == suggestions


def test_an_unknown_category_that_resembles_none_is_answered_with_all_of_them() -> None:
    problem = _only(PolicyTerms(denied=("category:xyzzy",)))
    assert "category:permissive" in problem.suggestions
    assert "category:copyleft" in problem.suggestions


def test_a_term_on_two_lists_is_an_error_however_it_is_spelled() -> None:
    problems = check_terms(PolicyTerms(allowed=("Apache-2.0",), denied=("apache 2.0 license",)))
    assert [problem.level for problem in problems] == [NOTE, ERROR]
    assert "also allowed" in problems[1].detail


def test_an_unknown_licence_cannot_be_allowed() -> None:
    for term in ("LicenseRef-scancode-unknown", "LicenseRef-scancode-no-license"):
        assert _only(PolicyTerms(allowed=(term,))).level is ERROR
        assert _only(PolicyTerms(allowed_as_dependency=(term,))).level is ERROR
        assert check_terms(PolicyTerms(denied=(term,))) == ()


@pytest.mark.parametrize(
    ("terms", "useless"),
    [
        (PolicyTerms(allowed=("Foo-*",)), "Foo-*"),
        (PolicyTerms(allowed=("ZPL-*",), denied=("ZPL-1.1", "ZPL-2.0", "ZPL-2.1")), "ZPL-*"),
        (PolicyTerms(review=("ZPL-*",), denied=("*PL-*",)), "ZPL-*"),
        (PolicyTerms(allowed=("MIT WITH Foo-*",)), "MIT WITH Foo-*"),
    ],
)
def test_a_term_that_decides_nothing_is_warned_of(terms: PolicyTerms, useless: str) -> None:
    problem = _only(terms)
    assert (problem.term, problem.level) == (useless, WARNING)
    assert "decides nothing" in problem.detail


def test_to_allow_everything_is_warned_of() -> None:
    assert _only(PolicyTerms(allowed=("*",))).level is WARNING
    assert check_terms(PolicyTerms(denied=("*",))) == ()


def test_another_spelling_is_noted_and_a_repetition_too() -> None:
    spelled, repeated = check_terms(PolicyTerms(allowed=("Apache-2.0", "apache 2")))
    assert (spelled.level, spelled.suggestions) == (NOTE, ("Apache-2.0",))
    assert (repeated.level, repeated.term) == (NOTE, "apache 2")


def test_a_gpl_without_only_or_later_is_warned_of() -> None:
    assert _only(PolicyTerms(denied=("GPL-3.0",))).level is WARNING


def test_what_is_allowed_as_dependency_may_be_on_a_stricter_list_too() -> None:
    assert check_terms(PolicyTerms(review=("LGPL-*",), allowed_as_dependency=("LGPL-*",))) == ()
    assert _only(PolicyTerms(allowed=("MIT",), allowed_as_dependency=("MIT",))).level is NOTE


def test_terms_for_licences_of_ones_own_are_useful() -> None:
    terms = PolicyTerms(
        allowed=("LicenseRef-acme", "LicenseRef-tools-*"), denied=("DocumentRef-acme:LicenseRef-*",)
    )
    assert check_terms(terms) == ()


def test_too_many_terms_are_refused_at_once() -> None:
    problem = _only(PolicyTerms(allowed=tuple(f"LicenseRef-{number}" for number in range(MAX_TERMS + 1))))
    assert problem.level is ERROR


def test_the_default_policy_has_no_problems() -> None:
    assert check_terms(DEFAULT_TERMS) == ()


@pytest.mark.parametrize(
    ("term", "license", "fit"),
    [
        ("GPL-2.0-or-later", License("GPL-2.0-only"), None),
        ("GPL-2.0-only WITH Classpath-exception-2.0", License("GPL-2.0-only"), None),
        ("GPL-2.0-only", License("GPL-2.0-only", exception="AdditionRef-Commons-Clause"), None),
        ("*", License("MIT", exception="AdditionRef-Commons-Clause"), None),
        ("* WITH *", License("MIT", exception="AdditionRef-Commons-Clause"), None),
        ("* WITH *", License("MIT"), None),
        ("category:permissive", License("LicenseRef-acme"), None),
        ("GPL-*", License("LGPL-2.1-only"), None),
        ("*", License("LicenseRef-acme"), Fit.EVERYTHING),
        ("category:permissive", License("Apache-2.0", is_or_later=True), Fit.CATEGORY),
        ("gpl-*", License("GPL-2.0-only"), Fit.PATTERN),
        ("GPL-*", License("GPL-2.0-only", exception="Classpath-exception-2.0"), Fit.PATTERN),
        ("GPL-2.0-only", License("GPL-2.0-or-later"), Fit.NAMED_VERSION),
        ("Apache-2.0", License("Apache-2.0", is_or_later=True), Fit.NAMED_VERSION),
        ("GPL-2.0-only", License("GPL-2.0-only", exception="Classpath-exception-2.0"), Fit.ID),
        (
            "* WITH Classpath-*",
            License("GPL-2.0-only", exception="Classpath-exception-2.0"),
            Fit.EXCEPTION_PATTERN,
        ),
        (
            "MIT WITH AdditionRef-Commons-Clause",
            License("MIT", exception="AdditionRef-Commons-Clause"),
            Fit.ID_AND_EXCEPTION,
        ),
    ],
)
def test_how_closely_a_term_fits(term: str, license: License, fit: Fit | None) -> None:
    read = read_term(term)
    assert read is not None
    assert read.fit(license) is fit


def test_a_term_on_several_lists_counts_on_the_strictest() -> None:
    terms = PolicyTerms(allowed=("MIT",), review=("mit",), allowed_as_dependency=("MIT",))
    copied, installed = (read_policy(terms, use).ruling(License("MIT")) for use in (Use.COPY, Use.DEPENDENCY))
    assert copied is not None
    assert installed is not None
    assert (copied[1].value, installed[1].value) == ("review", "allowed")


@pytest.mark.parametrize(
    ("wildcard", "text", "fits"),
    [
        ("GPL-*", "LGPL-2.0", False),
        ("a*b*c", "abbd", False),
        ("a*a", "a", False),
        ("*-only", "GPL-2.0-only-x", False),
        ("MIT", "MIT-0", False),
        ("a.c", "abc", False),
        ("GPL-*", "gpl-", True),
        ("a**b*c", "aXbXbc", True),
        ("*ab*ab*", "xabyabz", True),
        ("*a" * 100 + "b", "a" * 3_000, False),
    ],
)
def test_wildcards(wildcard: str, text: str, fits: bool) -> None:
    assert (compile_wildcard(wildcard).fullmatch(text) is not None) == fits
