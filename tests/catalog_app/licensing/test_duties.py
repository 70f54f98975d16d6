import pytest

from catalog_app.licensing import attribution_duties


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("", ["read_license"]),
        ("BSD", ["read_license"]),
        ("LicenseRef-acme", ["read_license"]),
        ("Artistic-2.0", ["read_license"]),
        ("MIT WITH AdditionRef-Commons-Clause", ["keep_notice", "read_license"]),
        ("CC0-1.0", []),
        ("Unlicense", []),
        ("MIT", ["keep_notice"]),
        ("BSD-3-Clause", ["keep_notice", "no_endorsement"]),
        ("Zlib", ["keep_notice", "no_misrepresentation"]),
        ("Apache-2.0", ["include_license", "keep_notices", "state_changes", "keep_notice_file"]),
        ("MPL-2.0", ["keep_notices", "share_files"]),
        ("GPL-2.0-or-later", ["keep_notice", "include_license", "state_changes", "share_work"]),
        ("AGPL-3.0", ["keep_notice", "include_license", "state_changes", "share_work", "share_over_network"]),
        ("MIT OR CC0-1.0", ["keep_notice"]),
    ],
)
def test_what_copying_obliges_to(expression: str, codes: list[str]) -> None:
    assert [duty.code for duty in attribution_duties(expression)] == codes


def test_a_duty_of_several_licences_is_named_once_with_all_of_them() -> None:
    notice, *_ = attribution_duties("MIT AND BSD-3-Clause AND MIT")
    assert (notice.code, notice.licenses) == ("keep_notice", ("MIT", "BSD-3-Clause"))
