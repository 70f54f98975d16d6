"""v7 §10: up to three tries, flaky results detected and recorded."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.ci.preflight import FailStep, PassStep, RetryStep, next_action
from runs_app.ci.types import JUnitReport, StepOutcome, StepResult, StepSpec, TestFailure

LETTERS = {
    "P": StepOutcome.PASSED,
    "F": StepOutcome.FAILED,
    "T": StepOutcome.TIMED_OUT,
    "C": StepOutcome.CANCELLED,
    "E": StepOutcome.ERRORED,
}


def spec(retries: int) -> StepSpec:
    return StepSpec(name="tests", argv=("make",), retries=retries)


def tries(letters: str) -> list[StepResult]:
    return [StepResult(outcome=LETTERS[letter], duration_seconds=1.0, exit_code=1) for letter in letters]


def with_failures(outcome: str, *keys: str) -> StepResult:
    failed = tuple(TestFailure(key=key, name=key, message="") for key in keys)
    report = JUnitReport(tests=9, failures=len(keys), errors=0, skipped=0, failed=failed)
    return StepResult(outcome=LETTERS[outcome], duration_seconds=1.0, exit_code=1, junit=report)


@pytest.mark.parametrize(
    ("letters", "retries", "is_strict", "expected"),
    [
        ("F", 0, False, "fail"),
        ("T", 0, False, "fail"),
        ("C", 2, False, "fail"),
        ("FC", 2, False, "fail"),
        ("FF", 1, False, "fail"),
        ("FFF", 2, False, "fail"),
        ("FTF", 2, False, "fail"),
        ("EEE", 2, False, "fail"),
        ("FEF", 1, False, "fail"),
        ("FEE", 2, False, "fail"),
        ("FF", 2, True, "fail"),
        ("F", 0, True, "fail"),
        ("F", -1, False, "fail"),
        ("F", 1, False, "retry"),
        ("T", 1, False, "retry"),
        ("FF", 2, False, "retry"),
        ("FT", 2, False, "retry"),
        ("E", 0, False, "retry"),
        ("EE", 0, False, "retry"),
        ("EF", 1, False, "retry"),
        ("FE", 1, False, "retry"),
        ("F", 2, True, "retry"),
        ("E", 0, True, "retry"),
        ("P", 0, False, "pass"),
        ("EP", 0, False, "pass"),
        ("FP", 1, False, "flaky"),
        ("TP", 1, False, "flaky"),
        ("FFP", 2, False, "flaky"),
        ("EFP", 1, False, "flaky"),
        ("FP", 1, True, "flaky"),
    ],
)
def test_what_comes_next(letters: str, retries: int, is_strict: bool, expected: str) -> None:
    action = next_action(tries(letters), spec(retries), is_strict=is_strict)
    match action:
        case RetryStep():
            assert expected == "retry"
            assert action.is_environment_trouble == letters.endswith("E")
        case FailStep():
            assert expected == "fail"
            assert action.outcome is LETTERS[letters[-1]]
        case PassStep(is_flaky=is_flaky):
            assert expected == ("flaky" if is_flaky else "pass")


def test_no_tries_is_no_decision() -> None:
    with pytest.raises(ValueError, match="at least one"):
        next_action([], spec(1))


@settings(deadline=None)
@given(st.lists(st.sampled_from("FTEPC"), min_size=3, max_size=3), st.integers(-5, 99), st.booleans())
def test_never_more_than_three_tries(letters: list[str], retries: int, is_strict: bool) -> None:
    assert not isinstance(next_action(tries("".join(letters)), spec(retries), is_strict=is_strict), RetryStep)


def test_strict_never_retries_where_normal_does_not() -> None:
    for length, retries in itertools.product((1, 2, 3), (0, 1, 2)):
        for letters in itertools.product("FTE", repeat=length):
            results = tries("".join(letters))
            if isinstance(next_action(results, spec(retries), is_strict=True), RetryStep):
                assert isinstance(next_action(results, spec(retries)), RetryStep)


def test_reasons_say_what_happened() -> None:
    assert next_action(tries("T"), spec(1)) == RetryStep("timed out after 600 s; retry 1 of 1")
    failed = with_failures("F", "a::b::c")
    assert next_action([failed], spec(0)) == FailStep("exit code 1, 1 of 9 tests failed", StepOutcome.FAILED)
    errored = StepResult(outcome=StepOutcome.ERRORED, duration_seconds=0.0, detail="no such program: tox")
    action = next_action([errored] * 3, spec(0))
    assert action == FailStep("could not be run: no such program: tox (try 3)", StepOutcome.ERRORED)


def test_a_pass_names_the_tests_that_flapped_once_each() -> None:
    results = [with_failures("F", "s::c::a", "s::c::b"), with_failures("T", "s::c::b"), *tries("P")]
    assert next_action(results, spec(2)) == PassStep(is_flaky=True, flaky_tests=("s::c::a", "s::c::b"))


def test_a_failure_names_the_tests_that_fail_no_more() -> None:
    results = [with_failures("F", "s::c::a", "s::c::b"), with_failures("F", "s::c::b")]
    action = next_action(results, spec(1))
    assert isinstance(action, FailStep)
    assert action.flaky_tests == ("s::c::a",)


def test_without_a_second_report_no_test_is_called_flaky() -> None:
    action = next_action([with_failures("F", "s::c::a"), *tries("F")], spec(1))
    assert isinstance(action, FailStep)
    assert action.flaky_tests == ()
