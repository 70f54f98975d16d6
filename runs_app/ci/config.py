"""CI steps as people write them (YAML or JSON) to `StepSpec` and back. Pure.

- name: tests
  run: [python, -m, pytest, -q]      # words, no shell; or  shell: "make test && make lint"
  timeout: 5m                        # seconds, or 90s, 5m, 1h
  retries: 1                         # further tries after a failure, at most 2 (v7 §10)
  junit: build/junit.xml             # relative to the workspace
  env: {DJANGO_SETTINGS_MODULE: shop.settings}
"""

import difflib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from autopack.documents import Problem
from runs_app.ci.types import StepSpec

MAX_STEPS = 50
MAX_NAME_LENGTH = 100
MAX_WORDS = 500
MAX_COMMAND_LENGTH = 64 * 1024
MAX_ENV_ENTRIES = 100
MAX_ENV_VALUE_LENGTH = 32 * 1024
MIN_TIMEOUT_SECONDS = 1
MAX_TIMEOUT_SECONDS = 7200
MAX_RETRIES = 2
DEFAULT_TIMEOUT_SECONDS = 600

_KEYS = ("name", "run", "shell", "timeout", "retries", "junit", "env")
_DURATION = re.compile(r"(\d{1,9})\s*([smh]?)", re.ASCII)
_UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse_steps(value: object, where: str) -> tuple[tuple[StepSpec, ...], tuple[Problem, ...]]:
    """Read a list of step mappings; `where` is the place of the list, such as `ci.normal`.

    Every problem is reported, not only the first. With a problem, the steps are those that could be read,
    so a caller must look at the problems first. None is an empty list.
    """
    if value is None:
        return (), ()
    if not isinstance(value, list | tuple):
        return (), (Problem(where, f"must be a list of steps, not {_kind(value)}"),)
    problems: list[Problem] = []
    if len(value) > MAX_STEPS:
        problems.append(Problem(where, f"has {len(value)} steps, at most {MAX_STEPS} are allowed"))
    steps: list[StepSpec] = []
    first_use: dict[str, str] = {}
    for index, item in enumerate(value[:MAX_STEPS]):
        place = f"{where}[{index}]"
        reader = _StepReader(place)
        step = reader.read(item)
        problems += reader.problems
        if step is None:
            continue
        if step.name in first_use:
            problems.append(Problem(f"{place}.name", f"is already used by {first_use[step.name]}"))
            continue
        first_use[step.name] = place
        steps.append(step)
    return tuple(steps), tuple(problems)


def dump_steps(steps: tuple[StepSpec, ...] | list[StepSpec]) -> list[dict[str, Any]]:
    """The JSON-able form that `parse_steps` reads back to equal steps. Defaults are left out."""
    return [_dump_step(step) for step in steps]


def _dump_step(step: StepSpec) -> dict[str, Any]:
    dumped: dict[str, Any] = {"name": step.name}
    if step.is_shell:
        dumped["shell"] = step.argv[0]
    else:
        dumped["run"] = list(step.argv)
    if step.timeout_seconds != DEFAULT_TIMEOUT_SECONDS:
        dumped["timeout"] = step.timeout_seconds
    if step.retries:
        dumped["retries"] = step.retries
    if step.junit_path:
        dumped["junit"] = step.junit_path
    if step.env:
        dumped["env"] = dict(step.env)
    return dumped


class _StepReader:
    """Reads one step; collects problems instead of raising."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.problems: list[Problem] = []

    def read(self, item: object) -> StepSpec | None:
        if not isinstance(item, Mapping):
            self._add("", f"must be a mapping with name and run, not {_kind(item)}")
            return None
        self._refuse_unknown_keys(item)
        name = self._read_name(item)
        argv, is_shell = self._read_command(item)
        timeout_seconds = self._read_timeout(item.get("timeout"))
        retries = self._read_retries(item.get("retries"))
        junit_path = self._read_junit(item.get("junit"))
        env = self._read_env(item.get("env"))
        if self.problems:
            return None
        return StepSpec(
            name=name,
            argv=argv,
            is_shell=is_shell,
            timeout_seconds=timeout_seconds,
            retries=retries,
            junit_path=junit_path,
            env=env,
        )

    def _add(self, key: str, message: str) -> None:
        self.problems.append(Problem(f"{self._place}.{key}" if key else self._place, message))

    def _refuse_unknown_keys(self, item: Mapping[Any, object]) -> None:
        for key in item:
            if key in _KEYS:
                continue
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_KEYS)}"
            self._add(str(key)[:MAX_NAME_LENGTH], f"is not a key of a step; {hint}")

    def _read_name(self, item: Mapping[Any, object]) -> str:
        if "name" not in item:
            self._add("name", "is missing")
            return ""
        name = item["name"]
        if not isinstance(name, str) or not name.strip():
            self._add("name", "must be a text that is not empty")
            return ""
        if len(name) > MAX_NAME_LENGTH:
            self._add("name", f"is longer than {MAX_NAME_LENGTH} characters")
        elif _CONTROL.search(name) or name != name.strip():
            self._add("name", "must not have control characters or space around it")
        return name

    def _read_command(self, item: Mapping[Any, object]) -> tuple[tuple[str, ...], bool]:
        has_run, has_shell = "run" in item, "shell" in item
        if has_run == has_shell:
            self._add("", "needs exactly one of run (a list of words) and shell (a script)")
            return (), False
        if has_shell:
            return self._read_script(item["shell"]), True
        return self._read_words(item["run"]), False

    def _read_script(self, script: object) -> tuple[str, ...]:
        if not isinstance(script, str) or not script.strip():
            self._add("shell", "must be a script that is not empty")
            return ()
        if len(script) > MAX_COMMAND_LENGTH or "\0" in script:
            self._add("shell", f"must be at most {MAX_COMMAND_LENGTH} characters without NUL")
        return (script,)

    def _read_words(self, words: object) -> tuple[str, ...]:
        if isinstance(words, str):
            self._add("run", "must be a list of words such as [make, test]; for a script use shell")
            return ()
        if not isinstance(words, list | tuple) or not words:
            self._add("run", f"must be a list of words that is not empty, not {_kind(words)}")
            return ()
        if len(words) > MAX_WORDS:
            self._add("run", f"has more than {MAX_WORDS} words")
            return ()
        argv = [self._read_word(f"run[{index}]", word) for index, word in enumerate(words)]
        if not argv[0]:
            self._add("run[0]", "must name a program")
        if sum(map(len, argv)) > MAX_COMMAND_LENGTH:
            self._add("run", f"is longer than {MAX_COMMAND_LENGTH} characters in all")
        return tuple(argv)

    def _read_word(self, key: str, word: object) -> str:
        if isinstance(word, bool) or not isinstance(word, str | int | float):
            self._add(key, f"must be a text, not {_kind(word)}; put quotes around it")
            return "?"
        text = str(word)
        if "\0" in text:
            self._add(key, "must not contain NUL")
        return text

    def _read_timeout(self, value: object) -> int:
        if value is None:
            return DEFAULT_TIMEOUT_SECONDS
        range_text = f"must be between {MIN_TIMEOUT_SECONDS} and {MAX_TIMEOUT_SECONDS} seconds"
        if isinstance(value, str):
            match = _DURATION.fullmatch(value.strip())
            if match is None:
                self._add("timeout", f"{range_text}: a number, or a text such as 90s, 5m, 1h")
                return 0
            seconds = int(match[1]) * _UNIT_SECONDS[match[2]]
        elif isinstance(value, int) and not isinstance(value, bool):
            seconds = value
        else:
            self._add("timeout", f"{range_text}: a whole number, or a text such as 90s, 5m, 1h")
            return 0
        if not MIN_TIMEOUT_SECONDS <= seconds <= MAX_TIMEOUT_SECONDS:
            self._add("timeout", range_text)
        return seconds

    def _read_retries(self, value: object) -> int:
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_RETRIES:
            self._add("retries", f"must be a whole number from 0 to {MAX_RETRIES}")
            return 0
        return value

    def _read_junit(self, value: object) -> str:
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            self._add("junit", f"must be a path, not {_kind(value)}")
            return ""
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            self._add("junit", "must be a file path inside the workspace, without ..")
        elif _CONTROL.search(value) or "\\" in value:
            self._add("junit", "must not have control characters or backslashes")
        return str(path)

    def _read_env(self, value: object) -> tuple[tuple[str, str], ...]:
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self._add("env", f"must be a mapping of names to texts, not {_kind(value)}")
            return ()
        if len(value) > MAX_ENV_ENTRIES:
            self._add("env", f"has more than {MAX_ENV_ENTRIES} entries")
            return ()
        entries = []
        for name, entry in value.items():
            if not isinstance(name, str) or not _ENV_NAME.fullmatch(name):
                self._add("env", f"{str(name)[:50]!r} is not a name of a variable")
                continue
            if isinstance(entry, bool) or not isinstance(entry, str | int | float):
                self._add(f"env.{name}", f"must be a text, not {_kind(entry)}; put quotes around it")
                continue
            text = str(entry)
            if "\0" in text or len(text) > MAX_ENV_VALUE_LENGTH:
                self._add(f"env.{name}", f"must be at most {MAX_ENV_VALUE_LENGTH} characters without NUL")
            entries.append((name, text))
        return tuple(entries)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number"}
    if type(value) in names:
        return names[type(value)]
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
