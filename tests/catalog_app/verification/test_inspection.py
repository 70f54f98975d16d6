"""Which licence holds at a path: hostile repositories first."""

import pytest

from catalog_app.verification.detection import TemplateDetector
from catalog_app.verification.inspection import Inspection, inspect_source
from catalog_app.verification.paths import PathKind
from tests.support.license_texts import COMMONS_CLAUSE, license_text
from tests.support.repos import FileContents, GitRepo
from tests.support.upstreams import Upstreams

MIT = license_text("MIT")
APACHE = license_text("Apache-2.0")
BSD = license_text("BSD-3-Clause")
GPL = license_text("GPL-3.0")
CODE = {"src/app.py": "print()\n"}

pytestmark = pytest.mark.integration


@pytest.fixture(params=[True, False], ids=["partial", "whole"])
def is_partial(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def inspect(upstreams: Upstreams, repo: GitRepo, *paths: str) -> Inspection:
    reader = upstreams.read(repo)
    return inspect_source(reader, repo.head(), paths, TemplateDetector())


def inspect_files(upstreams: Upstreams, files: FileContents, *paths: str) -> Inspection:
    return inspect(upstreams, upstreams.make(files), *paths)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no licence file"),
        ({"LICENSE": ""}, "no licence file"),
        ({"LICENSE": "MIT, see the website.\n"}, "no licence file"),
        ({"LICENSE/MIT.txt": MIT}, "no licence file"),
        ({"LICENSE": "y" * (11 << 20)}, "too many for a licence"),
        ({"LICENSE": b"\x00\xff" * 1000}, "not a text"),
        ({"LICENSE": COMMONS_CLAUSE + APACHE}, "Commons Clause"),
        ({"LICENSE": "Strange words of a lawyer. " * 60}, "no licence text"),
        ({"LICENSE.md": MIT, "COPYING": "Strange words of a lawyer. " * 60}, "COPYING"),
    ],
)
def test_without_a_licence_that_is_known_it_is_unknown(
    upstreams: Upstreams, files: FileContents, reason: str
) -> None:
    found = inspect_files(upstreams, {**CODE, **files}, "src")
    assert (found.detected, found.effective) == ("", "")
    assert reason in found.reason
    assert found.effective_reason


def test_links_and_submodules_named_like_licences_are_seen_through(upstreams: Upstreams) -> None:
    repo = upstreams.make(
        {**CODE, "legal/text": MIT, "a/x.py": "1", "b/x.py": "1", "c/x.py": "1", "d/x.py": "1"}
    )
    for folder, target in (
        ("a", "../legal/text"),
        ("b", "/etc/passwd"),
        ("c", "../nothing"),
        ("d", "../../outside"),
    ):
        (repo.path / folder / "LICENSE").symlink_to(target)
    repo.commit("Links")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},src/LICENSE")
    repo.git("commit", "--quiet", "--message", "A submodule")
    assert inspect(upstreams, repo, "a").detected == "MIT"
    for folder, reason in (("b", "leaves"), ("c", "not there"), ("d", "leaves")):
        found = inspect(upstreams, repo, folder)
        assert found.detected == ""
        assert reason in found.reason
    assert "no licence file" in inspect(upstreams, repo, "src").reason


def test_links_that_are_too_many_to_read_are_taken_for_nothing_else(
    upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog_app.verification.inspection._MAX_LINKS_READ", 1)
    repo = upstreams.make({**CODE, "LICENSE": MIT, "other/COPYING": GPL, "sub/x.py": "1"})
    (repo.path / "a").symlink_to("src")
    (repo.path / "sub" / "LICENSE").symlink_to("../other/COPYING")
    repo.commit("Links.")
    found = inspect(upstreams, repo, "sub")
    assert (found.detected, found.effective) == ("", "")
    assert "too many" in found.reason
    assert [path.kind for path in inspect(upstreams, repo, "sub/LICENSE").missing_paths] == [PathKind.OUTSIDE]


def test_paths_that_are_not_there_are_told_with_their_kind(upstreams: Upstreams) -> None:
    repo = upstreams.make({**CODE, "LICENSE": MIT})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},vendored/module")
    repo.git("commit", "--quiet", "--message", "A submodule")
    found = inspect(upstreams, repo, "src", "gone", "vendored/module", "../x", "line\nbreak")
    assert [(path.path, path.kind) for path in found.missing_paths] == [
        ("gone", PathKind.MISSING),
        ("vendored/module", PathKind.SUBMODULE),
        ("../x", PathKind.OUTSIDE),
        ("line\nbreak", PathKind.MISSING),
    ]
    assert (found.detected, found.effective) == ("", "")


def test_names_with_line_breaks_and_odd_bytes_are_read_and_shown_safely(upstreams: Upstreams) -> None:
    repo = upstreams.make({"odd\nfolder/LICENSE": MIT, "odd\nfolder/x.py": "1", "latin\udce9/LICENSE": BSD})
    found = inspect(upstreams, repo)
    assert set(found.nested) == {"odd\\nfolder", "latin\\xe9"}
    assert inspect(upstreams, repo, "odd\nfolder").detected == "MIT"
    assert inspect(upstreams, repo, "latin\udce9").detected == "BSD-3-Clause"


def test_a_licence_in_another_encoding_is_read(upstreams: Upstreams) -> None:
    for encoding in ("latin-1", "utf-16", "utf-8-sig"):
        text = MIT.replace("Ada Example", "José Núñez").encode(encoding)
        name = f"shop-{encoding}"
        repo = upstreams.make({**CODE, "LICENSE": text}, name=name)
        assert inspect(upstreams, repo, "src").detected == "MIT"


def test_the_nearest_licence_file_holds(upstreams: Upstreams, is_partial: bool) -> None:
    files = {
        "LICENSE": BSD,
        "src/app.py": "1",
        "plugins/gpl/COPYING": GPL,
        "plugins/gpl/deep/er/x.py": "1",
        "plugins/other/x.py": "1",
    }
    repo = upstreams.make(files, is_partial=is_partial)
    for path, expression in {
        "src": "BSD-3-Clause",
        "src/app.py": "BSD-3-Clause",
        "plugins/other": "BSD-3-Clause",
        "plugins/gpl": "GPL-3.0-only",
        "plugins/gpl/deep/er": "GPL-3.0-only",
        "plugins/gpl/deep/er/x.py": "GPL-3.0-only",
    }.items():
        found = inspect(upstreams, repo, path)
        assert (found.detected, found.effective) == (expression, expression)
    found = inspect(upstreams, repo)
    assert (found.detected, found.effective) == ("BSD-3-Clause", "BSD-3-Clause AND GPL-3.0-only")
    assert found.nested == {"plugins/gpl": "GPL-3.0-only"}
    found = inspect(upstreams, repo, "src", "plugins/gpl")
    assert found.detected == "BSD-3-Clause AND GPL-3.0-only"


def test_an_unknown_licence_below_a_path_makes_the_whole_unknown_only(upstreams: Upstreams) -> None:
    files = {**CODE, "LICENSE": MIT, "ee/LICENSE": "Strange words of a lawyer. " * 60, "ee/x.py": "1"}
    repo = upstreams.make(files)
    found = inspect(upstreams, repo)
    assert (found.detected, found.effective) == ("MIT", "")
    assert found.nested == {"ee": ""}
    assert "ee/LICENSE" in found.effective_reason
    assert inspect(upstreams, repo, "src").effective == "MIT"


def test_references_below_a_path_say_nothing(upstreams: Upstreams) -> None:
    files = {
        **CODE,
        "LICENSE": MIT,
        "docs/license.rst": "See :doc:`LICENSE`.\n",
        "sub/LICENSE": "See ../LICENSE",
    }
    found = inspect_files(upstreams, files)
    assert (found.effective, dict(found.nested)) == ("MIT", {})
    assert {item.file for item in found.evidence} == {"LICENSE", "docs/license.rst", "sub/LICENSE"}


@pytest.mark.parametrize("words", ["GPL-3.0-only", "This folder is under the GNU GPL v3."])
def test_a_reference_to_a_licence_that_is_not_there_makes_it_unknown(
    upstreams: Upstreams, words: str
) -> None:
    repo = upstreams.make({**CODE, "LICENSE": MIT, "sub/LICENSE": words, "sub/deep/x.py": "1"})
    for path in ("sub", "sub/deep"):
        found = inspect(upstreams, repo, path)
        assert (found.detected, found.effective) == ("", "")
        assert "sub/LICENSE: The text also names a GNU licence" in found.reason
    found = inspect(upstreams, repo)
    assert (found.detected, found.effective, found.nested) == ("MIT", "", {"sub/LICENSE": ""})
    assert inspect(upstreams, repo, "src").effective == "MIT"


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "Apache-2.0 OR MIT"),
        (
            {"LICENSE": "MIT or Apache 2, at your option.", "LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE},
            "Apache-2.0 OR MIT",
        ),
        (
            {"COPYING": "Unlicense or MIT.", "LICENSE-MIT": MIT, "UNLICENSE": license_text("Unlicense")},
            "MIT OR Unlicense",
        ),
        ({"LICENSE": MIT, "LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "Apache-2.0 OR MIT"),
        ({"UNLICENSE": license_text("Unlicense")}, "Unlicense"),
        ({"MIT-LICENSE.txt": MIT}, "MIT"),
        ({"LICENSE": MIT, "COPYING": GPL}, "MIT AND GPL-3.0-only"),
        ({"LICENSE.txt": MIT, "LICENSE.md": MIT}, "MIT"),
        ({"COPYING": GPL, "COPYING.LESSER": license_text("LGPL-3.0")}, "LGPL-3.0-only"),
        ({"LICENSES/MIT.txt": MIT}, "MIT"),
    ],
)
def test_several_licence_files_in_one_folder_are_joined(
    upstreams: Upstreams, files: FileContents, expression: str
) -> None:
    assert set(inspect_files(upstreams, {**CODE, **files}, "src").detected.split()) == set(expression.split())


def test_licences_of_something_else_in_the_folder_count_for_the_whole(upstreams: Upstreams) -> None:
    found = inspect_files(upstreams, {"LICENSE": MIT, "LICENSE.third-party": BSD, **CODE})
    assert (found.detected, found.effective) == ("MIT", "MIT AND BSD-3-Clause")
    found = inspect(
        upstreams, upstreams.make({"LICENSE": MIT, "LICENSE-ENTERPRISE": "Pay us. " * 90}, name="ee")
    )
    assert (found.detected, found.effective) == ("MIT", "")


def test_every_text_of_a_reuse_folder_counts_for_the_whole(upstreams: Upstreams) -> None:
    files = {**CODE, "LICENSE": MIT, "LICENSES/GPL-3.0-only.txt": GPL, "LICENSES/MIT.txt": MIT}
    found = inspect_files(upstreams, files)
    assert (found.detected, set(found.effective.split())) == ("MIT", {"MIT", "AND", "GPL-3.0-only"})
    assert found.nested == {"LICENSES/GPL-3.0-only.txt": "GPL-3.0-only"}
    vendored = {**CODE, "LICENSE": MIT, "vendor/x/LICENSES/GPL-3.0-only.txt": GPL, "vendor/x/x.py": "1"}
    repo = upstreams.make(vendored, name="vendored")
    assert inspect(upstreams, repo).nested == {"vendor/x": "GPL-3.0-only"}
    assert inspect(upstreams, repo, "src").effective == "MIT"


def header(expression: str, mark: str = "#") -> str:
    return f"{mark} SPDX-License-Identifier: {expression}\ncode\n"


@pytest.mark.parametrize(
    ("files", "path", "detected", "effective"),
    [
        # Headers instead of a licence file.
        ({"a.py": header("MIT"), "b.c": header("MIT", "/* */ //")}, "", "MIT", "MIT"),
        ({"a.py": header("MIT"), "b.py": header("ISC")}, "", "ISC AND MIT", "ISC AND MIT"),
        ({"a.py": header("MIT OR Apache-2.0")}, "", "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ({"a.py": header("MIT"), "b.py": "code\n"}, "", "", ""),
        # What stands beside a file that can hold no header.
        (
            {"LICENSE": MIT, "logo.png": b"1", "logo.png.license": header("ISC")},
            "",
            "MIT AND ISC",
            "MIT AND ISC",
        ),
        # Several in one file hold at once, however they are spelt.
        (
            {"a.py": header("MIT") + header("GPL-3.0-only")},
            "",
            "MIT AND GPL-3.0-only",
            "MIT AND GPL-3.0-only",
        ),
        ({"a.py": header("MIT") + header("Weird-1.0"), "LICENSE": MIT}, "", "MIT", ""),
        ({"a.py": header("GPL-3.0-only").lower()}, "", "GPL-3.0-only", "GPL-3.0-only"),
        ({"a.py": header("MIT"), "empty/__init__.py": ""}, "", "MIT", "MIT"),
        # A path whose files speak for themselves, below another licence file.
        ({"LICENSE": GPL, "lib/a.py": header("MIT")}, "lib", "MIT", "MIT"),
        ({"LICENSE": GPL, "lib/a.py": header("MIT"), "lib/b.py": "x"}, "lib/a.py", "MIT", "MIT"),
        # A vendored file does not change what the path is under, but what is taken with it.
        (
            {
                "LICENSE": MIT,
                "a.py": header("MIT"),
                "b.py": header("MIT"),
                "vendored.py": header("BSD-2-Clause"),
            },
            "",
            "MIT",
            "BSD-2-Clause AND MIT",
        ),
        # Files that as a whole say otherwise than the licence file.
        (
            {"LICENSE": MIT, "a.py": header("GPL-3.0-only"), "b.py": header("GPL-3.0-only")},
            "",
            "MIT AND GPL-3.0-only",
            "MIT AND GPL-3.0-only",
        ),
        # The text of the GPL leaves open what the headers say.
        ({"COPYING": GPL, "a.py": header("GPL-3.0-or-later")}, "", "GPL-3.0-or-later", "GPL-3.0-or-later"),
        # What no licence is.
        ({"LICENSE": MIT, "a.py": header("Weird-1.0")}, "", "MIT", ""),
        # Beyond the head of the file, or quoted by a program.
        ({"LICENSE": MIT, "a.py": "x\n" * 60 + header("GPL-3.0-only")}, "", "MIT", "MIT"),
        ({"LICENSE": MIT, "a.py": 'TEXT = "SPDX-License-Identifier: GPL-3.0-only"\n'}, "", "MIT", "MIT"),
    ],
)
def test_headers_of_files_are_heard(
    upstreams: Upstreams, files: FileContents, path: str, detected: str, effective: str
) -> None:
    found = inspect_files(upstreams, files, *([path] if path else []))
    assert (sorted(found.detected.split()), sorted(found.effective.split())) == (
        sorted(detected.split()),
        sorted(effective.split()),
    )


def test_a_reference_does_not_silence_the_headers_below_it(upstreams: Upstreams) -> None:
    files = {"LICENSE": MIT, "a.py": "1", "b.py": "1", "gpl/LICENSE": "x", "gpl/c.py": header("GPL-3.0-only")}
    found = inspect_files(upstreams, files)
    assert "GPL-3.0-only" in found.effective
    assert any("gpl/c.py" in text for text in found.contradictions)


def test_reading_of_headers_is_bounded(upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog_app.verification.inspection.MAX_HEADER_FILES", 4)
    files = {f"{number:02}.py": header("MIT") for number in range(20)}
    found = inspect_files(upstreams, {**files, "big.py": "x" * (2 << 20)})
    assert (found.header_files, found.header_files_read) == (21, 4)
    assert found.detected == "MIT"


def test_package_files_support_or_contradict_but_never_decide(upstreams: Upstreams) -> None:
    files = {
        "LICENSE": MIT,
        "pyproject.toml": '[project]\nlicense = "Apache-2.0"\n',
        "package.json": '{"license": "MIT"}',
        "composer.json": '{"license": [',
    }
    found = inspect_files(upstreams, files)
    assert (found.detected, found.effective) == ("MIT", "MIT")
    assert found.contradictions == ("pyproject.toml declares Apache-2.0; the licence found is MIT.",)
    metadata = {item.file: item.expression for item in found.evidence if item.method == "package metadata"}
    assert metadata == {"pyproject.toml": "Apache-2.0", "package.json": "MIT"}
    without = inspect(upstreams, upstreams.make({"package.json": '{"license": "MIT"}'}, name="bare"))
    assert without.detected == ""


def test_every_finding_names_file_lines_method_and_confidence(upstreams: Upstreams) -> None:
    files: dict[str, str] = {"LICENSE": BSD, "a.py": header("BSD-3-Clause")}
    found = inspect_files(upstreams, files)
    text, spdx = found.evidence
    assert (text.file, text.method, text.expression, text.confidence) == (
        "LICENSE",
        "licence text",
        "BSD-3-Clause",
        1.0,
    )
    assert text.lines is not None
    assert (spdx.file, spdx.method, spdx.lines, spdx.note) == (
        "a.py",
        "SPDX header",
        (1, 1),
        "1 of 1 files that were read.",
    )
    assert found.detector == "licenseclassifier"


def test_too_many_licence_files_are_not_guessed_at(
    upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog_app.verification.license_files.MAX_LICENSE_FILES", 3)
    files: dict[str, str] = {f"p{n}/LICENSE": license_text("MIT", holder=f"H{n}") for n in range(5)}
    found = inspect_files(upstreams, {"LICENSE": MIT, **files})
    assert found.effective == ""
    assert "licence files" in found.effective_reason


def test_what_is_stored_of_many_nested_licences_is_bounded(
    upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog_app.verification.inspection._MOST_NESTED", 2)
    files = {f"p{number}/LICENSE": BSD for number in range(4)}
    found = inspect_files(upstreams, {"LICENSE": MIT, **files, "z/LICENSE": "Strange words. " * 90})
    assert (dict(found.nested), found.nested_left_out) == ({"z": "", "p0": "BSD-3-Clause"}, 3)
    assert found.below == ("BSD-3-Clause",)
