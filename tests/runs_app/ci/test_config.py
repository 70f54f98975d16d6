"""CI steps in configuration: every problem is named with its place."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.ci.config import dump_steps, parse_steps
from runs_app.ci.types import StepSpec

GOOD: dict[str, Any] = {"name": "tests", "run": ["make", "test"]}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("make test", "ci.normal: must be a list of steps, not a text"),
        ({"name": "x"}, "ci.normal: must be a list of steps, not a mapping"),
        (["make test"], "ci.normal[0]: must be a mapping with name and run, not a text"),
        ([{"run": ["x"]}], "ci.normal[0].name: is missing"),
        ([{"name": " ", "run": ["x"]}], "ci.normal[0].name: must be a text that is not empty"),
        ([{"name": "a\nb", "run": ["x"]}], "ci.normal[0].name: must not have control characters"),
        ([{"name": "x"}], "ci.normal[0]: needs exactly one of run"),
        ([{**GOOD, "shell": "true"}], "ci.normal[0]: needs exactly one of run"),
        (
            [{"name": "x", "run": "make test"}],
            "ci.normal[0].run: must be a list of words such as [make, test]",
        ),
        ([{"name": "x", "run": []}], "ci.normal[0].run: must be a list of words that is not empty"),
        ([{"name": "x", "run": [""]}], "ci.normal[0].run[0]: must name a program"),
        ([{"name": "x", "run": ["a", True]}], "ci.normal[0].run[1]: must be a text, not true or false"),
        ([{"name": "x", "run": ["a", "b\0"]}], "ci.normal[0].run[1]: must not contain NUL"),
        ([{"name": "x", "shell": ["a"]}], "ci.normal[0].shell: must be a script"),
        ([{**GOOD, "timeout": 0}], "ci.normal[0].timeout: must be between 1 and 7200 seconds"),
        ([{**GOOD, "timeout": "3h"}], "ci.normal[0].timeout: must be between 1 and 7200 seconds"),
        ([{**GOOD, "timeout": "soon"}], "ci.normal[0].timeout: must be between 1 and 7200 seconds: a number"),
        ([{**GOOD, "timeout": True}], "ci.normal[0].timeout: must be between 1 and 7200 seconds"),
        ([{**GOOD, "timeout": 1.5}], "ci.normal[0].timeout: must be between 1 and 7200 seconds"),
        ([{**GOOD, "retries": 3}], "ci.normal[0].retries: must be a whole number from 0 to 2"),
        ([{**GOOD, "retries": True}], "ci.normal[0].retries: must be a whole number from 0 to 2"),
        ([{**GOOD, "junit": "/etc/passwd"}], "ci.normal[0].junit: must be a file path inside the workspace"),
        ([{**GOOD, "junit": "a/../../b"}], "ci.normal[0].junit: must be a file path inside the workspace"),
        ([{**GOOD, "env": ["A=b"]}], "ci.normal[0].env: must be a mapping of names to texts, not a list"),
        ([{**GOOD, "env": {"A B": "x"}}], "ci.normal[0].env: 'A B' is not a name of a variable"),
        ([{**GOOD, "env": {"A": True}}], "ci.normal[0].env.A: must be a text, not true or false"),
        ([{**GOOD, "env": {"A": None}}], "ci.normal[0].env.A: must be a text, not nothing"),
        ([{**GOOD, "time_out": 5}], "ci.normal[0].time_out: is not a key of a step; did you mean timeout?"),
        ([GOOD, GOOD], "ci.normal[1].name: is already used by ci.normal[0]"),
    ],
)
def test_a_problem_is_reported_with_its_place(value: object, problem: str) -> None:
    _, problems = parse_steps(value, "ci.normal")
    assert len(problems) == 1
    assert str(problems[0]).startswith(problem)


def test_every_problem_is_reported_at_once() -> None:
    _, problems = parse_steps(
        [{"name": "", "run": [], "timeout": 0, "retries": 9}, {"name": "b"}], "projects.shop.ci.strict"
    )
    assert [p.path for p in problems] == [
        "projects.shop.ci.strict[0].name",
        "projects.shop.ci.strict[0].run",
        "projects.shop.ci.strict[0].timeout",
        "projects.shop.ci.strict[0].retries",
        "projects.shop.ci.strict[1]",
    ]


def test_too_many_steps_are_refused() -> None:
    _, problems = parse_steps([{"name": f"s{i}", "run": ["x"]} for i in range(51)], "ci.normal")
    assert [str(p) for p in problems] == ["ci.normal: has 51 steps, at most 50 are allowed"]


def test_nothing_is_no_steps() -> None:
    assert parse_steps(None, "ci.normal") == ((), ())
    assert parse_steps([], "ci.normal") == ((), ())


def test_a_full_step_is_read() -> None:
    text = """
    - name: tests
      run: [python, -m, pytest, --maxfail, 3]
      timeout: 5m
      retries: 2
      junit: ./build/junit.xml
      env: {PORT: 8000, MODE: fast}
    - name: lint
      shell: |
        make lint &&
        make types
    """
    steps, problems = parse_steps(yaml.safe_load(text), "ci.normal")
    assert problems == ()
    assert steps == (
        StepSpec(
            name="tests",
            argv=("python", "-m", "pytest", "--maxfail", "3"),
            timeout_seconds=300,
            retries=2,
            junit_path="build/junit.xml",
            env=(("PORT", "8000"), ("MODE", "fast")),
        ),
        StepSpec(name="lint", argv=("make lint &&\nmake types\n",), is_shell=True),
    )


@pytest.mark.parametrize(
    ("value", "seconds"), [(7200, 7200), ("45", 45), ("45s", 45), ("2 m", 120), ("1h", 3600)]
)
def test_a_timeout_may_carry_a_unit(value: object, seconds: int) -> None:
    (step,), problems = parse_steps([{**GOOD, "timeout": value}], "ci.normal")
    assert problems == ()
    assert step.timeout_seconds == seconds


_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_specs = st.builds(
    StepSpec,
    name=st.from_regex(r"[a-z][a-z0-9 ]{0,20}[a-z0-9]", fullmatch=True),
    argv=st.lists(_words.filter(bool), min_size=1, max_size=5).map(tuple),
    timeout_seconds=st.integers(1, 7200),
    retries=st.integers(0, 2),
    junit_path=st.sampled_from(["", "junit.xml", "build/a b.xml"]),
    env=st.dictionaries(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True), _words).map(
        lambda d: tuple(d.items())
    ),
)


@settings(deadline=None)
@given(st.lists(_specs, max_size=4, unique_by=lambda spec: spec.name))
def test_dumped_steps_read_back_equal(specs: list[StepSpec]) -> None:
    dumped = json.loads(json.dumps(dump_steps(specs)))
    assert parse_steps(dumped, "ci.normal") == (tuple(specs), ())


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "run", "shell", "timeout", "env", "junit", "?"]), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(_json)
def test_any_json_is_read_or_refused_never_an_exception(value: object) -> None:
    steps, problems = parse_steps(value, "ci")
    assert steps or problems or not value
