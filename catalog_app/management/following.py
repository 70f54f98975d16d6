"""Following scans on the command line, from the rows that the worker writes."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from catalog_app.choices import LicenseDecision, ScanState, SourceStatus
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.verifying import RefusedScan

_PAUSE_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 15.0
_SHOWN_AT_ONCE = 10
_COLOURS = {"verified": "green", "stale": "yellow"}


def follow_scans(scan_pks: Sequence[int], console: Console) -> None:
    """Show the progress of scans until all have ended."""
    if not scan_pks:
        return
    began = time.monotonic()
    has_started = False
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), console=console
    ) as progress:
        shown: dict[int, TaskID] = {}
        whole = progress.add_task("all", total=len(scan_pks), step="")
        while live := _read_live(scan_pks):
            progress.update(whole, completed=len(scan_pks) - len(live), step=f"{len(live)} to go")
            _show(progress, shown, live)
            has_started = has_started or len(live) < len(scan_pks) or any(s.started_at for s in live.values())
            if not has_started and time.monotonic() - began > _PATIENCE_SECONDS:
                progress.update(whole, step="no worker takes them: is one running? (make run)")
            time.sleep(_PAUSE_SECONDS)
        progress.update(whole, completed=len(scan_pks), step="done")
        for task in shown.values():
            progress.remove_task(task)


def print_sources(scan_pks: Sequence[int], console: Console) -> list[SourceStatus]:
    """Say what came of scans, a few lines for each; returns the status that each leaves its source in."""
    scans = SourceScan.objects.select_related("source__feature", "source__repo").filter(pk__in=scan_pks)
    statuses = []
    for scan in scans.order_by("source__feature__slug", "source__position", "source_id"):
        source = scan.source
        is_good = scan.state == ScanState.DONE
        status = SourceStatus(source.status)
        statuses.append(status if is_good else SourceStatus.UNREACHABLE)
        words = status.words if is_good else ScanState(scan.state).words
        colour = _COLOURS.get(source.status, "red") if is_good else "red"
        name = escape(" ".join([f"{source.feature.slug}/{source.repo.repo_id}", *source.paths]))
        console.print(f"[bold]{name}[/bold]  [{colour}]{words}[/{colour}]", soft_wrap=True)
        console.print(f"  {escape(source.status_detail if is_good else scan.detail)}", soft_wrap=True)
        console.print(f"  {escape(_describe(source))}", soft_wrap=True)
    return statuses


def _describe(source: FeatureSource) -> str:
    """The rest of what is known, in one line."""
    license_text = source.effective_license or source.detected_license or "no licence"
    known = [f"{license_text}: {LicenseDecision(source.license_decision).words_inside}"]
    if source.quality_score is not None:
        known.append(f"quality {source.quality_score}")
    if source.pinned_commit:
        known.append(f"pinned at {source.pinned_commit[:12]}")
    return ", ".join(known)


def print_refusals(refused: Sequence[RefusedScan], console: Console) -> None:
    for one in refused:
        name = f"{one.source.feature.slug}/{one.source.repo.repo_id}"
        console.print(f"[red]{name}[/red]: {escape(one.error.detail)}", soft_wrap=True)


def _read_live(scan_pks: Sequence[int]) -> Mapping[int, SourceScan]:
    live = SourceScan.objects.live().select_related("source__feature", "source__repo")
    return {scan.pk: scan for scan in live.filter(pk__in=scan_pks).order_by("pk")}


def _show(progress: Progress, shown: dict[int, TaskID], live: Mapping[int, SourceScan]) -> None:
    """A bar for each scan that runs, as many as fit."""
    running = [scan for scan in live.values() if scan.state != ScanState.QUEUED][:_SHOWN_AT_ONCE]
    for scan in running:
        if scan.pk not in shown:
            name = f"{scan.source.feature.slug}/{scan.source.repo.repo_id}"
            shown[scan.pk] = progress.add_task(escape(name), total=100, step="")
        progress.update(shown[scan.pk], completed=scan.progress_percent, step=escape(scan.step))
    for pk in set(shown) - {scan.pk for scan in running}:
        progress.remove_task(shown.pop(pk))
