"""Licences: reading what people write, deciding by a policy, comparing with what was detected.

Pure: texts and terms in, frozen answers with a reason out. `docs/licences.md` says it for curators.
"""

from catalog_app.licensing.comparison import Comparison, compare_licenses
from catalog_app.licensing.decisions import Decision, DecisionPart, decide
from catalog_app.licensing.duties import Duty, attribution_duties
from catalog_app.licensing.policy import DEFAULT_TERMS, PolicyTerms
from catalog_app.licensing.problems import LicenseProblem, ProblemCode, ProblemLevel, ReadLicense
from catalog_app.licensing.reading import parse_license
from catalog_app.licensing.term_checks import TermProblem, check_terms

__all__ = [
    "DEFAULT_TERMS",
    "Comparison",
    "Decision",
    "DecisionPart",
    "Duty",
    "LicenseProblem",
    "PolicyTerms",
    "ProblemCode",
    "ProblemLevel",
    "ReadLicense",
    "TermProblem",
    "attribution_duties",
    "check_terms",
    "compare_licenses",
    "decide",
    "parse_license",
]
