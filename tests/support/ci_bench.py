"""Real CI steps in a real workspace."""

import functools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runs_app.ci import probing
from runs_app.ci.local import LocalCommandRunner
from runs_app.ci.types import Isolation, StepResult, StepSpec


@dataclass
class Sink:
    """Keeps what a step printed. `on_write` is told everything so far."""

    written: bytearray = field(default_factory=bytearray)
    on_write: Callable[[str], object] = lambda _: None

    def write(self, chunk: bytes) -> None:
        self.written += chunk
        self.on_write(self.text)

    @property
    def text(self) -> str:
        return self.written.decode(errors="replace")


@dataclass
class Bench:
    """One runner and a workspace in a folder that stands for AUTOPACK_HOME."""

    home: Path
    runner: LocalCommandRunner
    sink: Sink = field(default_factory=Sink)
    hidden_paths: Sequence[Path] = ()
    is_cancelled: Callable[[], bool] = lambda: False

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    @property
    def scratch_root(self) -> Path:
        return self.home / "scratch"

    def run(
        self,
        command: str | tuple[str, ...],
        *,
        timeout_seconds: int = 30,
        junit_path: str = "",
        env: tuple[tuple[str, str], ...] = (),
    ) -> StepResult:
        """Run a shell script, or the words of a command."""
        is_shell = isinstance(command, str)
        step = StepSpec(
            name="step",
            argv=(command,) if isinstance(command, str) else command,
            is_shell=is_shell,
            timeout_seconds=timeout_seconds,
            junit_path=junit_path,
            env=env,
        )
        return self.runner.run_step(
            step,
            workspace=self.workspace,
            hidden_paths=self.hidden_paths,
            sink=self.sink,
            is_cancelled=self.is_cancelled,
        )


def make_bench(home: Path, isolation: Isolation, **options: int | Sequence[str]) -> Bench:
    """A bench with fresh folders below `home`; `options` go to the runner."""
    skip_unless_possible(isolation)
    bench = Bench(home, LocalCommandRunner(home / "scratch", isolation=isolation, **options))  # type: ignore[arg-type]  # the caller's names are the runner's
    bench.workspace.mkdir(parents=True)
    bench.scratch_root.mkdir()
    return bench


def skip_unless_possible(isolation: Isolation) -> None:
    """Skip where this machine does not have it; the reason is the probe's."""
    if isolation is Isolation.NONE:
        return
    if isolation is Isolation.BUBBLEWRAP and not probing.find_bubblewrap():
        pytest.skip("bubblewrap is not installed")
    if problem := _probe_once(isolation):
        pytest.skip(f"{isolation} does not work here: {problem}")


@functools.cache
def _probe_once(isolation: Isolation) -> str:
    return probing.probe(isolation, probing.find_bubblewrap())


def make_marked_sleep() -> str:
    """A `sleep` command of many minutes that can be told from every other process of the machine."""
    return f"sleep 3600.{secrets.randbits(60)}"


def list_processes(command: str) -> list[int]:
    """The pids of all processes with exactly this command line, whatever namespace they are in."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # not a process, or one that just ended
        if words.rstrip(b"\0").decode(errors="replace").split("\0") == command.split(" "):
            found.append(int(entry.name))
    return found
