"""A launcher as a real process, with a home and a port of its own."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.support.database_home import Home
from tests.support.live import PROCESS_MARKS, WITHOUT_WEIGHTS
from tests.support.waiting import wait_for

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 90


class Launched:
    """`make run` without make; with a `part`, that part alone."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None, part: str = "all") -> None:
        self.home = Home(home)
        self.output: list[str] = []
        given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autopack.launcher", part],
            cwd=PROJECT_ROOT,
            env={
                **given,
                **WITHOUT_WEIGHTS,
                "AUTOPACK_HOME": str(home),
                "AUTOPACK_CONFIG": str(home.parent / "autopack.yaml"),
                "AUTOPACK_DATABASE_GRACE_SECONDS": "0.3",
                "HOST": "127.0.0.1",
                "PORT": "0",
                **(environment or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def text(self) -> str:
        return "".join(self.output)

    def wait_until_running(self) -> str:
        """The address it says it runs at."""
        found = wait_for(
            lambda: re.search(r"running: (http\S+)", self.text) or self.process.poll() is not None,
            "the launcher to run",
            seconds=_START_SECONDS,
        )
        assert isinstance(found, re.Match), self.text
        return found[1]

    def wait_for_end(self, seconds: float = 60) -> int:
        status = self.process.wait(timeout=seconds)
        wait_for(lambda: self._is_read, "the last output")
        return status

    def children(self) -> dict[str, psutil.Process]:
        """`web` and `worker` by name, those that are running."""
        found = ((name, self.find_child(mark)) for name, mark in PROCESS_MARKS.items())
        return {name: child for name, child in found if child}

    def find_child(self, word: str) -> psutil.Process | None:
        """Of its own children the one that was started with this word and has not ended."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if word in child.cmdline():
                    return child
        return None

    def everything(self) -> list[psutil.Process]:
        """The launcher, its children, the keeper of the database, PostgreSQL, and all that they started."""
        roots = [psutil.Process(self.process.pid), *self.home.keepers()]
        return [*roots, *(child for root in roots for child in root.children(recursive=True))]

    _is_read = False

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
        self._is_read = True

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """After `kill` of all that use the home: wait until nothing is left."""
        wait_for(self.home.is_stopped, "the database to stop after the test", seconds=40)
        assert self.process.stdout is not None
        wait_for(lambda: self._is_read, "the last output")
        self.process.stdout.close()


def get_health(url: str) -> dict[str, Any]:
    """What `/health` answers; an empty one while nobody answers."""
    try:
        answer: dict[str, Any] = httpx.get(f"{url}health", timeout=30).json()
    except httpx.TransportError:
        return {}
    return answer
