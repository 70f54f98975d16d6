"""What copying under a licence obliges to. A short table of what is certain; not advice on a case."""

from dataclasses import dataclass
from functools import lru_cache

from catalog_app.licensing.expressions import License, leaves
from catalog_app.licensing.reading import read_tree


@dataclass(frozen=True, slots=True)
class Duty:
    """`licenses` says for which parts of the expression it holds."""

    code: str
    text: str
    licenses: tuple[str, ...]


_TEXTS = {
    "keep_notice": "Keep the copyright notice and the licence text with the copy.",
    "include_license": "Give a copy of the licence along.",
    "keep_notices": "Keep copyright, patent, trademark and attribution notices of the source.",
    "state_changes": "Say in changed files that they were changed.",
    "keep_notice_file": "Pass on what a NOTICE file attributes, if there is one.",
    "no_endorsement": "Do not use the names of the authors to promote the result.",
    "no_misrepresentation": "Do not claim to have written the original; mark changed versions as such.",
    "advertising": "Name the authors in advertising that mentions the software.",
    "give_credit": "Name the creator, link the licence, and say what was changed.",
    "share_files": "Keep copied files under their licence, and offer the source of these files.",
    "share_library": "Keep the library under its licence, offer its source, and let users replace it.",
    "share_work": "Offer the source of the whole work under the same licence.",
    "share_over_network": "Offer that source to users over a network too.",
    "read_license": "Read the licence: its duties are not in this table.",
}

_BSD = ("keep_notice", "no_endorsement")
_APACHE = ("include_license", "keep_notices", "state_changes", "keep_notice_file")
_GPL = ("keep_notice", "include_license", "state_changes", "share_work")

_DUTIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("0BSD", "CC0-1.0", "MIT-0", "Unlicense", "WTFPL"), ()),
    **dict.fromkeys(("MIT", "ISC", "X11", "BSD-2-Clause", "PostgreSQL", "BSL-1.0"), ("keep_notice",)),
    "BSD-3-Clause": _BSD,
    "BSD-4-Clause": (*_BSD, "advertising"),
    "Zlib": ("keep_notice", "no_misrepresentation"),
    "Apache-2.0": _APACHE,
    "MPL-2.0": ("keep_notices", "share_files"),
    "CC-BY-4.0": ("give_credit",),
    "CC-BY-SA-4.0": ("give_credit", "share_work"),
    **dict.fromkeys(
        ("LGPL-2.1-only", "LGPL-3.0-only"),
        ("keep_notice", "include_license", "state_changes", "share_library"),
    ),
    **dict.fromkeys(("GPL-2.0-only", "GPL-3.0-only"), _GPL),
    "AGPL-3.0-only": (*_GPL, "share_over_network"),
}
"""By licence; an "or later" form has the duties of the version it names."""


@lru_cache(maxsize=4096)
def attribution_duties(expression: str) -> tuple[Duty, ...]:
    """Each duty once, with the licences that ask for it. Empty only where nothing is asked.

    Of a choice, the duties of all branches: `Decision.chosen` has only the ones that must be met. A licence
    outside the table, with an exception, or unknown, must be read.
    """
    node = read_tree(expression)
    asking: dict[str, list[str]] = {}
    for license in leaves(node) if node else ():
        for code in _duties_of(license):
            asking.setdefault(code, []).append(license.license_text)
    if node is None:
        asking["read_license"] = []
    order = list(_TEXTS)
    return tuple(
        Duty(code, _TEXTS[code], tuple(dict.fromkeys(asking[code])))
        for code in sorted(asking, key=order.index)
    )


def _duties_of(license: License) -> tuple[str, ...]:
    known = _DUTIES.get(license.named_version)
    if known is None:
        return ("read_license",)
    return (*known, "read_license") if license.exception else known
