"""What the API and git say about a run that was played: every phase's tree, attempts and times."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from runs_app.gitops.types import ObjectId
from runs_app.replay.client import ApiClient
from runs_app.replay.plan import Target
from runs_app.replay.upstream import Upstream

_SETTLE_SECONDS = 20.0
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class PhaseFinding:
    """One phase as it ended. `tree` is what its snapshot holds, None without one."""

    phase_id: str
    state: str
    upstream_commit: str
    upstream_tree: str
    commit: str | None
    tree: str | None
    attempts: Sequence[Mapping[str, Any]]
    ci_runs: Sequence[Mapping[str, Any]]

    @property
    def is_equal(self) -> bool:
        return self.tree == self.upstream_tree

    @property
    def refusals(self) -> list[Mapping[str, Any]]:
        return [refusal for attempt in self.attempts for refusal in attempt["refusals"]]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a number of seconds."""

    count: int
    median: float
    p95: float
    highest: float
    total: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread | None":
        if not values:
            return None
        p95 = quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
        return cls(len(values), median(values), p95, max(values), sum(values))


@dataclass(slots=True)
class Findings:
    run: Mapping[str, Any]
    phases: list[PhaseFinding]
    tip: str | None
    line: list[str]
    """The branch in git: commits after the base, oldest first."""
    tags: Mapping[str, str]
    leftovers: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Everything that is not as it must be, in words. Empty for a perfect replay."""
        found = []
        if self.run["state"] != "DONE_SUCCESS":
            reason = self.run["failure_reason"] or "no reason was given"
            found.append(f"The run ended as {self.run['state']}: {reason}")
        unequal = [phase for phase in self.phases if not phase.is_equal]
        if unequal:
            first = unequal[0]
            found.append(
                f"{len(unequal)} of {len(self.phases)} phases do not equal upstream, first {first.phase_id} "
                f"({first.state}): tree {first.tree or 'none'}, upstream {first.upstream_tree}"
            )
        snapshots = [phase.commit for phase in self.phases if phase.commit]
        if self.line != snapshots:
            found.append(f"The branch holds {len(self.line)} commits, the phases {len(snapshots)} snapshots")
        if sorted(self.tags.values()) != sorted(snapshots):
            found.append(f"There are {len(self.tags)} tags for {len(snapshots)} snapshots")
        doubled = [p.phase_id for p in self.phases if _count(p.attempts, "ACCEPTED") > 1]
        if doubled:
            found.append(f"Done twice: {', '.join(doubled)}")
        found += [f"Left behind: {ref}" for ref in self.leftovers]
        found += [f"git says: {line}" for line in self.unsound]
        return found

    @property
    def attempts(self) -> list[Mapping[str, Any]]:
        return [attempt for phase in self.phases for attempt in phase.attempts]

    def spread(self, name: str) -> Spread | None:
        """Of `gate`, `apply` or `snapshot` over all attempts that got there."""
        values = (attempt[f"{name}_seconds"] for attempt in self.attempts)
        return Spread.of([value for value in values if value is not None])

    def spread_ci(self) -> dict[str, Spread | None]:
        """`total` from the candidate to the result, `steps` inside the steps, `overhead` the rest."""
        totals, steps = [], []
        for phase in self.phases:
            for ci_run in phase.ci_runs:
                if ci_run["kind"] == "local" and ci_run["state"] in {"PASSED", "FAILED"}:
                    totals.append(_seconds_between(ci_run["created_at"], ci_run["completed_at"]))
                    steps.append(sum(step["duration_seconds"] or 0.0 for step in ci_run["steps"]))
        overheads = [total - inside for total, inside in zip(totals, steps, strict=True)]
        return {"total": Spread.of(totals), "steps": Spread.of(steps), "overhead": Spread.of(overheads)}


def gather_findings(client: ApiClient, upstream: Upstream, run_id: str) -> Findings:
    """Read it all, from the API and from the repository that was written to."""
    run = client.get_run(run_id)
    known = [phase["phase_id"] for tier in run["tiers"] for phase in tier["phases"]]
    details = [client.get_phase(run_id, phase_id) for phase_id in known]
    commits = [ObjectId(detail["commit_sha"]) for detail in details if detail["commit_sha"]]
    trees = upstream.read_tree_ids(commits)
    phases = []
    for detail in details:
        target = Target.from_spec(detail["spec"])
        commit = detail["commit_sha"]
        phases.append(
            PhaseFinding(
                phase_id=detail["phase_id"],
                state=detail["state"],
                upstream_commit=target.commit if target else "",
                upstream_tree=target.tree if target else "",
                commit=commit,
                tree=trees.get(ObjectId(commit)) if commit else None,
                attempts=client.list_attempts(run_id, detail["phase_id"]),
                ci_runs=client.list_ci_runs(run_id, detail["phase_id"]),
            )
        )
    base = ObjectId(run["base_commit"])
    branch = f"refs/heads/{run['integration_branch']}"
    tip = upstream.find_references(branch).get(branch)
    return Findings(
        run=run,
        phases=phases,
        tip=tip,
        line=list(upstream.list_line(base, tip)) if tip else [],
        tags=_read_tags(upstream, run_id),
        leftovers=_wait_for_leftovers(upstream, run_id),
        unsound=upstream.list_unsound_objects(base, tip) if tip else [],
    )


def _read_tags(upstream: Upstream, run_id: str) -> dict[str, str]:
    """The run's tags by name, each with the commit it stands for."""
    args = ["for-each-ref", "--format=%(refname) %(*objectname)", f"refs/tags/autopack/{run_id}/"]
    listing = upstream.engine.runner.run(upstream.repository.workplace(), args).stdout.decode()
    return dict(line.split(" ", 1) for line in listing.splitlines())


def _wait_for_leftovers(upstream: Upstream, run_id: str) -> list[str]:
    """Candidate references that stay. The worker clears them away just after the run has ended."""
    pause = threading.Event()
    left: list[str] = []
    for _ in range(int(_SETTLE_SECONDS / _LOOK_SECONDS)):
        left = sorted(upstream.find_references(f"refs/autopack/candidates/{run_id}/"))
        if not left:
            break
        pause.wait(_LOOK_SECONDS)
    return left


def _count(attempts: Sequence[Mapping[str, Any]], state: str) -> int:
    return sum(attempt["state"] == state for attempt in attempts)


def _seconds_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
