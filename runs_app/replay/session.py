"""A replay from its first look at the repository to its verdict."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from rich.console import Console

from autopack.actors import system_actor
from autopack.errors import NotFound
from autopack.models import Project
from runs_app.gitops.errors import InvalidName
from runs_app.gitops.names import ensure_identifier
from runs_app.replay.checkout import list_differences, take_fingerprint
from runs_app.replay.client import ApiClient, Refused
from runs_app.replay.errors import ReplayError, ReplayInterrupted
from runs_app.replay.findings import gather_findings
from runs_app.replay.mirror import ensure_mirror
from runs_app.replay.plan import plan_run
from runs_app.replay.player import Player
from runs_app.replay.report import ProgressView, as_figures, show_findings, show_next, show_start
from runs_app.replay.server import default_url, ensure_server
from runs_app.replay.stage import ensure_project, name_project, temporary_key
from runs_app.replay.upstream import Upstream, open_upstream
from runs_app.selectors.runs import get_run

T = TypeVar("T")

_DEFAULT_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class Options:
    """How to play, whatever is played. An empty `url` means the server of HOST and PORT."""

    workers: int = 1
    url: str = ""
    json_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What to play. An empty `branch` means HEAD, an empty `run_id` one that names the moment."""

    repo: Path
    commits: int
    ci: str = ""
    is_mirrored: bool = False
    run_id: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class _Played:
    """A started run: where upstream is read, and where the run writes."""

    source: Path
    target: Path
    run: Mapping[str, Any]
    ci: str


def start_replay(wish: Wish, options: Options, console: Console) -> bool:
    """Start a run and play it to its end. Returns whether all is as it must be. Raises ReplayError."""
    run_id = wish.run_id or f"replay-{name_project(wish.repo)[:60]}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    _ensure_run_id(run_id)
    with open_upstream(wish.repo, is_written=not wish.is_mirrored) as upstream:
        stretch = upstream.pick_stretch(wish.branch, wish.commits)
        branch = wish.branch or upstream.head_branch or _DEFAULT_BRANCH
        name = name_project(wish.repo)
        target = wish.repo
        if wish.is_mirrored:
            target = settings.AUTOPACK_HOME / "mirrors" / f"{name}.git"
            ensure_mirror(upstream, target, branch=branch, tip=stretch.commits[-1].commit)
    with _serve(options, console) as url:
        project = ensure_project(target, name=name, branch=branch, ci_command=wish.ci)
        with temporary_key(project) as key:
            title = f"Replay of the last {wish.commits} commits of {name}"
            body = plan_run(stretch, run_id=run_id, project_id=project.project_id, title=title)
            with ApiClient(url, key) as client:
                run = _ask(client, lambda: client.start_run(body))
            return _play(_Played(wish.repo, target, run, wish.ci), url, key, options, console)


def resume_replay(run_id: str, options: Options, console: Console) -> bool:
    """Go on with a run that an earlier replay has left. Raises ReplayError."""
    with _serve(options, console) as url:
        try:
            resumed = get_run(system_actor("replay"), run_id)
        except NotFound as error:
            raise ReplayError(error.detail) from error
        project, target = resumed.project, Path(resumed.repo_path)
        with temporary_key(project) as key:
            with ApiClient(url, key) as client:
                run = _ask(client, lambda: client.get_run(run_id))
            return _play(_Played(target, target, run, _describe_ci(project)), url, key, options, console)


def _play(played: _Played, url: str, key: str, options: Options, console: Console) -> bool:
    run_id = str(played.run["id"])
    show_start(console, source=played.source, target=played.target, url=url, run=played.run, ci=played.ci)
    with (
        open_upstream(played.source, is_written=False) as guarded,
        open_upstream(played.target, is_written=True) as upstream,
    ):
        before = _take_fingerprint(guarded)
        total, done = played.run["phases_total"], played.run["phases_complete"]
        with ProgressView(console, total, done) as view:
            player = Player(
                upstream,
                lambda player: ApiClient(url, key, is_stopped=player.is_stopped, on_retry=player.note_retry),
                run_id=run_id,
                workers=options.workers,
                audience=view,
            )
            try:
                player.play()
            except ReplayInterrupted as error:
                raise ReplayInterrupted(
                    f"{error} Run {run_id} is left as it is; go on with: manage.py replay --resume {run_id}"
                ) from error
        with ApiClient(url, key) as client:
            findings = _ask(client, lambda: gather_findings(client, upstream, run_id))
        after = _take_fingerprint(guarded)
    changed = list_differences(before, after)
    show_findings(console, findings, player.tally, changed, list(after))
    show_next(console, findings, played.target, url)
    if options.json_file is not None:
        figures = as_figures(findings, player.tally, changed)
        options.json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return not findings.problems and not changed


@contextmanager
def _serve(options: Options, console: Console) -> Iterator[str]:
    url = options.url.rstrip("/") or default_url(settings.HOST, settings.PORT)
    log = settings.AUTOPACK_HOME / "logs" / "replay-server.log"

    def say(text: str) -> None:
        console.print(text, style="dim")

    with ensure_server(url, may_start=not options.url, log=log, say=say):
        yield url


def _ask(client: ApiClient, call: Callable[[], T]) -> T:
    """The call's answer; what the server refuses becomes one line for a person."""
    try:
        return call()
    except Refused as refusal:
        if refusal.status == 401:
            raise ReplayError(
                f"The server at {client.url} does not know the key that was just made: it works on another "
                "database. Give this command the same AUTOPACK_HOME or DATABASE_URL."
            ) from refusal
        raise ReplayError(f"The server at {client.url} says no: {refusal}") from refusal


def _take_fingerprint(upstream: Upstream) -> Mapping[str, str]:
    return take_fingerprint(upstream.engine, upstream.repository, home=settings.AUTOPACK_HOME)


def _describe_ci(project: Project) -> str:
    return "; ".join(str(step.get("shell", step["name"])) for step in project.ci_normal)


def _ensure_run_id(run_id: str) -> None:
    try:
        ensure_identifier(run_id, "run id")
    except InvalidName as error:
        raise ReplayError(f"--run-id: {error}.") from error
