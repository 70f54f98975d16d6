"""What was found wrong, or changed, in the words of a licence or of a policy."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemLevel(StrEnum):
    NOTE = "note"
    """Read with certainty, though it was not written as SPDX writes it."""
    WARNING = "warning"
    """Read in the stricter or more likely way; a person should confirm it."""
    ERROR = "error"
    """Not settled: nothing may be decided on it."""


class ProblemCode(StrEnum):
    NO_LICENSE = "no_license"
    UNKNOWN = "unknown"
    UNKNOWN_LICENSE = "unknown_license"
    AMBIGUOUS = "ambiguous"
    SYNTAX = "syntax"
    TOO_LARGE = "too_large"
    CONTROL_CHARACTERS = "control_characters"
    NOT_AN_EXCEPTION = "not_an_exception"
    NOT_A_LICENSE = "not_a_license"
    SPELLING = "spelling"
    RETIRED_ID = "retired_id"
    RIDER = "rider"
    NOT_SPDX = "not_spdx"


@dataclass(frozen=True, slots=True)
class LicenseProblem:
    """`suggestions` are expressions that may be meant, the likeliest first."""

    code: ProblemCode
    level: ProblemLevel
    detail: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLicense:
    """`given` as it came (cut when it is too long); `expression` in SPDX's spelling, "" where not settled."""

    given: str
    expression: str
    problems: tuple[LicenseProblem, ...] = ()

    @property
    def is_settled(self) -> bool:
        return self.expression != ""

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Those of every problem, each once."""
        return tuple(dict.fromkeys(text for problem in self.problems for text in problem.suggestions))


def quoted(text: str) -> str:
    """For a sentence: long texts are cut."""
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
