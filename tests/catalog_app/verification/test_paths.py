"""Paths within a tree, and files that are licences by their names."""

import pytest

from catalog_app.verification.paths import (
    LicenseFileRole,
    PathKind,
    clean_path,
    find_path,
    folders_upwards,
    license_file_role,
)
from catalog_app.verification.reading import EntryKind, Tree, TreeEntry

TREE = Tree(
    {
        "src/app.py": TreeEntry(EntryKind.FILE, "1"),
        "src/deep/er/x.py": TreeEntry(EntryKind.FILE, "2"),
        "vendored/module": TreeEntry(EntryKind.SUBMODULE, "3"),
        **{
            link: TreeEntry(EntryKind.SYMLINK, "4")
            for link in ("lib", "away", "absolute", "loop-a", "loop-b", "file-link", "dangling", "docs/up")
        },
    }
)
LINKS = {
    "lib": "src/deep",
    "away": "../elsewhere",
    "absolute": "/etc",
    "loop-a": "loop-b",
    "loop-b": "loop-a",
    "file-link": "lib/er/x.py",
    "dangling": "nothing",
    "docs/up": "../src",
}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("nothing", PathKind.MISSING),
        ("src/app.py/below", PathKind.MISSING),
        ("SRC", PathKind.MISSING),
        ("line\nbreak", PathKind.MISSING),
        ("dangling", PathKind.MISSING),
        ("../src", PathKind.OUTSIDE),
        ("src/../../x", PathKind.OUTSIDE),
        ("nul\0", PathKind.OUTSIDE),
        ("away", PathKind.OUTSIDE),
        ("away/x", PathKind.OUTSIDE),
        ("absolute", PathKind.OUTSIDE),
        ("loop-a", PathKind.OUTSIDE),
        ("vendored/module", PathKind.SUBMODULE),
        ("vendored/module/setup.py", PathKind.SUBMODULE),
    ],
)
def test_what_is_not_in_the_repository_is_not_there(path: str, kind: PathKind) -> None:
    found = find_path(TREE, path, LINKS)
    assert (found.kind, found.is_there) == (kind, False)


@pytest.mark.parametrize(
    ("path", "real", "kind"),
    [
        ("", "", PathKind.FOLDER),
        (".", "", PathKind.FOLDER),
        ("/", "", PathKind.FOLDER),
        ("src", "src", PathKind.FOLDER),
        ("./src//deep/", "src/deep", PathKind.FOLDER),
        ("/src/app.py", "src/app.py", PathKind.FILE),
        ("lib", "src/deep", PathKind.FOLDER),
        ("lib/er", "src/deep/er", PathKind.FOLDER),
        ("file-link", "src/deep/er/x.py", PathKind.FILE),
        ("docs/up/app.py", "src/app.py", PathKind.FILE),
    ],
)
def test_links_are_followed_within_the_repository(path: str, real: str, kind: PathKind) -> None:
    found = find_path(TREE, path, LINKS)
    assert (found.real, found.kind, found.is_there) == (real, kind, True)


def test_paths_are_written_as_git_does() -> None:
    assert [clean_path(path) for path in ("", "./a//b/", "a/./b")] == ["", "a/b", "a/b"]
    for path in ("..", "a/../b", "a\0"):
        with pytest.raises(ValueError, match=r"\.\.|NUL"):
            clean_path(path)
    assert list(folders_upwards("a/b")) == ["a/b", "a", ""]


@pytest.mark.parametrize(
    "name",
    [
        "license.py",
        "license-checker.md",
        "licensing.md",
        "LICENSED",
        "relicense",
        "NOTICE",
        "copying.go",
        "a.license",
        "License.java",
        "check-license.md",
        "main.js.LICENSE.txt",
    ],
)
def test_files_about_licences_are_no_licence_files(name: str) -> None:
    assert license_file_role(name) is None


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            LicenseFileRole.MAIN,
            [
                "LICENSE",
                "LICENCE",
                "License.md",
                "license.txt",
                "LICENSE.rst",
                "COPYING",
                "copying.txt",
                "LICENSES.md",
            ],
        ),
        (
            LicenseFileRole.ALTERNATIVE,
            [
                "LICENSE-MIT",
                "LICENSE-APACHE.txt",
                "LICENSE.BSD",
                "LICENSE_BSD-3-Clause.txt",
                "MIT-LICENSE",
                "MIT-LICENSE.txt",
                "APACHE-LICENSE-2.0",
                "LICENSE-Apache-2.0",
                "COPYING.LESSER",
                "COPYING.LIB",
                "COPYING-GPLv3",
                "UNLICENSE",
                "UNLICENSE.md",
            ],
        ),
        (
            LicenseFileRole.FURTHER,
            [
                "LICENSE-ENTERPRISE",
                "LICENSE.third-party",
                "LICENSE_EE.md",
                "LICENSE-3RD-PARTY.txt",
                "LICENSE.docs",
                "License-Enterprise.txt",
                "License_EE.md",
                "EE_LICENSE",
                "COMMERCIAL-LICENSE.txt",
                "THIRD-PARTY-LICENSES",
            ],
        ),
    ],
)
def test_licence_files_are_known_by_name(role: LicenseFileRole, names: list[str]) -> None:
    assert {name: license_file_role(name) for name in names} == dict.fromkeys(names, role)
