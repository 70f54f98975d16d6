"""The preflight gate of v7 §10: after each try of a step, what comes next. Pure.

Decided here, where v7 only says "up to 3 attempts", "few retries" and "near-zero tolerance":

- At most three tries in all, whatever the configuration says.
- `normal`: after a failed or timed out try the step is tried again while `spec.retries` (at most 2) lasts.
- `strict`: the same, but at most one retry. A flaky pass still passes, and is recorded as flaky: the code did
  work once on this commit, and whether flakiness is tolerable is a question of tier cleanliness, not of CI.
- A try that ERRORED (the machine's fault) is tried again without using up a retry, within the three tries,
  and a pass after it alone is not flaky.
- CANCELLED ends the step at once.
- The exit code decides. A JUnit report names the tests; it does not turn a pass into a failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from runs_app.ci.types import StepOutcome, StepResult, StepSpec

MAX_TRIES = 3
MAX_RETRIES_NORMAL = 2
MAX_RETRIES_STRICT = 1

_FAILURES = frozenset({StepOutcome.FAILED, StepOutcome.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class RetryStep:
    """Run the step once more. `is_environment_trouble`: the machine failed, not the candidate."""

    reason: str
    is_environment_trouble: bool = False


@dataclass(frozen=True, slots=True)
class PassStep:
    """The step passed. Flaky if an earlier try of the same commit failed; `flaky_tests` are the keys of the
    tests that failed then, as far as JUnit reports name them."""

    is_flaky: bool = False
    flaky_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailStep:
    """The step is over and did not pass. `outcome` is that of the last try; `flaky_tests` failed in some try
    with a report and passed in the last one with a report."""

    reason: str
    outcome: StepOutcome
    flaky_tests: tuple[str, ...] = ()


NextAction = RetryStep | PassStep | FailStep


def next_action(tries: Sequence[StepResult], spec: StepSpec, *, is_strict: bool = False) -> NextAction:
    """Decide after the last of `tries` (in order, at least one, none of them a pass but perhaps the last)."""
    if not tries:
        raise ValueError("a decision needs at least one try")
    last = tries[-1]
    failures = sum(result.outcome in _FAILURES for result in tries)
    if last.outcome is StepOutcome.PASSED:
        return PassStep(is_flaky=failures > 0, flaky_tests=_find_flaky_tests(tries))
    if last.outcome is StepOutcome.CANCELLED:
        return FailStep("cancelled", last.outcome, _find_flaky_tests(tries))
    what = _describe(last, spec)
    if len(tries) < MAX_TRIES:
        if last.outcome is StepOutcome.ERRORED:
            return RetryStep(f"{what}; trying again", is_environment_trouble=True)
        allowed = count_allowed_retries(spec, is_strict=is_strict)
        if failures <= allowed:
            return RetryStep(f"{what}; retry {failures} of {allowed}")
    count = "" if len(tries) == 1 else f" (try {len(tries)})"
    return FailStep(what + count, last.outcome, _find_flaky_tests(tries))


def count_allowed_retries(spec: StepSpec, *, is_strict: bool) -> int:
    """How many failed tries may be repeated."""
    return max(0, min(spec.retries, MAX_RETRIES_STRICT if is_strict else MAX_RETRIES_NORMAL))


def _describe(result: StepResult, spec: StepSpec) -> str:
    if result.outcome is StepOutcome.TIMED_OUT:
        return f"timed out after {spec.timeout_seconds} s"
    if result.outcome is StepOutcome.ERRORED:
        return f"could not be run: {result.detail or 'unknown reason'}"
    text = result.detail or f"exit code {result.exit_code}"
    if result.junit and (broken := result.junit.failures + result.junit.errors):
        text += f", {broken} of {result.junit.tests} tests failed"
    return text


def _find_flaky_tests(tries: Sequence[StepResult]) -> tuple[str, ...]:
    """Keys that failed in an earlier try and are not failing any more, in order of appearance.

    The last word has the passing try (nothing fails then), else the last try with a report.
    """
    reported = [result for result in tries if result.junit is not None]
    if not reported:
        return ()
    last_word = tries[-1] if tries[-1].outcome is StepOutcome.PASSED else reported[-1]
    still_failing: set[str] = set()
    if last_word.outcome is not StepOutcome.PASSED:
        still_failing = set(_list_failed_keys(last_word))
    earlier = [
        key
        for result in reported
        if result is not last_word and result.outcome in _FAILURES
        for key in _list_failed_keys(result)
    ]
    return tuple(dict.fromkeys(key for key in earlier if key not in still_failing))


def _list_failed_keys(result: StepResult) -> list[str]:
    return [test.key for test in result.junit.failed] if result.junit else []
