"""git commands to look at a run's branch, for copying into a terminal."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from runs_app.models import Phase, Run, Snapshot


@dataclass(frozen=True, slots=True)
class Command:
    label: str
    text: str


def list_git_commands(run: Run, snapshots: Sequence[Snapshot]) -> list[Command]:
    """`snapshots` are the run's, newest first. Everything is quoted for a POSIX shell."""
    git = f"git -C {shlex.quote(run.project.repo_path)}"
    branch, target = shlex.quote(run.integration_branch), shlex.quote(run.project.default_branch)
    commands = [
        Command("What was done", f"{git} log --oneline --stat {run.base_commit[:12]}..{branch}"),
        Command("All of it as one diff", f"{git} diff {run.base_commit[:12]}...{branch}"),
        Command("Try it in a worktree of its own", f"{git} worktree add ../{_folder(run)} {branch}"),
    ]
    if len(snapshots) > 1:
        newest, before = snapshots[0], snapshots[1]
        between = f"{shlex.quote(before.tag_name)} {shlex.quote(newest.tag_name)}"
        commands.append(Command("The last phase alone", f"{git} diff {between}"))
    if run.promotion_eligible_to_main:
        commands.append(
            Command(f"Take it over by hand, with {target} checked out", f"{git} merge --ff-only {branch}")
        )
    return commands


def describe_show(phase: Phase) -> str:
    """The commit of a completed phase."""
    repo = shlex.quote(phase.run.project.repo_path)
    return f"git -C {repo} show --stat {shlex.quote(phase.snapshot.tag_name)}"


def _folder(run: Run) -> str:
    return shlex.quote(f"{run.project.project_id}-{run.run_id}")
