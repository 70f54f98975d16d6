"""What people write where an SPDX id belongs, and what it means or may mean."""

import re
from difflib import get_close_matches
from functools import cache

from catalog_app.licensing.index import (
    COMMONS_CLAUSE_RIDER,
    NON_COMMERCIAL_RIDER,
    PRIVATE,
    PROPRIETARY,
    find_respelled,
    in_order_of_use,
    list_exceptions,
    list_licenses,
    list_versions,
    squash,
)

MAX_NAME_LENGTH = 200
"""Nothing longer is looked up. The longest written-out name of a licence has some 100 characters."""

MAX_SUGGESTIONS = 6

NO_LICENSE_WORDS = frozenset({"none", "no license", "no licence", "nolicense", "without license"})
UNKNOWN_WORDS = frozenset(
    [
        "noassertion",
        "unknown",
        "unspecified",
        "undefined",
        "unclear",
        "tbd",
        "todo",
        "other",
        "custom",
        "various",
        "mixed",
        "varies",
        "null",
        "nil",
        "n/a",
        "na",
        "?",
        "-",
        "license",
        "licence",
        "file",
        "licenseref-license",
        "licenseref-license.md",
    ]
)
_SEE_LICENSE = re.compile(
    r"(?:see|read|refer to|in)\b.{0,80}\b(?:licen[cs]e|copying|notice|readme|terms)\b.*", re.I
)

_MEANINGS = {
    PRIVATE: "private; internal; internal use only; company private",
    PROPRIETARY: (
        "proprietary; closed source; closed; commercial; all rights reserved; proprietary commercial; "
        "other/proprietary license; other proprietary license"
    ),
    "MIT": "expat; mit expat; expat mit; mit x11; massachusetts institute of technology",
    "MIT-0": "mit no attribution; mit zero",
    "0BSD": "bsd zero clause; zero clause bsd; bsd 0 clause; 0 clause bsd; free public license 1.0.0",
    "BSD-2-Clause": (
        "simplified bsd; bsd simplified; 2 clause bsd; two clause bsd; bsd two clause; bsd2; bsd 2"
    ),
    "BSD-3-Clause": (
        "new bsd; modified bsd; revised bsd; bsd new; bsd modified; bsd revised; 3 clause bsd; "
        "three clause bsd; bsd three clause; bsd3; bsd 3; new or modified bsd"
    ),
    "BSD-4-Clause": "original bsd; old bsd; 4 clause bsd; four clause bsd; bsd4; bsd 4; bsd original",
    "ISC": "iscl; internet systems consortium",
    "Zlib": "zlib/libpng; zlib libpng",
    "BSL-1.0": "boost; boost software; boost 1.0",
    "BUSL-1.1": "bsl 1.1; business source 1.1; busl",
    "CC0-1.0": "cc0; creative commons zero; cc zero; cc0 1.0 universal",
    "SSPL-1.0": "sspl; server side public; sspl v1; mongodb sspl",
    "Elastic-2.0": "elv2; el2; elastic v2",
    "WTFPL": "do what the fuck you want to public; do what the f*ck you want to public; wtfpl 2",
    "NCSA": "university of illinois/ncsa open source; university of illinois ncsa open source",
    "HPND": "historical permission notice and disclaimer",
    "PostgreSQL": "postgres; postgresql",
    "Unlicense": "unlicense; this is free and unencumbered software",
    **{
        f"LicenseRef-scancode-llama-{version}-license-{year}": (
            f"llama {version}; llama {version} community; llama {version} community license agreement"
        )
        for version, year in (("2", 2023), ("3.1", 2024), ("3.2", 2024), ("3.3", 2024), ("4", 2025))
    },
}
"""Spellings that leave one reading, by the expression they mean; compared after `squash`."""

_FAMILIES = {
    "AFL": "academic free",
    "AGPL": "gnu affero general public; gnu affero gpl; affero general public; affero gpl; gnu agpl",
    "Apache": "apache software; apache public; asl; asf",
    "Artistic": "perl artistic",
    "BlueOak": "blue oak model; blue oak",
    "BSL": "boost software; boost",
    "BUSL": "business source",
    "CDDL": "common development and distribution",
    "CPL": "common public",
    "Elastic": "elastic search",
    "EPL": "eclipse public; eclipse",
    "EUPL": "european union public",
    "FSL": "functional source",
    "GPL": "gnu general public; gnu public; gnu gpl; general public",
    "LGPL": (
        "gnu lesser general public; gnu library general public; gnu lesser gpl; gnu library gpl; "
        "gnu library or lesser general public; lesser general public; lesser gpl; gnu lgpl"
    ),
    "MPL": "mozilla public; mozilla",
    "MS-PL": "microsoft public",
    "MS-RL": "microsoft reciprocal",
    "OFL": "sil open font; open font; sil ofl; sil",
    "OSL": "open software",
    "PSF": "python software foundation",
    "SSPL": "server side public",
    "SUL": "sustainable use",
    "UPL": "universal permissive",
    "ZPL": "zope public",
}
"""Written-out names of licences that come in versions, by the stem of their ids."""

_AMBIGUOUS: dict[str, tuple[str, tuple[str, ...]]] = {
    "bsd": (
        "there are several BSD licences; they differ in their clauses",
        ("BSD-2-Clause", "BSD-3-Clause"),
    ),
    "bsl": ("BSL is Boost's licence and the Business Source License", ("BSL-1.0", "BUSL-1.1")),
    "gpl": (
        "the version is missing, and whether later versions may be chosen",
        ("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later"),
    ),
    "lgpl": (
        "the version is missing, and whether later versions may be chosen",
        ("LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
    ),
    "agpl": (
        "the version is missing, and whether later versions may be chosen",
        ("AGPL-3.0-only", "AGPL-3.0-or-later"),
    ),
    "psf": ("there are two licences of this name", ("PSF-2.0", "Python-2.0")),
    "python": ("there are two licences of this name", ("PSF-2.0", "Python-2.0")),
    "publicdomain": (
        "public domain is a status, not a licence: say how the work was given to it",
        ("LicenseRef-scancode-public-domain", "CC0-1.0", "Unlicense"),
    ),
    "unlicensed": (
        "npm means by it that nothing is licensed; the Unlicense gives everything away",
        (PROPRIETARY, "Unlicense"),
    ),
    "opensource": ("this says that there is a licence, not which", ()),
    "osiapproved": ("this says that there is a licence, not which", ()),
    "free": ("this says that there is a licence, not which", ()),
    "freeware": ("this says that the price is nothing, not what is permitted", (PROPRIETARY,)),
    "sourceavailable": ("this says that the source can be read, not what is permitted", (PROPRIETARY,)),
    "dual": ("this says that there is a choice, not between which licences", ()),
    "creativecommons": (
        "Creative Commons has many licences",
        ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC-BY-NC-4.0"),
    ),
}
"""Names that leave several readings, squashed, with the reason and what may be meant."""

_RIDERS = (
    (COMMONS_CLAUSE_RIDER, re.compile(r"\bcommons?[\s_-]*clause\b", re.I)),
    (
        NON_COMMERCIAL_RIDER,
        re.compile(
            r"\bnon[\s_-]*commercial(?:ly)?\b|\b(?:academic|research|personal|educational)(?:[\s_-]+use)?[\s_-]+only\b",
            re.I,
        ),
    ),
)
_JOINT = re.compile(r"(?:^|[\s_+-]+)(?:with|plus|under|and|for|free for)?(?:\s+the)?[\s_+-]*$", re.I)
_RIDER_FILLER = re.compile(
    r"\b(?:licen[cs]es?|conditions?|restrictions?|addendum|amendment|clauses?|use|only|v?1(?:\.0)?)\b|^[-_+.]+",
    re.I,
)

_HOME_MADE = re.compile(
    r"\b(?:llama|gemma|deepseek|qwen|falcon|grok|(?:open)?rail(?:-?[a-z]+)?|eula|terms of (?:use|service)|"
    r"community|enterprise|source[\s-]available|custom)\b",
    re.I,
)

_CREATIVE_COMMONS = (
    (re.compile(r"\bcreative\s+commons\b", re.I), "CC"),
    (re.compile(r"\battribution\b", re.I), "BY"),
    (re.compile(r"\bnon[\s-]*commercial\b", re.I), "NC"),
    (re.compile(r"\bshare[\s-]*alike\b", re.I), "SA"),
    (re.compile(r"\bno[\s-]*deriv(?:ative)?s?(?:\s+works)?\b", re.I), "ND"),
    (re.compile(r"\b(?:international|unported|generic|public)\b", re.I), ""),
)


@cache
def _meanings() -> dict[str, str]:
    return {squash(name): expression for expression, names in _MEANINGS.items() for name in names.split("; ")}


@cache
def _families() -> tuple[tuple[str, str], ...]:
    """Longest first: "gnu lesser general public" before "gnu public"."""
    pairs = ((squash(name), stem) for stem, names in _FAMILIES.items() for name in names.split("; "))
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def find_meaning(name: str) -> str:
    """The id that the name certainly means (it may be a retired one), or ""."""
    return find_written_out(name) or find_respelled(name) or find_respelled(_creative_commons(name))


def find_written_out(name: str) -> str:
    """The same for names in words, which may hold an "and" or a slash of their own; not for ids."""
    if has_unread_letters(name):
        return ""
    if meaning := _meanings().get(squash(name)):
        return meaning
    stem = _stem_of(name)
    return find_respelled(stem) if stem != name else ""


def has_unread_letters(name: str) -> bool:
    """Letters that `squash` leaves out: in another script there may be a condition behind a known name."""
    return any(character.isalpha() and not character.isascii() for character in name)


def _stem_of(name: str) -> str:
    """ "Mozilla Public License 2.0" as "MPL 2"; unchanged where no family is named."""
    squashed = squash(name)
    for family, stem in _families():
        if squashed.startswith(family):
            return f"{stem} {squashed.removeprefix(family)}".strip()
    return name


def _creative_commons(name: str) -> str:
    for pattern, short in _CREATIVE_COMMONS:
        name = pattern.sub(short, name)
    return name


def find_ambiguity(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Why the name does not settle which licence is meant, and which it may be."""
    return _AMBIGUOUS.get(squash(name)) or _AMBIGUOUS.get(squash(_stem_of(name)))


def is_no_license(text: str) -> bool:
    return text.lower() in NO_LICENSE_WORDS


def is_unknown(text: str) -> bool:
    """Empty, or words that say that nobody looked, or that one should look elsewhere."""
    return text.lower() in UNKNOWN_WORDS or not squash(text) or _SEE_LICENSE.fullmatch(text) is not None


def split_rider(name: str) -> tuple[str, str]:
    """What is left of a name without the rider in it, and the rider: ("Apache 2.0", "AdditionRef-…")."""
    for rider, pattern in _RIDERS:
        if found := pattern.search(name):
            before = _JOINT.sub("", name[: found.start()])
            after = _RIDER_FILLER.sub(" ", name[found.end() :])
            return " ".join(f"{before} {after}".split()), rider
    return name, ""


def find_versions(name: str) -> tuple[str, ...]:
    """Licences that a name without its version may mean: "Apache", "Mozilla Public License"."""
    return tuple(list_versions(_stem_of(name)))[:MAX_SUGGESTIONS]


def suggest_licenses(name: str) -> tuple[str, ...]:
    """Ids that look like the name."""
    ids = _license_ids()
    return tuple(ids[match] for match in get_close_matches(name.lower().replace(" ", "-"), ids, 3, 0.75))


def suggest_reference(name: str) -> str:
    """The reference to write for a licence that its maker has written himself, if it looks like one."""
    if not _HOME_MADE.search(name):
        return ""
    return "LicenseRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")


def find_exceptions(name: str) -> tuple[str, ...]:
    """Exceptions that the name means or may mean; one that is alone is certain enough."""
    if has_unread_letters(name):
        return ()
    squashed = squash(re.sub(r"\bexceptions\b", "exception", name, flags=re.I))
    ids = {squash(exception.id): exception.id for exception in list_exceptions()}
    if squashed in ids:
        return (ids[squashed],)
    stem = squashed.removesuffix("exception")
    if len(stem) < 3:
        return ()
    return tuple(
        in_order_of_use(
            exception
            for known, exception in ids.items()
            if re.fullmatch(rf"{re.escape(stem)}(?:exception)?\d*[\d.]*", known)
        )
    )[:MAX_SUGGESTIONS]


@cache
def _license_ids() -> dict[str, str]:
    return {
        license.id.lower(): license.id
        for license in list_licenses()
        if not license.id.startswith("LicenseRef-scancode-")
    }
