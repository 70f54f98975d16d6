"""Rows of a run. Services are the only writers (see `runs_app.services`)."""

from runs_app.models.attempts import Attempt, Candidate, GateRefusal, Patch, Verdict
from runs_app.models.ci import CiLogChunk, CiRun, CiStepRun
from runs_app.models.events import Event
from runs_app.models.issues import BacklogIssue, PhaseIssue, RunIssue
from runs_app.models.runs import Phase, Run, Tier
from runs_app.models.snapshots import IncidentPack, Promotion, Snapshot

__all__ = [
    "Attempt",
    "BacklogIssue",
    "Candidate",
    "CiLogChunk",
    "CiRun",
    "CiStepRun",
    "Event",
    "GateRefusal",
    "IncidentPack",
    "Patch",
    "Phase",
    "PhaseIssue",
    "Promotion",
    "Run",
    "RunIssue",
    "Snapshot",
    "Tier",
    "Verdict",
]
