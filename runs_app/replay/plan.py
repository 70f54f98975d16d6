"""The request that starts a replay's run. Pure: the same stretch of history gives the same body."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runs_app.gitops.types import ObjectId
from runs_app.replay.upstream import Stretch, UpstreamCommit

PHASES_PER_TIER = 25
LEASE_SECONDS = 120
"""Short, since a builder that only copies needs no time: a replay that was killed can soon be resumed."""

_MINUTES_PER_PHASE = 30
_LEAST_MINUTES = 120
_MOST_MINUTES = 60 * 24 * 30
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Target:
    """Which commit a phase has to reproduce. It travels in the phase's `spec`, so that any builder (also one
    that resumes) knows it from its claim."""

    commit: ObjectId
    tree: ObjectId

    def as_spec(self) -> dict[str, str]:
        return {"upstream_commit": self.commit, "upstream_tree": self.tree}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "Target | None":
        """None for a phase of another kind of run."""
        commit, tree = spec.get("upstream_commit"), spec.get("upstream_tree")
        if isinstance(commit, str) and isinstance(tree, str):
            return cls(ObjectId(commit), ObjectId(tree))
        return None


def plan_run(stretch: Stretch, *, run_id: str, project_id: str, title: str) -> dict[str, Any]:
    """The body of `runs/start`: one phase for each commit, in tiers of a size that can be looked at."""
    count = len(stretch.commits)
    starts = range(0, count, PHASES_PER_TIER)
    return {
        "run": {
            "run_id": run_id,
            "project_id": project_id,
            "title": title,
            "base": stretch.base,
            "max_phases": count,
            "max_duration_minutes": min(_MOST_MINUTES, max(_LEAST_MINUTES, count * _MINUTES_PER_PHASE)),
            "lease_seconds": LEASE_SECONDS,
        },
        "tiers": [
            {
                "tier_id": f"tier-{number}",
                "tier_index": number,
                "name": f"Commits {start + 1} to {min(start + PHASES_PER_TIER, count)}",
            }
            for number, start in enumerate(starts, 1)
        ],
        "phases": _plan_phases(stretch.commits),
    }


def _plan_phases(commits: Sequence[UpstreamCommit]) -> list[dict[str, Any]]:
    phases = []
    for number, upstream in enumerate(commits, 1):
        subject, body = _split_message(upstream.message)
        phases.append(
            {
                "phase_id": upstream.commit[:12],
                "phase_index": number,
                "tier_id": f"tier-{(number - 1) // PHASES_PER_TIER + 1}",
                "name": subject,
                "description": body,
                "task_category": "replay",
                "spec": Target(upstream.commit, upstream.tree).as_spec(),
            }
        )
    return phases


def _split_message(message: str) -> tuple[str, str]:
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", message)
    first, _, rest = text.strip().partition("\n")
    subject = " ".join(first.split()) or "(no subject)"
    return (subject if len(subject) <= 200 else f"{subject[:199]}…"), rest.strip()
