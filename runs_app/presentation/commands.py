"""git commands to look at a run's branch, for copying into a terminal."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from runs_app.models import Phase, Run, Snapshot


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments` follow `git`; `text` is all of it, with the repository, for any folder."""

    label: str
    arguments: str
    repo: str

    @property
    def shown(self) -> str:
        return f"git {self.arguments}"

    @property
    def text(self) -> str:
        return f"git -C {shlex.quote(self.repo)} {self.arguments}"


def list_git_commands(run: Run, snapshots: Sequence[Snapshot]) -> list[Command]:
    """`snapshots` are the run's, newest first. Everything is quoted for a POSIX shell."""
    branch, base = shlex.quote(run.integration_branch), run.base_commit[:12]
    commands = [
        ("What was done", f"log --oneline --stat {base}..{branch}"),
        ("All of it as one diff", f"diff {base}...{branch}"),
    ]
    if snapshots:
        pattern = shlex.quote(snapshots[0].tag_name.rsplit("/", 1)[0] + "/*")
        commands.append(("A tag for every phase", f"tag --list -n1 {pattern}"))
    if len(snapshots) > 1:
        newest, before = (shlex.quote(snapshot.tag_name) for snapshot in snapshots[:2])
        commands.append(("The last phase alone", f"diff {before} {newest}"))
    commands.append(("Try it beside your checkout", f"worktree add ../{_folder(run)} {branch}"))
    if run.promotion_eligible_to_main:
        label = f"Take it over by hand, with {run.default_branch} checked out"
        commands.append((label, f"merge --ff-only {branch}"))
    return [Command(label, arguments, run.repo_path) for label, arguments in commands]


def describe_show(phase: Phase) -> Command:
    """The commit of a completed phase."""
    arguments = f"show --stat {shlex.quote(phase.snapshot.tag_name)}"
    return Command("", arguments, phase.run.repo_path)


def _folder(run: Run) -> str:
    return shlex.quote(f"{run.project.project_id}-{run.run_id}")
