"""What people write in place of an SPDX expression."""

import pytest

from catalog_app.licensing import ProblemCode, ProblemLevel, parse_license
from catalog_app.licensing.reading import MAX_LENGTH, MAX_PROBLEMS

NOTE, WARNING, ERROR = ProblemLevel


def _levels(text: str) -> set[ProblemLevel]:
    return {problem.level for problem in parse_license(text).problems}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ProblemCode.UNKNOWN),
        ("   ", ProblemCode.UNKNOWN),
        ("---", ProblemCode.UNKNOWN),
        ("NOASSERTION", ProblemCode.UNKNOWN),
        ("unknown", ProblemCode.UNKNOWN),
        ("see LICENSE", ProblemCode.UNKNOWN),
        ("See the file COPYING for details", ProblemCode.UNKNOWN),
        ("LicenseRef-LICENSE.md", ProblemCode.UNKNOWN),
        ("MIT OR noassertion", ProblemCode.UNKNOWN),
        ("MIT AND none", ProblemCode.UNKNOWN),
        ("NONE", ProblemCode.NO_LICENSE),
        ("no license", ProblemCode.NO_LICENSE),
        ("Foo-1.0", ProblemCode.UNKNOWN_LICENSE),
        ("https://example.com/licence", ProblemCode.UNKNOWN_LICENSE),
        ("x" * 500, ProblemCode.UNKNOWN_LICENSE),
        ("MIT 非商用", ProblemCode.UNKNOWN_LICENSE),
        ("MIT но не для всех", ProblemCode.UNKNOWN_LICENSE),
        ("GPL-2.0-only WITH Classpath exception 非", ProblemCode.NOT_AN_EXCEPTION),
        ("MIT OR", ProblemCode.SYNTAX),
        ("AND MIT", ProblemCode.SYNTAX),
        ("MIT OR OR ISC", ProblemCode.SYNTAX),
        ("(MIT", ProblemCode.SYNTAX),
        ("MIT)", ProblemCode.SYNTAX),
        ("()", ProblemCode.UNKNOWN),
        ("MIT () ISC", ProblemCode.SYNTAX),
        ("MIT WITH", ProblemCode.SYNTAX),
        ("(MIT OR ISC) WITH LLVM-exception", ProblemCode.SYNTAX),
        ("MIT WITH LLVM-exception WITH Classpath-exception-2.0", ProblemCode.SYNTAX),
        ("LicenseRef-acme+", ProblemCode.SYNTAX),
        ("LicenseRef-acme_tools", ProblemCode.SYNTAX),
        ("LicenseRef-", ProblemCode.SYNTAX),
        ("MIT WITH Apache-2.0", ProblemCode.NOT_AN_EXCEPTION),
        ("MIT WITH Foo-exception", ProblemCode.NOT_AN_EXCEPTION),
        ("GPL-2.0-only WITH GCC exception", ProblemCode.NOT_AN_EXCEPTION),
        ("MIT WITH " + "x" * 500, ProblemCode.NOT_AN_EXCEPTION),
        ("Classpath-exception-2.0", ProblemCode.NOT_A_LICENSE),
        ("Commons-Clause", ProblemCode.NOT_A_LICENSE),
        ("AdditionRef-Acme", ProblemCode.NOT_A_LICENSE),
        ("Llama 3 Community License", ProblemCode.NOT_SPDX),
        ("MIT\x00", ProblemCode.CONTROL_CHARACTERS),
        ("MIT\u200b", ProblemCode.CONTROL_CHARACTERS),
        ("MIT \u202eRO", ProblemCode.CONTROL_CHARACTERS),
        ("MIT\ud800", ProblemCode.CONTROL_CHARACTERS),
    ],
)
def test_what_is_not_settled(text: str, code: ProblemCode) -> None:
    read = parse_license(text)
    assert not read.is_settled
    assert read.expression == ""
    assert code in {problem.code for problem in read.problems if problem.level is ERROR}


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("BSD", ("BSD-2-Clause", "BSD-3-Clause")),
        ("BSD License", ("BSD-2-Clause", "BSD-3-Clause")),
        ("BSL", ("BSL-1.0", "BUSL-1.1")),
        ("GPL", ("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later")),
        (
            "GNU General Public License",
            ("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later"),
        ),
        (
            "GNU Lesser General Public License",
            ("LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
        ),
        ("Apache", ("Apache-2.0", "Apache-1.0", "Apache-1.1")),
        ("License :: OSI Approved :: Apache Software License", ("Apache-2.0", "Apache-1.0", "Apache-1.1")),
        ("Python Software Foundation License", ("PSF-2.0", "Python-2.0")),
        ("UNLICENSED", ("LicenseRef-Proprietary", "Unlicense")),
        ("public domain", ("LicenseRef-scancode-public-domain", "CC0-1.0", "Unlicense")),
        ("Elastic License", ("Elastic-2.0",)),
        ("Business Source License", ("BUSL-1.1",)),
        ("PolyForm Noncommercial", ("PolyForm-Noncommercial-1.0.0",)),
        ("Appache 2.0", ("Apache-2.0",)),
        ("Llama 3 Community License", ("LicenseRef-Llama-3-Community-License",)),
        ("LicenseRef-acme_tools", ("LicenseRef-acme-tools",)),
        ("MIT/Apache-2.0", ("MIT OR Apache-2.0", "MIT AND Apache-2.0")),
        ("MIT, Apache 2.0", ("MIT OR Apache-2.0", "MIT AND Apache-2.0")),
        ("MIT, ISC, and Zlib", ("MIT OR ISC OR Zlib", "MIT AND ISC AND Zlib")),
        ("MIT + ISC", ("MIT OR ISC", "MIT AND ISC")),
        ("MIT and/or ISC", ("MIT OR ISC", "MIT AND ISC")),
        ("GPL-2.0-only+", ("GPL-2.0-only", "GPL-2.0-or-later")),
        ("MIT (Apache-2.0)", ("MIT", "Apache-2.0")),
        ("MIT (see LICENSE)", ("MIT",)),
        ("GPL-2.0-only WITH GCC exception", ("GCC-exception-2.0", "GCC-exception-3.1")),
    ],
)
def test_what_may_be_meant_is_suggested(text: str, suggestions: tuple[str, ...]) -> None:
    read = parse_license(text)
    assert not read.is_settled
    for suggestion in suggestions:
        assert suggestion in read.suggestions
        assert parse_license(suggestion).is_settled or "exception" in suggestion


@pytest.mark.parametrize(
    "text",
    [
        "MIT",
        "Apache-2.0+",
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        "MIT OR Apache-2.0 AND ISC",
        "(MIT OR Apache-2.0) AND ISC",
        "LicenseRef-Private",
        "LicenseRef-acme.eula-2",
        "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
        "MIT WITH AdditionRef-Commons-Clause",
        "MIT WITH DocumentRef-acme:AdditionRef-terms",
        "MPL-2.0-no-copyleft-exception",
        "LicenseRef-scancode-public-domain",
    ],
)
def test_spdx_expressions_are_read_as_they_are(text: str) -> None:
    read = parse_license(text)
    assert (read.given, read.expression, read.problems) == (text, text, ())


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("GPL-3.0", "GPL-3.0-only"),
        ("GPLv3", "GPL-3.0-only"),
        ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
        ("GNU Affero General Public License v3.0", "AGPL-3.0-only"),
        ("LGPL-2.1 OR MIT", "LGPL-2.1-only OR MIT"),
        ("GPL-2.0 with classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ],
)
def test_a_gpl_without_only_or_later_is_the_version_named_and_warned_of(text: str, expression: str) -> None:
    read = parse_license(text)
    assert read.expression == expression
    warning = next(problem for problem in read.problems if problem.level is WARNING)
    assert warning.code is ProblemCode.RETIRED_ID
    assert "or-later may be meant" in warning.detail


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Apache 2.0 with Commons Clause", "Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("Apache 2.0 Commons Clause", "Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("Apache-2.0 (with Commons Clause)", "Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("Apache-2.0 OR Commons-Clause", "Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("Commons-Clause AND Apache-2.0", "Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("MIT + Commons-Clause", "MIT WITH AdditionRef-Commons-Clause"),
        ("MIT+Commons-Clause", "MIT WITH AdditionRef-Commons-Clause"),
        ("MIT, Commons Clause", "MIT WITH AdditionRef-Commons-Clause"),
        ("MIT w/ Commons Clause License Condition v1.0", "MIT WITH AdditionRef-Commons-Clause"),
        ("MIT AND LicenseRef-scancode-commons-clause", "MIT WITH AdditionRef-Commons-Clause"),
        (
            "MIT OR Apache-2.0 OR Commons-Clause",
            "MIT WITH AdditionRef-Commons-Clause OR Apache-2.0 WITH AdditionRef-Commons-Clause",
        ),
        ("MIT OR (Apache-2.0 AND Commons-Clause)", "MIT OR Apache-2.0 WITH AdditionRef-Commons-Clause"),
        ("MIT (non-commercial use only)", "MIT WITH AdditionRef-Non-Commercial"),
        ("MIT OR non-commercial", "MIT WITH AdditionRef-Non-Commercial"),
        ("MIT for research use only", "MIT WITH AdditionRef-Non-Commercial"),
        ("free for non-commercial use", "LicenseRef-Non-Commercial"),
    ],
)
def test_a_rider_limits_the_licence_beside_it_and_is_warned_of(text: str, expression: str) -> None:
    read = parse_license(text)
    assert read.expression == expression
    assert ProblemCode.RIDER in {problem.code for problem in read.problems if problem.level is WARNING}


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("mit", "MIT"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT-License", "MIT"),
        ("Expat", "MIT"),
        ("apache 2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache Software License 2.0", "Apache-2.0"),
        ("ASL 2.0", "Apache-2.0"),
        ("Licensed under the Apache License, Version 2.0", "Apache-2.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://spdx.org/licenses/BSD-3-Clause.html", "BSD-3-Clause"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("BSD 3-clause", "BSD-3-Clause"),
        ("BSD (3-clause)", "BSD-3-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("Simplified BSD", "BSD-2-Clause"),
        ("bsd-new", "BSD-3-Clause"),
        ("BSD-2-Clause-NetBSD", "BSD-2-Clause"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPL v2 or later", "GPL-2.0-or-later"),
        ("GPL 3 only", "GPL-3.0-only"),
        ("GNU GPL, v2 or later", "GPL-2.0-or-later"),
        ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("LGPL 2.1, or (at your option) any later version", "LGPL-2.1-or-later"),
        ("GPL-2.0-or-later+", "GPL-2.0-or-later"),
        ("MPL 1.1 or later", "MPL-1.1+"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("Eclipse Public License - v 2.0", "EPL-2.0"),
        ("Common Development and Distribution License 1.1", "CDDL-1.1"),
        ("Historical Permission Notice and Disclaimer", "HPND"),
        ("zlib/libpng License", "Zlib"),
        ("Boost Software License 1.0", "BSL-1.0"),
        ("BSL 1.1", "BUSL-1.1"),
        ("Server Side Public License", "SSPL-1.0"),
        ("ELv2", "Elastic-2.0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution-NonCommercial 4.0 International", "CC-BY-NC-4.0"),
        ("SIL Open Font License 1.1", "OFL-1.1"),
        ("The Unlicense", "Unlicense"),
        ("private", "LicenseRef-Private"),
        ("⊘ Proprietary", "LicenseRef-Proprietary"),
        ("All rights reserved.", "LicenseRef-Proprietary"),
        ("licenseref-private", "LicenseRef-Private"),
        ("licenseref-Acme", "LicenseRef-Acme"),
        ("Llama 2", "LicenseRef-scancode-llama-2-license-2023"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("Apache-2.0 with LLVM Exceptions", "Apache-2.0 WITH LLVM-exception"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("MIT, MIT License", "MIT"),
        ("MIT OR mit", "MIT"),
        ("((MIT))", "MIT"),
        ("MIT AND (ISC AND (Zlib))", "MIT AND ISC AND Zlib"),
        (" MIT\n", "MIT"),
        ('"MIT"', "MIT"),
    ],
)
def test_other_spellings_are_settled_and_noted(text: str, expression: str) -> None:
    read = parse_license(text)
    assert read.expression == expression
    assert _levels(text) == {NOTE}


def test_what_goes_beyond_the_limits_is_answered_with_a_problem() -> None:
    assert parse_license("a" * 1_000_000).problems[0].code is ProblemCode.TOO_LARGE
    assert len(parse_license("a" * 1_000_000).given) < 300
    for text in ("MIT AND " + "(" * 60 + "ISC" + ")" * 60, " OR ".join(["MIT"] * 1_500)):
        assert len(text) < MAX_LENGTH
        assert parse_license(text).problems[-1].code is ProblemCode.TOO_LARGE
    assert parse_license("MIT AND " + "(" * 30 + "ISC" + ")" * 30).expression == "MIT AND ISC"


def test_a_licence_text_is_not_an_expression() -> None:
    text = (
        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and "
        "associated documentation files, to deal in the Software without restriction."
    )
    assert not parse_license(text).is_settled


def test_every_unknown_name_is_reported_up_to_a_limit() -> None:
    read = parse_license("Foo OR Bar AND MIT")
    assert [problem.code for problem in read.problems] == [ProblemCode.UNKNOWN_LICENSE] * 2
    assert len(parse_license(" OR ".join(f"Foo{number}" for number in range(400))).problems) == MAX_PROBLEMS
