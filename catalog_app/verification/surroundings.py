"""Words that stand beside licence texts and belong to them, though no template has them. They are known to
the last word: whatever is put into them stays where it can be read."""

import hashlib
import re
from typing import Final

_AROUND_CREATIVE_COMMONS = re.compile(
    r"(?is)creative\s+commons\s+corporation\s+\(.creative\s+commons.\)\s+is\s+not\s+a\s+law\s+firm.{1,4000}?"
    r"(?=\n\W*creative\s+commons\s+attribution|\Z)|"
    r"creative\s+commons\s+is\s+not\s+a\s+party\s+to\s+its\s+public\s+licen[sc]es.{1,2000}?"
    r"creative\s+commons\s+may\s+be\s+contacted\s+at\s+creativecommons\.org\.?"
)
_LLVM_EXCEPTION = re.compile(
    r"(?is)LLVM\s+exceptions\s+to\s+the\s+apache\s+2\.0\s+license\s*-+\s*as\s+an\s+exception.{1,2000}?"
    r"only\s+with\s+respect\s+to\s+the\s+combined\s+software\."
)
_BEFORE_OFL = re.compile(
    r"(?i)this\s+font\s+software\s+is\s+licensed\s+under\s+the\s+sil\s+open\s+font\s+license,\s+version\s+1\.1\.\s+"
    r"this\s+license\s+is\s+copied\s+below,\s+and\s+is\s+also\s+available\s+with\s+a\s+faq\s+at:"
)
_WORD = re.compile(r"[a-z0-9]+")
_KNOWN: Final = frozenset(
    {
        # What Creative Commons says before the licences 4.0, and after them (since 2016, and before).
        "7ca217736bedf4032d21cc211f7dfffe22d989b421429c0621882da5fe8a5201",
        "cf4c14f92bece2243975b9b9c7472280a940bca423da0269d2c01eda8c1fa592",
        "15c4a1c2d7cfac17c456667d6061548fedb9d595d2b55f6d012cf64088615547",
        # LLVM-exception.
        "3158d7f530df4a18514bfffd613285c6e66e314351bea4b9ba3f7edfa52087de",
    }
)
"""SHA-256 of the words in lower case, with single spaces."""


def cut_notes(text: str) -> str:
    """The text without what Creative Commons says of itself around its licences, and without how the Open
    Font License begins."""
    return _BEFORE_OFL.sub("", _AROUND_CREATIVE_COMMONS.sub(_keep_unknown, text))


def cut_llvm_exception(text: str) -> str:
    """The text without the exception, the same text where there is none."""
    return _LLVM_EXCEPTION.sub(_keep_unknown, text)


def _keep_unknown(found: re.Match[str]) -> str:
    words = " ".join(_WORD.findall(found[0].lower()))
    return "" if hashlib.sha256(words.encode()).hexdigest() in _KNOWN else found[0]
