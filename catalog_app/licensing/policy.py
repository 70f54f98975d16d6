"""The terms of a licence policy, and how closely each fits a licence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from catalog_app.choices import LicenseDecision, Use
from catalog_app.licensing.expressions import License
from catalog_app.licensing.index import find_license, is_restricting, list_categories, slug
from catalog_app.licensing.reading import read_tree

CATEGORY_PREFIX = "category:"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What a policy says, as its curators wrote it.

    A term is an SPDX id ("MIT"), a licence with its exception ("GPL-2.0-only WITH Classpath-exception-2.0"),
    a pattern of either ("GPL-*", "GPL-* WITH Classpath-exception-2.0"), a category
    ("category:copyleft-limited") or "*". What no term covers is denied.
    """

    allowed: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    allowed_as_dependency: tuple[str, ...] = ()
    """Allowed for what is installed and stays apart, whatever the other lists say of the same term."""
    own_repositories: LicenseDecision = LicenseDecision.ALLOWED

    def listed(self) -> Iterator[tuple[str, str]]:
        """(name of the list, term) for every term."""
        for name in ("allowed", "review", "denied", "allowed_as_dependency"):
            for text in getattr(self, name):
                yield name, text


class Fit(IntEnum):
    """How closely a term speaks of a licence; the closest terms decide."""

    EVERYTHING = 0
    CATEGORY = 1
    PATTERN = 2
    NAMED_VERSION = 3
    """It names the version that an "or later" form starts from."""
    ID = 4
    EXCEPTION_PATTERN = 5
    NAMED_VERSION_AND_EXCEPTION = 6
    ID_AND_EXCEPTION = 7


@dataclass(frozen=True, slots=True)
class Term:
    """One term, read. `key` is the same for spellings of the same term."""

    text: str
    key: str
    category: str = ""
    pattern: re.Pattern[str] | None = None
    license: License | None = None

    def fit(self, license: License) -> Fit | None:
        """None when it does not speak of the licence.

        A term without an exception speaks of the licence with any exception too. Only a term that names it
        in full speaks of a licence with a rider: that takes rights away which the licence alone would give.
        """
        if self.license is not None:
            return self._fit_of_id(self.license, license)
        if license.exception and is_restricting(license.exception):
            return None
        if self.pattern is not None:
            return self._fit_of_pattern(self.pattern, license)
        if self.category:
            known = find_license(license.id)
            return Fit.CATEGORY if known is not None and known.category == self.category else None
        return Fit.EVERYTHING

    def _fit_of_id(self, named: License, license: License) -> Fit | None:
        is_whole = named.license_text.lower() == license.license_text.lower()
        is_version = named.license_text.lower() == license.named_version.lower()
        if not is_whole and not is_version:
            return None
        if named.exception:
            if named.exception.lower() != license.exception.lower():
                return None
            return Fit.ID_AND_EXCEPTION if is_whole else Fit.NAMED_VERSION_AND_EXCEPTION
        if license.exception and is_restricting(license.exception):
            return None
        return Fit.ID if is_whole else Fit.NAMED_VERSION

    def _fit_of_pattern(self, pattern: re.Pattern[str], license: License) -> Fit | None:
        if " with " in self.key:
            whole = f"{license.license_text} WITH {license.exception}"
            return Fit.EXCEPTION_PATTERN if license.exception and pattern.fullmatch(whole) else None
        return Fit.PATTERN if pattern.fullmatch(license.license_text) else None


_PATTERN = re.compile(r"[A-Za-z0-9.+:*-]+(?: WITH [A-Za-z0-9.:*-]+)?", re.I)


def compile_wildcard(text: str) -> re.Pattern[str]:
    """`*` stands for anything, also for nothing; case does not count. Never tries a place twice."""
    first, *rest = (re.escape(part) for part in re.split(r"\*+", text))
    if not rest:
        return re.compile(first, re.I)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.I)


@lru_cache(maxsize=4096)
def read_term(text: str) -> Term | None:
    """None for what is no term: an unknown id or category, a compound expression."""
    plain = " ".join(text.split())
    if plain == EVERYTHING:
        return Term(text, EVERYTHING)
    if plain.lower().startswith(CATEGORY_PREFIX):
        category = slug(plain[len(CATEGORY_PREFIX) :])
        return Term(text, f"{CATEGORY_PREFIX}{category}", category) if category in list_categories() else None
    if "*" in plain:
        if not _PATTERN.fullmatch(plain):
            return None
        return Term(text, plain.lower(), pattern=compile_wildcard(plain))
    node = read_tree(plain)
    if not isinstance(node, License):
        return None
    key = f"{node.license_text} WITH {node.exception}" if node.exception else node.license_text
    return Term(text, key.lower(), license=node)


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """The terms for one use, each with what it decides: the strictest list that it is on."""

    rulings: tuple[tuple[Term, LicenseDecision], ...]

    def ruling(self, license: License) -> tuple[Term, LicenseDecision] | None:
        """Of the terms that fit closest, the first of the strictest; None when no term fits."""
        winners = self.closest(license)
        return max(winners, key=lambda ruling: ruling[1].strictness) if winners else None

    def closest(self, license: License) -> tuple[tuple[Term, LicenseDecision], ...]:
        fits = [(fit, ruling) for ruling in self.rulings if (fit := ruling[0].fit(license)) is not None]
        best = max((fit for fit, _ in fits), default=None)
        return tuple(ruling for fit, ruling in fits if fit is best)


@lru_cache(maxsize=256)
def read_policy(terms: PolicyTerms, use: Use) -> ReadPolicy:
    """Terms that cannot be read decide nothing; `check_terms` reports them."""
    rulings: dict[str, tuple[Term, LicenseDecision]] = {}
    lists = (
        (terms.denied, LicenseDecision.DENIED),
        (terms.review, LicenseDecision.REVIEW),
        (terms.allowed, LicenseDecision.ALLOWED),
    )
    for texts, decision in lists:
        for term in filter(None, map(read_term, texts)):
            rulings.setdefault(term.key, (term, decision))
    if use is Use.DEPENDENCY:
        for term in filter(None, map(read_term, terms.allowed_as_dependency)):
            rulings[term.key] = (term, LicenseDecision.ALLOWED)
    return ReadPolicy(tuple(rulings.values()))


DEFAULT_TERMS = PolicyTerms(
    allowed=("category:permissive", "category:public-domain"),
    review=(
        "category:copyleft-limited",
        "MPL-*",
        "LGPL-*",
        "EPL-*",
        # Copyleft that an exception weakens to linking with it.
        "GPL-* WITH Classpath-exception-2.0",
        "GPL-* WITH GCC-exception-*",
        # Filed as strong copyleft in one version, and in French; weak by their texts.
        "EUPL-*",
        "CECILL-C",
        # Permissive by category, with a condition that a person should see.
        "JSON",
        "OFL-*",
        "MS-LPL",
        "CERN-OHL-1.*",
        "LicenseRef-scancode-other-permissive",
        # Restricted by category; its clause is a disclaimer.
        "BSD-3-Clause-No-Nuclear-Warranty",
    ),
    denied=(
        "GPL-*",
        "AGPL-*",
        "SSPL-*",
        "BUSL-*",
        "Elastic-*",
        "category:copyleft",
        "category:source-available",
        "category:proprietary-free",
        "category:free-restricted",
        "category:commercial",
        "category:unstated-license",
        # Filed as weak copyleft; both demand the source of the whole work.
        "RPL-*",
        "CECILL-2.*",
    ),
)
"""The policy of the issue: permissive is allowed, weak copyleft is reviewed, the rest is denied."""
