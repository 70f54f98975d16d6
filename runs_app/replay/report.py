"""What a person sees of a replay: progress while it plays, tables when it is over."""

import shlex
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from runs_app.replay.findings import Findings, Spread
from runs_app.replay.player import Tally

_STEPS = {
    "gate": "gate (inspect the patch)",
    "apply": "apply (make the candidate commit)",
    "snapshot": "snapshot (advance the branch, tag)",
}
_CI_PARTS = {
    "total": "CI, from candidate to result",
    "steps": "  of that, the steps",
    "overhead": "  of that, Autopack",
}
_SHOWN_REFUSALS = 10
_LINES_WITHOUT_TERMINAL = 10


class ProgressView:
    """An `Audience`: a bar on a terminal, a line now and then anywhere else."""

    def __init__(self, console: Console, total: int, done: int = 0) -> None:
        self._console = console
        self._total = total
        self._done = done
        self._refused = 0
        self._lock = threading.Lock()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>14}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
            console=console,
            expand=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("phases", total=total, completed=done, rate="", note="")

    def __enter__(self) -> "ProgressView":
        self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def see_event(self, event: Mapping[str, Any]) -> None:
        subject = escape(str(event["subject"]))
        match event["kind"], event["after"]:
            case "snapshot.recorded", _:
                self._see_snapshot()
            case "attempt.state", "REFUSED" | "RED" | "LOST" as state:
                detail = escape(str(event["payload"].get("detail", "")))
                self._say(f"[yellow]{state.lower()}[/] {subject}: {detail}")
            case "phase.state", state:
                self._progress.update(self._task, note=f"{subject} {state.lower().replace('_', ' ')}")
            case _:
                return

    def see_claim(self, phase_id: str) -> None:
        self._progress.update(self._task, note=f"{escape(phase_id)} claimed")

    def see_retry(self, reason: str) -> None:
        self._progress.update(self._task, note=f"the server is away, asking again ({escape(reason)})")

    def _see_snapshot(self) -> None:
        with self._lock:
            self._done += 1
            task = self._progress.tasks[self._task]
            rate = f"{self._done / task.elapsed:.1f} patches/s" if task.elapsed else ""
            self._progress.update(self._task, completed=self._done, rate=rate)
            every = max(1, self._total // _LINES_WITHOUT_TERMINAL)
            if not self._console.is_terminal and (self._done % every == 0 or self._done == self._total):
                self._console.print(f"{self._done} of {self._total} phases")

    def _say(self, text: str) -> None:
        self._progress.console.print(text)


def show_start(
    console: Console, *, source: Path, target: Path, url: str, run: Mapping[str, Any], ci: str
) -> None:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", justify="right")
    lines.add_column(overflow="fold")
    rows = [
        ("upstream", str(source)),
        ("replayed in", "the same repository" if target == source else f"{target} (a mirror)"),
        ("branch", str(run["integration_branch"])),
        ("phases", str(run["phases_total"])),
        ("CI", ci or "no CI configured (say --ci to have every commit tested)"),
        ("watch", f"{url}/dashboard/runs/{run['id']}/"),
    ]
    for name, value in rows:
        lines.add_row(name, escape(value))
    console.print(Panel(lines, title=f"Replay {escape(str(run['id']))}", border_style="blue", expand=False))


def show_findings(
    console: Console, findings: Findings, tally: Tally, changed: Sequence[str], parts: Sequence[str]
) -> None:
    """Both tables and the verdict. `parts` were looked at in the checkout, `changed` of them differ."""
    console.print(_summarise(findings, tally))
    console.print(_tabulate_times(findings))
    _show_refusals(console, findings)
    _show_verdict(console, findings, changed, parts)


def _summarise(findings: Findings, tally: Tally) -> Table:
    attempts = findings.attempts
    ci_runs = [ci_run for phase in findings.phases for ci_run in phase.ci_runs]
    configured = [ci_run for ci_run in ci_runs if ci_run["state"] != "NOT_CONFIGURED"]
    equal = sum(phase.is_equal for phase in findings.phases)
    table = Table(title="What happened", title_justify="left", show_header=False, title_style="bold")
    table.add_column(style="dim")
    table.add_column(justify="right")
    rows = [
        ("run", str(findings.run["state"])),
        ("phases complete", f"{findings.run['phases_complete']} of {findings.run['phases_total']}"),
        ("trees equal to upstream", f"{equal} of {len(findings.phases)}"),
        ("attempts", str(len(attempts))),
        ("refused by the gate", str(sum(attempt["state"] == "REFUSED" for attempt in attempts))),
        ("claims lost", str(sum(attempt["state"] == "LOST" for attempt in attempts))),
        ("CI runs", f"{len(configured)}" if configured else "no CI configured"),
        ("CI restarted after a crash", str(sum(ci_run["restarts"] for ci_run in configured))),
        ("calls repeated", str(tally.retried_calls)),
        ("end to end", _rate(tally)),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _rate(tally: Tally) -> str:
    done = len(set(tally.claims))
    seconds = tally.played_seconds
    rate = f"{done / seconds:.2f}" if seconds else "?"
    return f"{rate} patches/s ({done} in {seconds:.1f} s)"


def _tabulate_times(findings: Findings) -> Table:
    table = Table(title="Time per step", title_justify="left", title_style="bold")
    table.add_column("step")
    for name in ("median", "95 %", "longest", "all"):
        table.add_column(name, justify="right")
    rows: dict[str, Spread | None] = {label: findings.spread(name) for name, label in _STEPS.items()}
    rows |= {_CI_PARTS[name]: spread for name, spread in findings.spread_ci().items()}
    for label, spread in rows.items():
        if spread is not None:
            times = (spread.median, spread.p95, spread.highest, spread.total)
            table.add_row(label, *(_duration(seconds) for seconds in times))
    return table


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _show_refusals(console: Console, findings: Findings) -> None:
    listed = [(phase.phase_id, refusal) for phase in findings.phases for refusal in phase.refusals]
    for phase_id, refusal in listed[:_SHOWN_REFUSALS]:
        where = f"{refusal['path']}: " if refusal["path"] else ""
        console.print(f"[yellow]refused[/] {escape(phase_id)}: {escape(where + refusal['detail'])}")
    if len(listed) > _SHOWN_REFUSALS:
        console.print(f"[yellow]… and {len(listed) - _SHOWN_REFUSALS} more reasons[/]")


def _show_verdict(console: Console, findings: Findings, changed: Sequence[str], parts: Sequence[str]) -> None:
    same = [part for part in parts if part not in changed]
    checks = [
        (not [p for p in findings.phases if not p.is_equal], "every tree equals upstream's, byte for byte"),
        (not findings.unsound, "git finds no broken and no missing object"),
        (not findings.leftovers, "no reference is left but the branch and its tags"),
    ]
    for is_good, text in checks:
        console.print(f"[green]✓[/] {text}" if is_good else f"[red]✗[/] not so: {text}")
    if same:
        console.print(f"[green]✓[/] unchanged in the repository: {', '.join(same)}")
    for part in changed:
        console.print(f"[red]✗[/] changed in the repository meanwhile: {part}")
    for problem in findings.problems:
        console.print(f"[red]✗ {escape(problem)}[/]")


def as_figures(findings: Findings, tally: Tally, changed: Sequence[str]) -> dict[str, Any]:
    """Everything as JSON, for benchmarks."""
    spreads = {name: findings.spread(name) for name in _STEPS}
    spreads |= {f"ci_{name}": spread for name, spread in findings.spread_ci().items()}
    done = len(set(tally.claims))
    return {
        "run_id": findings.run["id"],
        "state": findings.run["state"],
        "phases": findings.run["phases_total"],
        "phases_complete": findings.run["phases_complete"],
        "trees_equal": sum(phase.is_equal for phase in findings.phases),
        "attempts": len(findings.attempts),
        "refusals": sum(len(phase.refusals) for phase in findings.phases),
        "played_seconds": tally.played_seconds,
        "patches_per_second": done / tally.played_seconds if tally.played_seconds else None,
        "patch_bytes": tally.patch_bytes,
        "retried_calls": tally.retried_calls,
        "seconds": {name: asdict(spread) if spread else None for name, spread in spreads.items()},
        "changed": list(changed),
        "problems": findings.problems,
    }


def show_next(console: Console, findings: Findings, target: Path, url: str) -> None:
    """What to type to look at the branch."""
    run = findings.run
    commits = f"{run['base_commit'][:12]}..{run['integration_branch']}"
    command = f"git -C {shlex.quote(str(target))} log --oneline {commits}"
    console.print("\nLook at it:", style="bold")
    console.print(f"  {escape(command)}", soft_wrap=True, highlight=False)
    console.print(f"  {url}/dashboard/runs/{escape(str(run['id']))}/", soft_wrap=True, highlight=False)
