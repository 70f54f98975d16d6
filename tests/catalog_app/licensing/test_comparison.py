"""What was declared against what was detected."""

import pytest

from catalog_app.licensing import compare_licenses


@pytest.mark.parametrize(
    ("declared", "detected", "suggestion", "says"),
    [
        ("MIT", "", "", "No licence was detected"),
        ("MIT", "NONE", "", "No licence was detected"),
        ("MIT", "BSD", "", "not settled"),
        ("BSD", "BSD-3-Clause", "BSD-3-Clause", "not settled"),
        ("", "MIT", "MIT", "not settled"),
        ("", "", "", "No licence was detected"),
        ("LicenseRef-Private", "MIT", "MIT", "Not declared: MIT"),
        ("LicenseRef-Private", "MIT, ISC", "", "not settled"),
        ("LicenseRef-Proprietary", "", "", "No licence was detected"),
        ("MIT", "GPL-3.0-only", "GPL-3.0-only", "Not declared: GPL-3.0-only"),
        ("BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause", "Not detected: BSD-2-Clause"),
        ("GPL-2.0-only", "GPL-3.0-only", "GPL-3.0-only", "GPL-3.0-only was detected"),
        ("GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-only", "GPL-3.0-only was detected"),
        ("MIT OR Apache-2.0", "MIT", "MIT", "only MIT was detected, not Apache-2.0"),
        ("MIT OR ISC OR Zlib", "Zlib OR MIT", "Zlib OR MIT", "not ISC"),
        ("MIT OR (ISC AND Zlib)", "ISC AND Zlib", "ISC AND Zlib", "not MIT"),
        ("MIT OR Apache-2.0", "MIT AND GPL-2.0-only", "MIT AND GPL-2.0-only", "Not declared: GPL-2.0-only"),
        ("MIT", "MIT OR Apache-2.0", "MIT OR Apache-2.0", "one branch of the choice"),
        (
            "MIT",
            "MIT AND Apache-2.0",
            "MIT AND Apache-2.0",
            "If the files are offered as a choice, declare MIT OR Apache-2.0",
        ),
        ("MIT AND ISC", "MIT", "MIT", "Not detected: ISC"),
        ("MIT AND ISC", "MIT OR ISC", "MIT OR ISC", "joined in another way"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0", "Apache-2.0", "differ by an exception"),
        (
            "Apache-2.0",
            "Apache-2.0 WITH AdditionRef-Commons-Clause",
            "Apache-2.0 WITH AdditionRef-Commons-Clause",
            "differ by an exception",
        ),
    ],
)
def test_a_mismatch_says_what_differs_and_what_to_declare(
    declared: str, detected: str, suggestion: str, says: str
) -> None:
    comparison = compare_licenses(declared, detected)
    assert not comparison.is_match
    assert comparison.suggestion == suggestion
    assert says in comparison.detail


@pytest.mark.parametrize(
    ("declared", "detected", "says"),
    [
        ("MIT", "MIT", "as declared"),
        ("mit license", "MIT", "as declared"),
        ("MIT OR Apache-2.0", "Apache-2.0 OR MIT", "as declared"),
        ("MIT AND (ISC OR Zlib)", "(Zlib OR ISC) AND MIT", "as declared"),
        ("LicenseRef-Acme", "LicenseRef-acme", "as declared"),
        ("GPL-3.0", "GPL-3.0-only", "as declared"),
        ("GPL-3.0-or-later", "GPL-3.0", "the text is the same"),
        ("GPL-3.0-only", "GPL-3.0-or-later", "the text is the same"),
        ("Apache-2.0+", "Apache-2.0", "the text is the same"),
        ("MIT OR GPL-2.0-or-later", "GPL-2.0-only OR MIT", "the text is the same"),
        (
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "GPL-2.0-with-classpath-exception",
            "the text is the same",
        ),
        ("MIT OR Apache-2.0", "Apache-2.0 AND MIT", "that they are a choice"),
        ("MIT OR GPL-2.0-or-later", "GPL-2.0 AND MIT", "that they are a choice"),
        ("LicenseRef-Private", "", "private work"),
        ("private", "NONE", "private work"),
    ],
)
def test_what_does_not_count_as_a_difference(declared: str, detected: str, says: str) -> None:
    comparison = compare_licenses(declared, detected)
    assert comparison.is_match
    assert comparison.suggestion == ""
    assert says in comparison.detail
