"""What a policy says of a licence, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog_app.choices import LicenseDecision, Ownership, Use
from catalog_app.licensing.expressions import AllOf, AnyOf, License, Node, all_of, leaves, render
from catalog_app.licensing.index import NO_LICENSE_IDS, UNKNOWN_IDS, is_restricting
from catalog_app.licensing.policy import PolicyTerms, Term, read_policy
from catalog_app.licensing.problems import ProblemCode, ReadLicense, quoted
from catalog_app.licensing.reading import parse_license, read_tree

UNKNOWN_RULE = "unknown licence"
NO_LICENSE_RULE = "no licence"
NOT_COVERED_RULE = "not covered"
OWN_REPOSITORY_RULE = "own repositories"
RIDER_RULE = "rider"

_LISTED = 4
"""Parts of an expression that a reason names before it counts them."""

_NAMED_LENGTH = 120

_PHRASES = {
    LicenseDecision.ALLOWED: "is allowed",
    LicenseDecision.REVIEW: "needs review",
    LicenseDecision.DENIED: "is denied",
}
_VERBS = {
    LicenseDecision.ALLOWED: "allows",
    LicenseDecision.REVIEW: "asks for a review of",
    LicenseDecision.DENIED: "denies",
}


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """The decision on one licence of an expression."""

    expression: str
    outcome: LicenseDecision
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` is that of the licence which settled it, `parts` has every licence of the expression once.

    `chosen` is what remains of the expression once the best branch of every choice is taken: what has to be
    complied with. "" when the expression could not be read.
    """

    outcome: LicenseDecision
    reason: str
    rule: str
    parts: tuple[DecisionPart, ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class _Verdict:
    part: DecisionPart
    chosen: Node
    reason: str


def decide(
    expression: str, terms: PolicyTerms, *, ownership: Ownership = Ownership.THIRD_PARTY, use: Use = Use.COPY
) -> Decision:
    """Decide on a licence for one use.

    OR takes the best branch, AND the worst. What is unknown, and what has no licence, is denied whatever the
    policy says, in repositories of one's own too.
    """
    return _decide(expression, terms, ownership, use)


@lru_cache(maxsize=16_384)
def _decide(expression: str, terms: PolicyTerms, ownership: Ownership, use: Use) -> Decision:
    node = read_tree(expression)
    if node is None:
        return _blocked(parse_license(expression))
    parts = {leaf: _decide_part(leaf, terms, ownership, use) for leaf in leaves(node)}
    verdict = _judge(node, parts)
    return Decision(
        verdict.part.outcome,
        verdict.reason,
        verdict.part.rule,
        tuple(parts.values()),
        render(verdict.chosen),
    )


def _blocked(read: ReadLicense) -> Decision:
    if any(problem.code is ProblemCode.NO_LICENSE for problem in read.problems):
        reason = "There is no licence, and without one nobody but the author may use the work."
        return Decision(LicenseDecision.DENIED, reason, NO_LICENSE_RULE)
    why = read.problems[0].detail if read.problems else "it cannot be read"
    reason = f"The licence is unknown: {why}. Nothing may be reused under an unknown licence."
    return Decision(LicenseDecision.DENIED, reason, UNKNOWN_RULE)


def _judge(node: Node, parts: dict[License, DecisionPart]) -> _Verdict:
    match node:
        case License():
            return _Verdict(parts[node], node, parts[node].reason)
        case AnyOf():
            return _choose([_judge(part, parts) for part in node.parts])
        case AllOf():
            return _sum_up([_judge(part, parts) for part in node.parts])


def _choose(branches: Sequence[_Verdict]) -> _Verdict:
    """The mildest branch; the first one written, where several are."""
    best = min(branches, key=lambda verdict: verdict.part.outcome.strictness)
    if best.part.outcome is LicenseDecision.DENIED:
        reason = f"There is a choice of {_listed(branches)}, and every branch is denied. {best.reason}"
    else:
        reason = f"Of the choice between {_listed(branches)}, {_named(best.chosen)} is taken. {best.reason}"
    return _Verdict(best.part, best.chosen, reason)


def _sum_up(parts: Sequence[_Verdict]) -> _Verdict:
    """The strictest part; the first one written, where several are."""
    worst = max(parts, key=lambda verdict: verdict.part.outcome.strictness)
    if worst.part.outcome is LicenseDecision.ALLOWED:
        reason = f"{_listed(parts)} bind together, and each is allowed. {worst.reason}"
    else:
        reason = f"{_listed(parts)} bind together, so the strictest decides. {worst.reason}"
    return _Verdict(worst.part, all_of(part.chosen for part in parts), reason)


def _listed(verdicts: Sequence[_Verdict]) -> str:
    if len(verdicts) > _LISTED:
        return f"{len(verdicts)} licences"
    texts = [_named(verdict.chosen) for verdict in verdicts]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _named(node: Node) -> str:
    text = render(node)
    if len(text) > _NAMED_LENGTH:
        text = f"{text[:_NAMED_LENGTH]}…"
    return text if isinstance(node, License) else f"({text})"


@lru_cache(maxsize=16_384)
def _decide_part(license: License, terms: PolicyTerms, ownership: Ownership, use: Use) -> DecisionPart:
    text = render(license)

    def part(outcome: LicenseDecision, rule: str, why: str) -> DecisionPart:
        return DecisionPart(text, outcome, rule, f"{text} {_PHRASES[outcome]}: {why}.")

    if license.id in NO_LICENSE_IDS:
        return part(LicenseDecision.DENIED, NO_LICENSE_RULE, "without a licence nobody else may use the work")
    if license.id in UNKNOWN_IDS:
        return part(LicenseDecision.DENIED, UNKNOWN_RULE, "nothing may be reused under an unknown licence")
    if ownership is Ownership.OWN:
        verb = _VERBS[terms.own_repositories]
        return part(
            terms.own_repositories,
            OWN_REPOSITORY_RULE,
            f"the policy {verb} what is in repositories of our own",
        )
    ruling = read_policy(terms, use).ruling(license)
    if ruling is not None:
        term, outcome = ruling
        return part(outcome, f"{outcome}: {term.text}", _why(license, term, outcome, use))
    if license.exception and is_restricting(license.exception):
        why = f"{license.exception} takes away rights that {license.license_text} gives"
        return part(LicenseDecision.DENIED, RIDER_RULE, why)
    return part(LicenseDecision.DENIED, NOT_COVERED_RULE, "no term of the policy covers it")


def _why(license: License, term: Term, outcome: LicenseDecision, use: Use) -> str:
    as_what = " as a dependency" if use is Use.DEPENDENCY and outcome is LicenseDecision.ALLOWED else ""
    verb = _VERBS[outcome]
    if term.category:
        return f"the policy {verb} {term.category.replace('-', ' ')} licences{as_what}"
    if term.license is not None and term.license.license_text == license.license_text:
        whole = "" if license.exception == term.license.exception else " with any exception"
        return f"the policy {verb} {quoted(term.text)}{whole}{as_what}"
    if term.license is not None:
        return f"the policy {verb} {quoted(term.text)}, the version that it starts from{as_what}"
    return f"the policy {verb} {quoted(term.text)}{as_what}"
