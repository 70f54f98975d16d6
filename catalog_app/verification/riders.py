"""Words around a licence that may take back what it gives."""

import re
from collections.abc import Mapping, Sequence

_RIDERS = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"commons\s+clause", "the Commons Clause"),
        (r"elastic\s+licen[sc]e", "the Elastic License"),
        (r"business\s+source\s+licen[sc]e|\bBUSL\b|additional\s+use\s+grant", "the Business Source License"),
        (r"server\s+side\s+public\s+licen[sc]e|\bSSPL\b", "the Server Side Public License"),
        (r"functional\s+source\s+licen[sc]e", "the Functional Source License"),
        (r"sustainable\s+use\s+licen[sc]e", "the Sustainable Use License"),
        (r"fair[\s-]+(?:source|code)|\bfair\s+core\b", "a Fair Source licence"),
        (r"confluent\s+community\s+licen[sc]e", "the Confluent Community License"),
        (r"timescale\s+licen[sc]e", "the Timescale License"),
        (r"redis\s+source\s+available|\bRSAL", "the Redis Source Available License"),
        (r"polyform", "a PolyForm licence"),
        (r"prosperity\s+public", "the Prosperity Public License"),
        (r"hippocratic", "the Hippocratic License"),
        (r"\bgood,\s+not\s+evil\b", "the condition to do no evil"),
    )
)
_RESTRICTING = re.compile(
    r"(?ix)\b(?: non[-\s]?commercial | commercial | must\s+not | shall\s+not | can\s?not\s+be\s+used |"
    r"may\s+not(?!\s+use\s+this\s+file\s+except\s+in\s+compliance) |"
    r"not\s+(?:be\s+)?(?:permitted|allowed|granted|grant) | prohibit\w* | forbid\w* |"
    r"(?<!without\ )(?<!no\ )restrict\w* |"
    r"additional\s+(?:terms|conditions?|restrictions?|requirements?) | following\s+(?:additional\s+)?"
    r"(?:conditions?|restrictions?|terms) | enterprise | proprietary | evaluation | subscription |"
    r"compet(?:e|es|ing|itors?|itive) | hosted | managed\s+service | production\s+use | sell(?:ing)? |"
    r"resale | military | ethical | academic | personal\s+use | written\s+(?:permission|consent|agreement) |"
    r"royalt(?:y|ies)\b(?!-free) | notwithstanding | pa(?:y|ys|id|yments?) | fees? | purchase\w* |"
    r"revenues? | employees | you\s+(?:agree|must) | only\s+(?:for|if|when|by|within|with) |"
    r"for\s+[\w\s]{1,40}\sonly )\b"
)
_RESTRICTING_BESIDE_A_NAME = re.compile(
    r"(?ix)\b(?: non[-\s]?commercial\s+use | commercial\s+use | must\s+not | shall\s+not | restricted |"
    r"may\s+not\b(?!\s+use\s+this\s+file\s+except) | not\s+(?:be\s+)?(?:permitted|allowed) | prohibit\w* |"
    r"forbid\w* | paid | fees? | charged? )\b"
)
"""For lines of copyright: companies have names such as Hewlett Packard Enterprise."""
_OTHER_LICENSES = tuple(
    (re.compile(pattern, re.IGNORECASE), token, name)
    for pattern, token, name in (
        (r"creative\s+commons|\bCC[- ](?:BY|0)", "CC", "a Creative Commons licence"),
        (r"\bapache\s+(?:software\s+)?licen[sc]e|\bapache[- ]2", "Apache", "the Apache licence"),
        (r"\b[AL]?GPL(?:v?\d)?\b|\bGNU\s+(?:\w+\s+)?general\s+public", "GPL", "a GNU licence"),
        (r"\bMIT\b(?![- ]compatible)", "MIT", "the MIT licence"),
        (r"\bBSD\b(?![- ]compatible)", "BSD", "a BSD licence"),
        (r"\bmozilla\s+public|\bMPL\b", "MPL", "the Mozilla Public License"),
        (r"\beclipse\s+public|\bEPL\b", "EPL", "the Eclipse Public License"),
    )
)
_NO_OTHER = re.compile(r"(?i)\b\w*GPL[- ]compatible")
_WITHHOLDING = re.compile(
    r"(?i)\bconfidential\b|\btrade\s+secrets?\b|\bdo\s+not\s+(?:copy|use|\w*distribute)\b"
)
_ALL_RESERVED = re.compile(r"(?i)\ball\s+rights\s+(?:are\s+)?reserved\b")
_REFERRING = re.compile(r"(?i)licen[sc]e|copying|\bsee\b|\bMIT\b|\bBSD\b|\bapache\b")
_AROUND = 60


def find_rider(outside: Sequence[str], rest: Sequence[str]) -> str:
    """What may restrict, in a sentence, or nothing. `outside`: the lines outside of every licence that is
    known; `rest`: those of them that are no notices of copyright."""
    everything, joined = " ".join(outside), " ".join(rest)
    for pattern, name in _RIDERS:
        if pattern.search(everything):
            return f"The text adds or names {name}."
    for pattern, words in ((_RESTRICTING, joined), (_RESTRICTING_BESIDE_A_NAME, everything)):
        if (found := pattern.search(words)) is not None:
            around = words[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip()
            return f"The text adds wording that may restrict: “…{around}…”."
    return ""


def find_other_license(ids: Sequence[str], rest: Sequence[str]) -> str:
    """A licence that the rest names and that is none of those found, in a sentence, or nothing."""
    return find_unmet_name(find_names(rest), ids)


def find_unmet_name(names: Mapping[str, str], expressions: Sequence[str]) -> str:
    """A name that belongs to none of the licences found, in a sentence, or nothing."""
    for token, name in names.items():
        if not any(token in expression for expression in expressions):
            return f"The text also names {name}, whose text is not there."
    return ""


def find_names(lines: Sequence[str]) -> dict[str, str]:
    """Families of licences that the lines name: what their SPDX ids have in them, and what people say."""
    joined = _NO_OTHER.sub("", " ".join(lines))
    return {token: name for pattern, token, name in _OTHER_LICENSES if pattern.search(joined)}


def withholds_rights(text: str) -> bool:
    """Whether a text without a licence says that there is none to be had."""
    return bool(_WITHHOLDING.search(text)) or bool(_ALL_RESERVED.search(text) and not _REFERRING.search(text))
