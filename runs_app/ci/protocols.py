"""What the CI service asks of a runner."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from runs_app.ci.types import SandboxReport, StepResult, StepSpec


class OutputSink(Protocol):
    def write(self, chunk: bytes) -> None:
        """Take the next redacted bytes of a step's output, in order, at most a second late."""


class CiRunner(Protocol):
    def describe_sandbox(self, hidden_paths: Sequence[Path]) -> SandboxReport:
        """Which isolation steps get on this machine."""

    def run_step(
        self,
        step: StepSpec,
        *,
        workspace: Path,
        hidden_paths: Sequence[Path],
        sink: OutputSink,
        is_cancelled: Callable[[], bool],
    ) -> StepResult:
        """Run one try of one step in `workspace`, to its end.

        Every process of the step is gone when this returns, also if the caller is killed meanwhile.
        `is_cancelled` is asked about once a second. Never raises for what the step does.
        """
