"""Which licence a text is: riders and doubtful texts first."""

import pytest

from catalog_app.verification.detection import (
    MAX_TEXT_CHARACTERS,
    Detection,
    LicenseDetector,
    TemplateDetector,
)
from tests.support.license_texts import COMMONS_CLAUSE, GPL_NOTICE, license_text

MIT = license_text("MIT")
APACHE = license_text("Apache-2.0")
CC_NOTE = (
    license_text("CC-BY-4.0").partition("Creative Commons is not a party")[1]
    + (license_text("CC-BY-4.0").rpartition("Creative Commons is not a party")[2])
)
LLVM = """

---- LLVM Exceptions to the Apache 2.0 License ----

As an exception, if, as a result of your compiling your source code, portions of this Software are
embedded into an Object form of such source code, you may redistribute such embedded portions in
such Object form without complying with the conditions of Sections 4(a), 4(b) and 4(d) of the
License.

In addition, if you combine or link compiled forms of this Software with software that is licensed
under the GPLv2 ("Combined Software") and if a court of competent jurisdiction determines that the
patent provision (Section 3), the indemnity provision (Section 9) or other Section of the License
conflicts with the conditions of the GPLv2, you may retroactively and prospectively choose to deem
waived or otherwise exclude such Section(s) of the License, but only in their entirety and only with
respect to the Combined Software.
"""


def detect(text: str) -> Detection:
    detector: LicenseDetector = TemplateDetector()
    return detector.detect(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (COMMONS_CLAUSE + APACHE, "Commons Clause"),
        (APACHE + "\n\n" + COMMONS_CLAUSE, "Commons Clause"),
        ("Licensed under the Elastic License 2.0 or the following.\n\n" + APACHE, "Elastic License"),
        (
            "Business Source License 1.1\n\nChange License: the following\n\n" + APACHE,
            "Business Source License",
        ),
        (MIT + "\nAdditional Use Grant: none in production.\n", "Business Source License"),
        ("Either the SSPL or:\n\n" + APACHE, "Server Side Public License"),
        (MIT + "\nThis software may only be used for non-commercial purposes.\n", "non-commercial"),
        (MIT + "\nYou may not offer it as a hosted service.\n", "may not"),
        (MIT.replace("Permission is", "For academic research.\n\nPermission is"), "academic"),
        (MIT.replace("Ada Example", "Ada Example. Commercial use is prohibited."), "prohibited"),
        (MIT.replace("Copyright", "(c) Commercial use must be paid for.\nCopyright"), "Commercial"),
        ("The ee/ folder is under an Enterprise licence.\n\n" + MIT, "Enterprise"),
        (MIT + "\nThis program is also available under the GNU General Public License.\n", "GNU"),
        ("Documentation: Creative Commons Attribution.\n\n" + MIT, "Creative Commons"),
        (
            f"Copyright 2024 Ada\n\nThe pages are licensed under CC-BY.\n\n{MIT.split(chr(10), 4)[4]}",
            "Creative",
        ),
        (MIT + "\nLarger companies need a paid key.\n", "paid"),
        (MIT + "\nYou agree to send every change back to us.\n", "You agree"),
        ("Free for open source projects only\n\n" + MIT, "only"),
        (MIT + "\nCopyright holders may have companies charged.\n", "charged"),
        (MIT + "\nCom\u200bmons Cla\u00aduse\n", "Commons Clause"),
        (
            MIT + f'\nCreative Commons Corporation ("Creative Commons") is not a law firm.\n{COMMONS_CLAUSE}',
            "Clause",
        ),
        (f"{MIT}\n{CC_NOTE.replace('in those instances', f'{COMMONS_CLAUSE} in those instances')}", "Clause"),
        (APACHE + LLVM.replace("In addition", f"{COMMONS_CLAUSE}\n\nIn addition"), "Commons Clause"),
        (MIT.replace("without restriction", "with restrictions"), "may restrict"),
        (MIT.replace("sublicense, and/or sell", "and/or sublicense"), ""),
        (MIT.replace("IN NO EVENT SHALL", "IN ANY EVENT SHALL"), ""),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_licence_with_a_rider_or_a_change_is_not_that_licence(text: str, reason: str) -> None:
    found = detect(text)
    assert found.expression == ""
    assert reason in found.reason
    assert not found.is_pointer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "All rights reserved. " + "You are granted nothing by this text whatsoever. " * 30,
            "no licence text",
        ),
        ("word " * 200 + GPL_NOTICE.split("\n\n")[0], "Most of the text"),
        (MIT + "x" * MAX_TEXT_CHARACTERS, "too long"),
        ("\x00" * 2000, "no licence text"),
        ("Copyright 2024 Acme Inc. All rights reserved.\n", "keeps its rights"),
        ("Confidential. Ask legal@example.com before you see the LICENSE.\n", "keeps its rights"),
        ("Do not distribute. See the licence.\n", "keeps its rights"),
    ],
)
def test_texts_that_are_no_licence_are_unknown(text: str, reason: str) -> None:
    found = detect(text)
    assert (found.expression, found.is_pointer) == ("", False)
    assert reason in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "MIT\n",
        "See ../LICENSE.\n",
        "Copyright 2024 Ada. All rights reserved. Use is governed by the licence in ../LICENSE.\n",
        "This is licensed under the MIT licence: https://opensource.org/licenses/MIT\n",
        "BSD-3-Clause License\n====================\n\n.. literalinclude:: ../LICENSE.txt\n",
    ],
)
def test_texts_that_only_refer_to_a_licence_say_nothing_for_themselves(text: str) -> None:
    found = detect(text)
    assert (found.expression, found.is_pointer) == ("", True)


@pytest.mark.parametrize(
    "license_id",
    [
        "0BSD",
        "AFL-3.0",
        "AGPL-3.0-only",
        "Apache-2.0",
        "Artistic-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSD-3-Clause-Clear",
        "BSL-1.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "EPL-1.0",
        "EPL-2.0",
        "EUPL-1.2",
        "GPL-2.0-only",
        "GPL-3.0-only",
        "ISC",
        "LGPL-2.1-only",
        "LGPL-3.0-only",
        "MIT",
        "MPL-2.0",
        "MS-PL",
        "NCSA",
        "OFL-1.1",
        "PostgreSQL",
        "Unlicense",
        "WTFPL",
        "Zlib",
    ],
)
def test_the_usual_licences_are_recognised(license_id: str) -> None:
    found = detect(license_text(license_id))
    assert (found.expression, found.reason) == (license_id, "")
    assert found.confidence >= 0.9
    assert found.lines is not None


@pytest.mark.parametrize(
    "text",
    [
        MIT.replace("\n", "\r\n"),
        "\ufeff" + MIT,
        MIT.upper(),
        "# The MIT License (MIT)\n\n> " + MIT.replace("\n", "\n> "),
        MIT.replace("Copyright", "Copyright (c) 2001 Grace Hopper\nPortions copyright"),
        MIT.replace("Ada Example", "Hewlett Packard Enterprise Development LP"),
        "The MIT License (MIT)\n=====================\n\n" + MIT,
        "Shop is licensed under the MIT license, as follows.\n\n" + MIT,
        MIT + "\nThis licence is GPL-compatible.\n",
        "\n".join(line.strip() for line in MIT.splitlines()),
    ],
)
def test_layout_names_and_titles_do_not_matter(text: str) -> None:
    assert detect(text).expression == "MIT"


@pytest.mark.parametrize(
    "words",
    [
        "Thanks to Grace for the drawing of a cat. " * 3,
        "The footer with our name and address must be retained, must be visible in every page, and cannot be "
        "modified. It has our name.",
        "Die Nutzung im Rahmen eines Unternehmens ist nur nach vorheriger schriftlicher Zustimmung des "
        "Urhebers gestattet, die jederzeit und ohne Angabe von Gründen widerrufen werden kann.",
    ],
)
def test_words_that_nobody_has_read_leave_a_licence_unknown_in_any_language(words: str) -> None:
    found = detect(f"{MIT}\n{words}\n")

    assert found.expression == ""
    assert "MIT" in found.reason


def test_a_few_words_besides_a_licence_do_no_harm() -> None:
    assert detect(MIT + "\nThanks to Grace for the drawing of a cat.\n").expression == "MIT"


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (f"{MIT}\n\n{APACHE}", "Apache-2.0 AND MIT"),
        (f"The library is dual-licensed; at your option:\n\n{MIT}\n\n{APACHE}", "Apache-2.0 OR MIT"),
        (f"This software may be used under either licence.\n\n{MIT}\n\n{APACHE}", "Apache-2.0 OR MIT"),
        (
            f"The code is under either, at your option.\n\n{MIT}\n\n{APACHE}\n\n{license_text('ISC')}",
            "Apache-2.0 AND ISC AND MIT",
        ),
        (f"{GPL_NOTICE}\n{license_text('GPL-3.0')}", "GPL-3.0-or-later"),
        (GPL_NOTICE, "GPL-3.0-or-later"),
        (APACHE + LLVM, "Apache-2.0 WITH LLVM-exception"),
        (f"{MIT}\n{CC_NOTE}", "MIT"),
        (f"{license_text('GPL-3.0')}\n\n{license_text('LGPL-3.0')}", "LGPL-3.0-only"),
    ],
)
def test_several_licences_in_one_text_are_joined(text: str, expression: str) -> None:
    assert detect(text).expression == expression


def test_licences_that_are_no_open_source_are_named_if_spdx_lists_them() -> None:
    evil = MIT.replace("THE SOFTWARE IS", "The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS")
    assert detect(evil).expression == "JSON"


def test_the_place_of_the_licence_is_told() -> None:
    assert detect("# Shop\n\n" + license_text("ISC")).lines == (3, 17)
