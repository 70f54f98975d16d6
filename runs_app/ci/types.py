"""Values of the CI runner. Frozen, without Django."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class StepOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    ERRORED = "errored"
    """The step could not be run at all: the machine's fault, not the candidate's."""


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One CI step as a project configures it.

    `argv` is run without a shell; with `is_shell` it has one element, a script for `/bin/sh -c`.
    `retries` is the number of further tries after a failure (v7 §10: at most 2, three tries in all).
    """

    name: str
    argv: tuple[str, ...]
    is_shell: bool = False
    timeout_seconds: int = 600
    retries: int = 0
    junit_path: str = ""
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TestFailure:
    """One failing test of a JUnit report. `key` is stable across runs: suite, class and test name."""

    __test__: ClassVar[bool] = False  # the name would make pytest collect it

    key: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class JUnitReport:
    tests: int
    failures: int
    errors: int
    skipped: int
    failed: tuple[TestFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    outcome: StepOutcome
    duration_seconds: float
    exit_code: int | None = None
    detail: str = ""
    output_bytes: int = 0
    is_output_truncated: bool = False
    junit: JUnitReport | None = None


class Isolation(StrEnum):
    BUBBLEWRAP = "bubblewrap"
    UNSHARE = "unshare"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """How steps are kept away from Autopack's own files on this machine; `reason` says why not better."""

    isolation: Isolation
    reason: str
    hidden_paths: tuple[str, ...] = field(default=())
