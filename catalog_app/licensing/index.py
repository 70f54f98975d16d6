"""The licences that are known: SPDX ids and ScanCode's own, each with its category.

The index comes with `license-expression` and is read once, when it is first asked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from license_expression import get_license_index

_SCANCODE = "LicenseRef-scancode-"

UNKNOWN_IDS = frozenset(
    f"{_SCANCODE}{name}"
    for name in ("unknown", "unknown-license-reference", "unknown-spdx", "free-unknown", "unstated")
)
"""What a detector writes where it saw that there is a licence but not which."""

NO_LICENSE_IDS = frozenset({f"{_SCANCODE}no-license"})

_COMMONS_CLAUSE = f"{_SCANCODE}commons-clause"
"""Replaced by an id of ours that is valid after WITH, as SPDX 3 has it."""

PRIVATE = "LicenseRef-Private"
PROPRIETARY = "LicenseRef-Proprietary"
NON_COMMERCIAL = "LicenseRef-Non-Commercial"

COMMONS_CLAUSE_RIDER = "AdditionRef-Commons-Clause"
NON_COMMERCIAL_RIDER = "AdditionRef-Non-Commercial"


@dataclass(frozen=True, slots=True)
class KnownLicense:
    """`category` in lower case with hyphens ("copyleft-limited"), as policies name it."""

    id: str
    category: str
    is_exception: bool = False


@dataclass(frozen=True, slots=True)
class OtherName:
    """An id that means another expression. `is_retired`: SPDX used it once."""

    expression: str
    is_retired: bool


_OURS = (
    KnownLicense(PRIVATE, "commercial"),
    KnownLicense(PROPRIETARY, "commercial"),
    KnownLicense(NON_COMMERCIAL, "source-available"),
    KnownLicense(COMMONS_CLAUSE_RIDER, "source-available", is_exception=True),
    KnownLicense(NON_COMMERCIAL_RIDER, "source-available", is_exception=True),
    # ScanCode files it with the exceptions; SPDX lists it as a licence.
    KnownLicense("MPL-2.0-no-copyleft-exception", "copyleft-limited"),
)

_RETIRED = {
    "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "GPL-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "GPL-2.0-with-bison-exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "GPL-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "wxWindows": "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
}
"""Ids that SPDX has retired for an expression."""

_RESTRICTING_CATEGORIES = frozenset({"source-available", "commercial", "proprietary-free", "free-restricted"})

_MISLEADING = frozenset({"gpl", "licenseref-license", "licenseref-license.md"})
"""Other names in the index that say less than they seem to: they must be asked about, not translated."""

COMMON_IDS = (
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "EPL-2.0",
    "EUPL-1.2",
    "CDDL-1.0",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "OFL-1.1",
    "Artistic-2.0",
    "Python-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
    "BSL-1.0",
    "BUSL-1.1",
    "Elastic-2.0",
    "SSPL-1.0",
)
"""What people mean most often; suggested before the rest."""


class _Index:
    def __init__(self) -> None:
        self.known: dict[str, KnownLicense] = {}
        self.other_names: dict[str, OtherName] = {}
        self.squashed: dict[str, set[str]] = {}
        rows: list[dict[str, Any]] = [  # Any: the parsed JSON of the index
            row
            for row in get_license_index()
            if row["spdx_license_key"] not in (None, _COMMONS_CLAUSE) and not row["is_deprecated"]
        ]
        for row in rows:
            self._add(KnownLicense(row["spdx_license_key"], slug(row["category"]), row["is_exception"]))
        for ours in _OURS:
            self._add(ours)
        for row in rows:
            for name in (key for key in row["other_spdx_license_keys"] if " " not in key):
                self._rename(name, row["spdx_license_key"], is_retired=not name.startswith("LicenseRef-"))
        for name, expression in _RETIRED.items():
            self._rename(name, expression, is_retired=True)
        self._rename(_COMMONS_CLAUSE, COMMONS_CLAUSE_RIDER, is_retired=False)
        for row in rows:
            self._rename(row["license_key"], row["spdx_license_key"], is_retired=False)

    def _add(self, license: KnownLicense) -> None:
        self.known[license.id.lower()] = license
        if not license.id.startswith(_SCANCODE):
            self.squashed.setdefault(squash(license.id), set()).add(license.id)

    def _rename(self, name: str, expression: str, *, is_retired: bool) -> None:
        if name.lower() in _MISLEADING or name.lower() in self.known:
            return
        self.other_names.setdefault(name.lower(), OtherName(expression, is_retired))
        if is_retired:
            self.squashed.setdefault(squash(name), set()).add(name)


@cache
def _index() -> _Index:
    return _Index()


def find_license(license_id: str) -> KnownLicense | None:
    """By its id in any case: licences, and exceptions too."""
    return _index().known.get(license_id.lower())


def find_other_name(name: str) -> OtherName | None:
    """For a retired id, or ScanCode's name of a licence."""
    return _index().other_names.get(name.lower())


def find_respelled(name: str) -> str:
    """The one id (it may be a retired one) that differs from the name by spelling only, or ""."""
    ids = _index().squashed.get(squash(name), set())
    return next(iter(ids)) if len(ids) == 1 else ""


def list_versions(stem: str) -> list[str]:
    """Licences whose ids begin with the name and go on with more, the common ones first."""
    wanted = squash(stem)
    found = (
        license_id
        for squashed, ids in _index().squashed.items()
        if len(wanted) > 1 and squashed.startswith(wanted)
        for license_id in ids
        if license_id.lower().startswith(f"{stem.lower()}-") or squashed[len(wanted) :][:1].isdigit()
    )
    return in_order_of_use(
        license.id
        for license_id in found
        if (license := find_license(license_id)) and not license.is_exception
    )


def in_order_of_use(ids: Iterable[str]) -> list[str]:
    def rank(license_id: str) -> tuple[int, str]:
        place = COMMON_IDS.index(license_id) if license_id in COMMON_IDS else len(COMMON_IDS)
        return place, license_id

    return sorted(ids, key=rank)


def is_restricting(exception_id: str) -> bool:
    """Whether it takes rights away. An addition that nobody knows may do so."""
    known = find_license(exception_id)
    return known is None or known.category in _RESTRICTING_CATEGORIES


def list_licenses() -> Iterator[KnownLicense]:
    """All but the exceptions."""
    return (license for license in _index().known.values() if not license.is_exception)


def list_exceptions() -> Iterator[KnownLicense]:
    return (license for license in _index().known.values() if license.is_exception)


@cache
def list_categories() -> tuple[str, ...]:
    return tuple(sorted({license.category for license in list_licenses()}))


def slug(category: str) -> str:
    """ "Public Domain", "public_domain" and "public-domain" are the same category."""
    return re.sub(r"[\s_-]+", "-", category.strip().lower())


_FILLER = re.compile(r"\b(?:the|licen[cs]es?|licen[cs]ed|under|version|ver|v)\b\.?")


def squash(name: str) -> str:
    """What is left of a name when case, punctuation, filler words and ".0" do not count.

    "The Apache License, Version 2.0" and "apache-2" are both "apache2".
    """
    text = _FILLER.sub(" ", name.lower().replace("_", " "))
    text = re.sub(r"(?<![a-z])v\.?(?=\d)|(?<=[a-z])v(?=\d)", "", text)
    text = re.sub(r"(?<=\d)(?:\.0)+(?![.\d])", "", text)
    return re.sub(r"[^a-z0-9.+]+|\.(?!\d)", "", text)
