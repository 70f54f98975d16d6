"""Children that die, that do not want to die, and that lose their launcher."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autopack.launcher.children import Child, Children
from tests.support.waiting import wait_for

FOREVER = "import signal; signal.pause()"


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def children(log: list[str]) -> Iterator[Children]:
    children = Children(log=log.append, environment=dict(os.environ))
    yield children
    children.stop(0, lambda _: False)


def _program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _start(children: Children, child: Child) -> subprocess.Popen[bytes]:
    children.start(child)
    assert child.process is not None
    return child.process


def test_one_that_does_not_heed_the_request_is_killed(
    children: Children, log: list[str], tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); {FOREVER}"
    )
    process = _start(children, Child("stubborn", _program(code)))
    wait_for(ready.exists, "the child to be deaf")
    children.stop(0.1, lambda _: True)
    assert process.returncode == -signal.SIGKILL
    assert "killing it" in log[-1]


def test_what_a_child_started_in_a_session_of_its_own_ends_with_it(
    children: Children, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "import pathlib, subprocess; child = subprocess.Popen(['sleep', '600'], start_new_session=True);"
        f"pathlib.Path({str(pid_file)!r}).write_text(str(child.pid)); child.wait()"
    )
    _start(children, Child("parent", _program(code)))
    wait_for(lambda: pid_file.exists() and pid_file.read_text(), "the grandchild")
    grandchild = psutil.Process(int(pid_file.read_text()))
    children.stop(5, lambda _: True)
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, "its end")


def test_a_second_request_waits_for_nobody(children: Children) -> None:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
    process = _start(children, Child("stubborn", _program(code)))
    children.stop(600, lambda _: False)
    assert process.returncode is not None


def test_a_dead_child_is_started_again_ever_later(children: Children, log: list[str]) -> None:
    child = Child("hasty", _program("raise SystemExit(3)"))
    first = _start(children, child)
    first.wait()
    children.restart_the_dead()
    assert log == ["hasty ended (status 3); starting it again in 0.4 s"]
    assert child.process is None

    def restart() -> subprocess.Popen[bytes] | None:
        children.restart_the_dead()
        return child.process

    second = wait_for(restart, "the child to be started again")
    assert second is not None
    second.wait()
    children.restart_the_dead()
    assert log[1:] == ["hasty ended (status 3); starting it again in 0.8 s"]


def test_a_killed_child_is_named_with_its_signal(children: Children, log: list[str]) -> None:
    process = _start(children, Child("web", _program(FOREVER)))
    process.kill()
    process.wait()
    children.restart_the_dead()
    assert log[0].startswith("web ended (SIGKILL)")


def test_a_child_ends_when_its_launcher_is_gone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    child = f"from autopack.launcher.tether import tether; tether(); {FOREVER}"
    launcher = (
        "import os, pathlib, sys; from autopack.launcher.children import Child, Children;"
        "child = Child('tied', [sys.executable, '-c', sys.argv[1]]);"
        "children = Children(log=print, environment=dict(os.environ)); children.start(child);"
        f"pathlib.Path(sys.argv[2]).write_text(str(child.process.pid)); {FOREVER}"
    )
    with subprocess.Popen([sys.executable, "-c", launcher, child, str(pid_file)]) as process:
        wait_for(lambda: pid_file.exists() and pid_file.read_text(), "the child")
        tied = psutil.Process(int(pid_file.read_text()))
        process.kill()
    wait_for(lambda: not tied.is_running() or tied.status() == psutil.STATUS_ZOMBIE, "the child to end")
