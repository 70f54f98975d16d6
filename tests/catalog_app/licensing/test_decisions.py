"""What the default policy and a few others say, expression by expression, and in which words."""

import pytest

from catalog_app.choices import LicenseDecision, Ownership, Use
from catalog_app.licensing import DEFAULT_TERMS, Decision, PolicyTerms, decide

ALLOWED, REVIEW, DENIED = LicenseDecision

NOT_SETTLED = """
""
NONE
NOASSERTION
unknown
n/a
other
see LICENSE
SEE LICENSE IN LICENSE.md
LicenseRef-LICENSE
BSD
GPL
LGPL
Apache
Creative Commons
public domain
UNLICENSED
freeware
Foo-1.0
MIT Apache-2.0
MIT/Apache-2.0
MIT, Apache-2.0
MIT and/or GPL-2.0-only
MIT OR
(MIT
MIT OR NOASSERTION
MIT OR unknown
MIT OR BSD
MIT AND Foo-1.0
Commons-Clause
Classpath-exception-2.0
MIT WITH Apache-2.0
(MIT OR ISC) WITH LLVM-exception
GPL-2.0-only+
LicenseRef-scancode-unknown
LicenseRef-scancode-unknown-license-reference
LicenseRef-scancode-no-license
MIT AND LicenseRef-scancode-unknown
GPL-3.0-only OR LicenseRef-scancode-unknown
"""

DENIED_BY_DEFAULT = """
GPL-1.0-or-later
GPL-2.0-only
GPL-2.0-or-later
GPL-3.0-only
GPL-3.0-or-later
GPL-2.0
GPL-3.0+
GPLv3
AGPL-1.0-only
AGPL-3.0-only
AGPL-3.0-or-later
AGPL-3.0
SSPL-1.0
SSPL
BUSL-1.1
BSL 1.1
Elastic-2.0
ELv2
LicenseRef-scancode-elastic-license-2018
FSL-1.1-MIT
FSL-1.1-ALv2
SUL-1.0
PolyForm-Noncommercial-1.0.0
PolyForm-Small-Business-1.0.0
LicenseRef-scancode-polyform-shield-1.0.0
CC-BY-NC-4.0
CC-BY-NC-SA-4.0
CC-BY-NC-ND-4.0
CC-BY-ND-4.0
CC-BY-NC-3.0
ODbL-1.0
OSL-3.0
CPAL-1.0
Sleepycat
EUPL-1.0 AND GPL-2.0-only
CECILL-2.1
RPL-1.5
NPOSL-3.0
Parity-7.0.0
Aladdin
Hippocratic-2.1
BSD-3-Clause-No-Nuclear-License
BSD-3-Clause-No-Military-License
CPOL-1.02
SISSL
LicenseRef-Private
LicenseRef-Proprietary
private
proprietary
LicenseRef-Non-Commercial
non-commercial
LicenseRef-acme-eula
DocumentRef-spdx:LicenseRef-acme
LicenseRef-scancode-llama-2-license-2023
Llama 3.1
LicenseRef-scancode-proprietary-license
any-OSI
Apache-2.0 WITH AdditionRef-Commons-Clause
Apache-2.0 with Commons Clause
MIT + Commons-Clause
MIT OR Commons-Clause
Apache-2.0 OR Commons-Clause
MIT AND Commons-Clause
MIT WITH LicenseRef-scancode-commons-clause
MIT OR Apache-2.0 OR Commons-Clause
MIT (non-commercial use only)
MIT WITH AdditionRef-Non-Commercial
MIT WITH AdditionRef-Acme-Terms
CC0-1.0 WITH AdditionRef-Commons-Clause
GPL-2.0-only WITH Linux-syscall-note
GPL-3.0-only WITH Bison-exception-2.2
AGPL-3.0-only WITH Classpath-exception-2.0
MIT AND GPL-3.0-only
GPL-3.0-only AND MIT
MIT AND Apache-2.0 AND AGPL-3.0-only
MPL-2.0 AND GPL-2.0-only
GPL-2.0-only OR GPL-3.0-only
AGPL-3.0-only OR SSPL-1.0
AGPL-3.0 OR GPL-3.0
(MIT OR Apache-2.0) AND GPL-2.0-only
(GPL-2.0-only OR AGPL-3.0-only) AND MIT
(MIT AND GPL-2.0-only) OR (ISC AND AGPL-3.0-only)
MIT AND LicenseRef-acme-eula
MIT AND CC-BY-NC-4.0
Apache-2.0 AND Apache-2.0 WITH AdditionRef-Commons-Clause
Apache-2.0 WITH LLVM-exception AND Commons-Clause
BUSL-1.1 OR LicenseRef-acme-commercial
MIT AND (GPL-2.0-only OR (ISC AND Elastic-2.0))
"""

REVIEW_BY_DEFAULT = """
MPL-1.1
MPL-2.0
MPL-2.0-no-copyleft-exception
MPL-1.1+
LGPL-2.0-only
LGPL-2.1-only
LGPL-2.1-or-later
LGPL-3.0-only
LGPL-3.0-or-later
LGPL-3.0
EPL-1.0
EPL-2.0
EUPL-1.1
EUPL-1.2
EUPL-1.0
CDDL-1.0
CDDL-1.1
CPL-1.0
CECILL-C
MS-RL
CC-BY-SA-4.0
CC-BY-SA-3.0
OFL-1.1
OFL-1.1-RFN
OFL-1.0
Artistic-2.0
Ruby
APSL-2.0
GFDL-1.3-only
CDLA-Sharing-1.0
CERN-OHL-W-2.0
CERN-OHL-1.2
JSON
MS-LPL
BSD-3-Clause-No-Nuclear-Warranty
LicenseRef-scancode-other-permissive
GPL-2.0-only WITH Classpath-exception-2.0
GPL-2.0-or-later WITH Classpath-exception-2.0
GPL-2.0-with-classpath-exception
GPL-3.0-or-later WITH GCC-exception-3.1
LGPL-3.0-only WITH LGPL-3.0-linking-exception
wxWindows
MPL-2.0 OR GPL-3.0-only
GPL-2.0-only OR LGPL-2.1-only OR MPL-1.1
MIT AND MPL-2.0
MIT AND LGPL-2.1-or-later
Apache-2.0 AND (EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0)
(MIT OR GPL-2.0-only) AND (MPL-2.0 OR AGPL-3.0-only)
(MIT AND JSON) OR GPL-3.0-only
EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0
CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0
MIT AND BSD-3-Clause AND OFL-1.1
LGPL-2.1-only OR LicenseRef-acme-commercial
"""

ALLOWED_BY_DEFAULT = """
MIT
mit
MIT License
MIT-0
MIT-CMU
X11
ISC
Apache-2.0
apache 2
Apache-2.0+
Apache-1.1
BSD-2-Clause
BSD-3-Clause
new BSD
Simplified BSD
BSD-4-Clause
BSD-2-Clause-FreeBSD
BSD-3-Clause-Clear
0BSD
Zlib
BSL-1.0
PostgreSQL
PSF-2.0
Python-2.0
NCSA
UPL-1.0
BlueOak-1.0.0
AFL-3.0
ECL-2.0
W3C
Unicode-3.0
OpenSSL
HPND
MS-PL
ZPL-2.1
PHP-3.01
curl
MulanPSL-2.0
CC0-1.0
CC-BY-4.0
CC-BY-3.0
CDLA-Permissive-2.0
Unlicense
WTFPL
PDDL-1.0
LicenseRef-scancode-public-domain
Apache-2.0 WITH LLVM-exception
Apache-2.0 with LLVM Exceptions
MIT OR Apache-2.0
Apache-2.0 OR MIT
MIT AND Apache-2.0
MIT OR GPL-3.0-only
GPL-2.0-or-later OR MIT
Apache-2.0 OR GPL-2.0
MIT OR MPL-2.0
MPL-2.0 OR MIT OR AGPL-3.0-only
MIT AND BSD-3-Clause AND ISC
MIT AND (Apache-2.0 OR GPL-2.0-only)
(MIT OR GPL-2.0-only) AND (ISC OR AGPL-3.0-only)
(MIT AND Zlib) OR GPL-3.0-only
Unlicense OR MIT
(Apache-2.0 OR MIT) AND Unicode-3.0
Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT
BSD-3-Clause OR LicenseRef-acme-commercial
MIT OR Apache-2.0 WITH AdditionRef-Commons-Clause
LGPL-3.0-only OR MIT
MIT OR LicenseRef-scancode-unknown
((MIT))
MIT AND MIT
mit or apache-2.0
"""


def _rows(text: str) -> list[str]:
    return [row.strip('"') for row in text.strip().splitlines()]


DEFAULT_TABLE = [
    *((row, DENIED) for row in _rows(NOT_SETTLED)),
    *((row, DENIED) for row in _rows(DENIED_BY_DEFAULT)),
    *((row, REVIEW) for row in _rows(REVIEW_BY_DEFAULT)),
    *((row, ALLOWED) for row in _rows(ALLOWED_BY_DEFAULT)),
]

PERMISSIVE_ONLY = PolicyTerms(allowed=("category:permissive",))
NAMED = PolicyTerms(
    allowed=("MIT", "GPL-2.0-only WITH Classpath-exception-2.0", "LGPL-3.0-or-later"),
    review=("GPL-2.0-only", "LicenseRef-acme-*"),
    denied=("GPL-*", "LicenseRef-acme-secret"),
)
GENEROUS = PolicyTerms(allowed=("*",), denied=("category:copyleft", "Apache-1.*"), review=("AGPL-3.0-only",))
TIED = PolicyTerms(allowed=("BSD-*", "MIT"), review=("*-Clause", "mit"))
RIDER_NAMED = PolicyTerms(allowed=("MIT WITH AdditionRef-Commons-Clause", "Apache-2.0", "ISC WITH *"))

OTHER_POLICIES = [
    # Nothing is covered by a policy that says nothing.
    ("MIT", PolicyTerms(), DENIED),
    ("MIT OR Apache-2.0", PolicyTerms(), DENIED),
    ("MIT", PERMISSIVE_ONLY, ALLOWED),
    ("CC0-1.0", PERMISSIVE_ONLY, DENIED),
    ("MPL-2.0", PERMISSIVE_ONLY, DENIED),
    ("MPL-2.0 OR ISC", PERMISSIVE_ONLY, ALLOWED),
    # The closer term decides: expression, id, pattern, category, everything.
    ("GPL-2.0-only WITH Classpath-exception-2.0", NAMED, ALLOWED),
    ("GPL-2.0-only WITH Linux-syscall-note", NAMED, REVIEW),
    ("GPL-2.0-only", NAMED, REVIEW),
    ("GPL-3.0-only", NAMED, DENIED),
    ("LicenseRef-acme-tools", NAMED, REVIEW),
    ("LicenseRef-acme-secret", NAMED, DENIED),
    ("LicenseRef-other", NAMED, DENIED),
    ("LicenseRef-other", GENEROUS, ALLOWED),
    ("GPL-3.0-only", GENEROUS, DENIED),
    ("AGPL-3.0-only", GENEROUS, REVIEW),
    ("Apache-1.1", GENEROUS, DENIED),
    ("Apache-2.0", GENEROUS, ALLOWED),
    # "Or later" is what its own term says, and otherwise what the version says that it starts from.
    ("GPL-2.0-or-later", NAMED, REVIEW),
    ("GPL-2.0-or-later WITH Classpath-exception-2.0", NAMED, ALLOWED),
    ("AGPL-3.0-or-later", GENEROUS, REVIEW),
    ("LGPL-3.0-or-later", NAMED, ALLOWED),
    ("LGPL-3.0-only", NAMED, DENIED),
    ("Apache-1.1+", GENEROUS, DENIED),
    # Equally close terms: the stricter.
    ("BSD-3-Clause", TIED, REVIEW),
    ("BSD-4.3TAHOE", TIED, ALLOWED),
    ("MIT", TIED, REVIEW),
    # A rider is permitted by its full name only.
    ("MIT WITH AdditionRef-Commons-Clause", RIDER_NAMED, ALLOWED),
    ("Apache-2.0 WITH AdditionRef-Commons-Clause", RIDER_NAMED, DENIED),
    ("ISC WITH AdditionRef-Commons-Clause", RIDER_NAMED, DENIED),
    ("ISC WITH AdditionRef-Acme", RIDER_NAMED, DENIED),
    ("ISC WITH LLVM-exception", RIDER_NAMED, ALLOWED),
    ("MIT", RIDER_NAMED, DENIED),
    ("MIT WITH AdditionRef-Commons-Clause", GENEROUS, DENIED),
    # Unknown and none block whatever is allowed.
    ("LicenseRef-scancode-unknown", GENEROUS, DENIED),
    ("LicenseRef-scancode-no-license", GENEROUS, DENIED),
    ("NONE", GENEROUS, DENIED),
    ("", GENEROUS, DENIED),
    ("BSD", GENEROUS, DENIED),
    # Terms in another spelling, and terms that mean nothing.
    ("Apache-2.0", PolicyTerms(allowed=("apache 2",)), ALLOWED),
    ("MIT", PolicyTerms(allowed=("Category: Permissive",)), ALLOWED),
    ("MIT", PolicyTerms(allowed=("MITT", "MIT OR ISC", "category:nice")), DENIED),
]


@pytest.mark.parametrize(("expression", "outcome"), DEFAULT_TABLE)
def test_the_default_policy(expression: str, outcome: LicenseDecision) -> None:
    assert decide(expression, DEFAULT_TERMS).outcome is outcome, decide(expression, DEFAULT_TERMS).reason


@pytest.mark.parametrize(("expression", "terms", "outcome"), OTHER_POLICIES)
def test_other_policies(expression: str, terms: PolicyTerms, outcome: LicenseDecision) -> None:
    assert decide(expression, terms).outcome is outcome, decide(expression, terms).reason


def test_the_tables_are_as_large_as_they_were_meant_to_be() -> None:
    rows = {row for row, _ in DEFAULT_TABLE}
    compound = [row for row in rows if " AND " in row or " OR " in row]
    assert len(rows) == len(DEFAULT_TABLE) >= 200
    assert len(compound) >= 40


WEAK_AS_DEPENDENCY = PolicyTerms(
    allowed=("category:permissive",),
    review=("category:copyleft-limited", "EPL-2.0"),
    denied=("GPL-*", "LGPL-2.0-only"),
    allowed_as_dependency=("LGPL-*", "MPL-2.0", "category:copyleft-limited", "GPL-*"),
)


@pytest.mark.parametrize(
    ("expression", "copied", "installed"),
    [
        ("LGPL-2.0-only", DENIED, DENIED),  # denied by its id, which is closer
        ("EPL-2.0", REVIEW, REVIEW),
        ("AGPL-3.0-only", DENIED, DENIED),
        ("LGPL-3.0-only", REVIEW, ALLOWED),
        ("MPL-2.0", REVIEW, ALLOWED),
        ("CDDL-1.0", REVIEW, ALLOWED),
        ("GPL-3.0-only", DENIED, ALLOWED),
        ("MIT", ALLOWED, ALLOWED),
        ("MIT AND LGPL-3.0-only", REVIEW, ALLOWED),
        ("GPL-3.0-only OR AGPL-3.0-only", DENIED, ALLOWED),
    ],
)
def test_a_dependency_may_be_allowed_what_a_copy_is_not(
    expression: str, copied: LicenseDecision, installed: LicenseDecision
) -> None:
    assert decide(expression, WEAK_AS_DEPENDENCY, use=Use.COPY).outcome is copied
    assert decide(expression, WEAK_AS_DEPENDENCY, use=Use.DEPENDENCY).outcome is installed


@pytest.mark.parametrize(
    "expression",
    ["", "NONE", "BSD", "LicenseRef-scancode-unknown", "MIT AND LicenseRef-scancode-no-license", "MIT, ISC"],
)
def test_an_own_repository_without_a_known_licence_is_blocked(expression: str) -> None:
    assert decide(expression, DEFAULT_TERMS, ownership=Ownership.OWN).outcome is DENIED


@pytest.mark.parametrize("own", LicenseDecision)
@pytest.mark.parametrize("expression", ["LicenseRef-Private", "GPL-3.0-only", "MIT", "MIT AND AGPL-3.0-only"])
def test_an_own_repository_is_what_the_policy_says_of_own_repositories(
    expression: str, own: LicenseDecision
) -> None:
    decision = decide(expression, PolicyTerms(own_repositories=own), ownership=Ownership.OWN)
    assert decision.outcome is own
    assert decision.rule == "own repositories"


def _default(expression: str) -> Decision:
    return decide(expression, DEFAULT_TERMS)


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("", "unknown licence"),
        ("BSD", "unknown licence"),
        ("MIT AND LicenseRef-scancode-unknown", "unknown licence"),
        ("NONE", "no licence"),
        ("LicenseRef-acme", "not covered"),
        ("MIT WITH AdditionRef-Commons-Clause", "rider"),
        ("GPL-3.0-only", "denied: GPL-*"),
        ("Sleepycat", "denied: category:copyleft"),
        ("MIT AND GPL-3.0-only AND AGPL-3.0-only", "denied: GPL-*"),
        ("GPL-3.0-only OR MPL-2.0", "review: MPL-*"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "review: GPL-* WITH Classpath-exception-2.0"),
        ("MIT", "allowed: category:permissive"),
    ],
)
def test_the_rule_that_fired_is_named(expression: str, rule: str) -> None:
    assert _default(expression).rule == rule


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (
            "NONE",
            "There is no licence, and without one nobody but the author may use the work.",
        ),
        (
            "LicenseRef-acme",
            "LicenseRef-acme is denied: no term of the policy covers it.",
        ),
        (
            "Apache-2.0 WITH AdditionRef-Commons-Clause",
            "Apache-2.0 WITH AdditionRef-Commons-Clause is denied: AdditionRef-Commons-Clause takes away "
            "rights that Apache-2.0 gives.",
        ),
        ("MIT", "MIT is allowed: the policy allows permissive licences."),
        ("MPL-2.0", 'MPL-2.0 needs review: the policy asks for a review of "MPL-*".'),
        (
            "MIT OR GPL-3.0-only",
            "Of the choice between MIT and GPL-3.0-only, MIT is taken. "
            "MIT is allowed: the policy allows permissive licences.",
        ),
        (
            "GPL-3.0-only OR AGPL-3.0-only",
            "There is a choice of GPL-3.0-only and AGPL-3.0-only, and every branch is denied. "
            'GPL-3.0-only is denied: the policy denies "GPL-*".',
        ),
        (
            "MIT AND GPL-3.0-only",
            "MIT and GPL-3.0-only bind together, so the strictest decides. "
            'GPL-3.0-only is denied: the policy denies "GPL-*".',
        ),
    ],
)
def test_reasons_are_sentences(expression: str, reason: str) -> None:
    assert _default(expression).reason == reason


def test_the_reason_of_an_or_later_form_names_the_version_it_starts_from() -> None:
    decision = decide("GPL-2.0-or-later", PolicyTerms(review=("GPL-2.0-only",)))
    assert decision.reason == (
        "GPL-2.0-or-later needs review: the policy asks for a review of "
        '"GPL-2.0-only", the version that it starts from.'
    )


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("BSD", ""),
        ("GPL-3.0-only OR AGPL-3.0-only", "GPL-3.0-only"),
        ("MPL-2.0 OR MIT OR ISC", "MIT"),
        ("(GPL-2.0-only OR MIT) AND (MPL-2.0 OR AGPL-3.0-only)", "MIT AND MPL-2.0"),
        ("(MIT AND GPL-2.0-only) OR (MPL-2.0 AND ISC)", "MPL-2.0 AND ISC"),
    ],
)
def test_the_chosen_branch_is_named(expression: str, chosen: str) -> None:
    assert _default(expression).chosen == chosen


def test_every_licence_of_an_expression_has_its_own_decision_once() -> None:
    decision = _default("(MIT OR GPL-2.0-only) AND (MIT OR MPL-2.0)")
    assert [(part.expression, part.outcome) for part in decision.parts] == [
        ("MIT", ALLOWED),
        ("GPL-2.0-only", DENIED),
        ("MPL-2.0", REVIEW),
    ]


def test_a_long_expression_has_a_short_reason() -> None:
    decision = _default(" AND ".join(f"LicenseRef-part-{number}" for number in range(300)))
    assert decision.reason.startswith("300 licences bind together, so the strictest decides.")
    assert len(decision.reason) < 300
