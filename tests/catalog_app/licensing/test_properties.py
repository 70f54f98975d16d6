"""What holds for every expression and every policy."""

from dataclasses import replace
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from license_expression import Licensing, get_spdx_licensing

from catalog_app.choices import LicenseDecision, Ownership, Use
from catalog_app.licensing import PolicyTerms, compare_licenses, decide, parse_license

LEAVES = (
    "MIT",
    "Apache-2.0",
    "Apache-2.0+",
    "Apache-2.0 WITH LLVM-exception",
    "Apache-2.0 WITH AdditionRef-Commons-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "MPL-2.0",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-or-later WITH Classpath-exception-2.0",
    "AGPL-3.0-only",
    "SSPL-1.0",
    "LicenseRef-acme",
    "LicenseRef-scancode-unknown",
)
TERMS = (
    *LEAVES,
    "*",
    "*GPL-*",
    "GPL-*",
    "*-only",
    "GPL-* WITH *",
    "GPL-* WITH Classpath-*",
    "LicenseRef-*",
    "category:permissive",
    "category:copyleft",
    "category:copyleft-limited",
    "category:source-available",
    "category:public-domain",
    "no such term",
)

_trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.tuples(inner, st.sampled_from(("AND", "OR")), inner).map(
        lambda drawn: f"({' '.join(drawn)})"
    ),
    max_leaves=6,
)
expressions = _trees.map(
    lambda text: text.removeprefix("(").removesuffix(")") if text.startswith("(") else text
)
term_lists = st.lists(st.sampled_from(TERMS), max_size=6, unique=True).map(tuple)
policies = st.builds(
    PolicyTerms,
    allowed=term_lists,
    review=term_lists,
    denied=term_lists,
    allowed_as_dependency=term_lists,
    own_repositories=st.sampled_from(LicenseDecision),
)
ownerships = st.sampled_from(Ownership)
uses = st.sampled_from(Use)


@st.composite
def policies_and_milder_ones(draw: st.DrawFn) -> tuple[PolicyTerms, PolicyTerms]:
    """A policy, and one that is at least as mild.

    Milder means any of: a term moved from denied to review or from either to allowed, a term added to
    allowed or to allowed_as_dependency, a term taken from denied, and a milder word on own repositories. Not
    among them is a new term under review, nor one taken from there: it may stand before one that allows, or
    before one that denies.
    """
    policy = draw(policies)
    review, denied = set(policy.review), set(policy.denied)
    to_review = draw(st.sets(st.sampled_from(sorted(denied)))) if denied else set()
    dropped = draw(st.sets(st.sampled_from(sorted(denied)))) if denied else set()
    to_allowed = draw(st.sets(st.sampled_from(sorted(review | denied)))) if review | denied else set()
    milder_words = [word for word in LicenseDecision if word.strictness <= policy.own_repositories.strictness]
    milder = PolicyTerms(
        allowed=tuple({*policy.allowed, *to_allowed, *draw(term_lists)}),
        review=tuple((review | to_review) - to_allowed),
        denied=tuple(denied - to_review - dropped - to_allowed),
        allowed_as_dependency=tuple({*policy.allowed_as_dependency, *draw(term_lists)}),
        own_repositories=draw(st.sampled_from(milder_words)),
    )
    return policy, milder


@given(expressions, policies_and_milder_ones(), ownerships, uses)
def test_a_milder_policy_never_makes_a_decision_stricter(
    expression: str, pair: tuple[PolicyTerms, PolicyTerms], ownership: Ownership, use: Use
) -> None:
    before, after = (decide(expression, terms, ownership=ownership, use=use).outcome for terms in pair)
    assert after.strictness <= before.strictness


@given(expressions, policies)
def test_a_dependency_is_never_judged_more_strictly_than_a_copy(expression: str, terms: PolicyTerms) -> None:
    copied, installed = (decide(expression, terms, use=use).outcome for use in (Use.COPY, Use.DEPENDENCY))
    assert installed.strictness <= copied.strictness


@given(st.lists(expressions, min_size=2, max_size=4), policies, ownerships, uses)
def test_a_choice_is_as_good_as_its_best_branch(
    branches: list[str], terms: PolicyTerms, ownership: Ownership, use: Use
) -> None:
    def outcome(expression: str) -> LicenseDecision:
        return decide(expression, terms, ownership=ownership, use=use).outcome

    whole = " OR ".join(f"({branch})" for branch in branches)
    assert outcome(whole) is LicenseDecision.mildest(*map(outcome, branches))


@given(st.lists(expressions, min_size=2, max_size=4), policies, ownerships, uses)
def test_what_binds_together_is_as_bad_as_its_worst_part(
    parts: list[str], terms: PolicyTerms, ownership: Ownership, use: Use
) -> None:
    def outcome(expression: str) -> LicenseDecision:
        return decide(expression, terms, ownership=ownership, use=use).outcome

    whole = " AND ".join(f"({part})" for part in parts)
    assert outcome(whole) is LicenseDecision.strictest(*map(outcome, parts))


@given(expressions, policies, uses)
def test_what_was_chosen_is_decided_as_the_whole(expression: str, terms: PolicyTerms, use: Use) -> None:
    decision = decide(expression, terms, use=use)
    chosen = decide(decision.chosen, terms, use=use)
    assert " OR " not in decision.chosen
    assert (chosen.outcome, chosen.rule) == (decision.outcome, decision.rule)


@given(expressions, policies)
def test_the_order_of_a_policys_terms_does_not_matter(expression: str, terms: PolicyTerms) -> None:
    reversed_terms = replace(
        terms, allowed=terms.allowed[::-1], review=terms.review[::-1], denied=terms.denied[::-1]
    )
    assert decide(expression, terms).outcome is decide(expression, reversed_terms).outcome


@given(policies, uses)
def test_an_unknown_licence_is_denied_by_every_policy_and_of_everyone(terms: PolicyTerms, use: Use) -> None:
    for text in ("", "NONE", "BSD", "LicenseRef-scancode-unknown", "MIT AND LicenseRef-scancode-no-license"):
        for ownership in Ownership:
            decision = decide(text, terms, ownership=ownership, use=use)
            assert decision.outcome is LicenseDecision.DENIED


@given(expressions)
def test_reading_an_expression_again_changes_nothing(expression: str) -> None:
    read = parse_license(expression)
    again = parse_license(read.expression)
    assert read.is_settled
    assert (again.expression, again.problems) == (read.expression, ())


@cache
def _reference() -> Licensing:
    return get_spdx_licensing()


@given(expressions.filter(lambda text: "AdditionRef" not in text and "+" not in text))
def test_the_reference_library_reads_the_same(expression: str) -> None:
    ours, theirs = parse_license(expression).expression, _reference().parse(expression)
    assert _reference().is_equivalent(_reference().parse(ours), theirs)


WORDS = (
    "MIT",
    "BSD",
    "GPL",
    "v2",
    "+",
    "or later",
    "AND",
    "or",
    "WITH",
    "(",
    ")",
    ",",
    "/",
    "Commons Clause",
    "LicenseRef-",
)


@given(st.text() | st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=12).map(" ".join))
def test_any_text_is_answered(text: str) -> None:
    read = parse_license(text)
    assert read.is_settled or read.problems
    assert read.is_settled == (not any(problem.level == "error" for problem in read.problems))
    if read.is_settled:
        assert parse_license(read.expression).problems == ()


@given(expressions)
def test_an_expression_matches_itself(expression: str) -> None:
    assert compare_licenses(expression, expression).is_match


@given(expressions, expressions)
def test_order_does_not_count_in_a_comparison(one: str, other: str) -> None:
    for word in ("AND", "OR"):
        assert compare_licenses(f"({one}) {word} ({other})", f"({other}) {word} ({one})").is_match


@given(
    st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3),
    st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3),
)
def test_without_a_choice_a_comparison_is_symmetric(one: list[str], other: list[str]) -> None:
    declared, detected = " AND ".join(one), " AND ".join(other)
    assert compare_licenses(declared, detected).is_match == compare_licenses(detected, declared).is_match


@given(expressions, expressions)
def test_a_difference_comes_with_a_suggestion_that_would_match(declared: str, detected: str) -> None:
    comparison = compare_licenses(declared, detected)
    assert comparison.is_match == (comparison.suggestion == "")
    if not comparison.is_match:
        assert compare_licenses(comparison.suggestion, detected).is_match
