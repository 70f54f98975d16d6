"""An event as one line of the timeline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runs_app.choices import (
    AttemptState,
    CiRunState,
    CiStepState,
    EventKind,
    PhaseState,
    RunsChoice,
    RunState,
    TierState,
)


@dataclass(frozen=True, slots=True)
class EventLine:
    icon: str
    colour: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event row says."""

    kind: str
    subject: str
    after: str
    actor: str
    payload: Mapping[str, Any]


def describe_event(fact: Fact) -> EventLine:
    """What happened, for people. Unknown kinds and payloads still give a line."""
    describe = _DESCRIBE.get(fact.kind, _describe_other)
    return describe(fact)


@dataclass(frozen=True, slots=True)
class _Look:
    """Of a state, for the middle of a sentence."""

    icon: str
    colour: str
    words: str


def _look(after: str) -> _Look:
    """Of a state, whichever machine it belongs to, or is not known to."""
    machines: tuple[type[RunsChoice], ...] = (
        RunState,
        PhaseState,
        TierState,
        AttemptState,
        CiRunState,
        CiStepState,
    )
    for states in machines:
        if after in states.__members__:
            member = states(after)
            return _Look(member.icon, member.colour, member.words_inside)
    return _Look("circle-dotted", "secondary", after.replace("_", " ").lower())


def _describe_run(fact: Fact) -> EventLine:
    look = _look(fact.after)
    if fact.after == RunState.RUN_CREATED:
        return EventLine("rocket", "blue", f"Run created by {fact.actor}")
    text = f"Run: {look.words}"
    return EventLine(look.icon, look.colour, text, str(fact.payload.get("failure_reason") or ""))


def _describe_state(fact: Fact) -> EventLine:
    look = _look(fact.after)
    if fact.after == PhaseState.EXECUTING:
        return EventLine("robot", look.colour, f"{fact.subject} taken by {fact.actor}")
    reason = fact.payload.get("failure_reason") or fact.payload.get("waiting_reason") or ""
    return EventLine(look.icon, look.colour, f"{fact.subject}: {look.words}", str(reason))


def _describe_attempt(fact: Fact) -> EventLine:
    look = _look(fact.after)
    detail = str(fact.payload.get("detail") or "")
    return EventLine(look.icon, look.colour, f"Attempt {fact.subject}: {look.words}", detail)


def _describe_ci(fact: Fact) -> EventLine:
    look = _look(fact.after)
    commit = str(fact.payload.get("commit") or "")[:10]
    text = f"CI {look.words}" + (f" on {commit}" if commit else "")
    return EventLine(look.icon, look.colour, text, str(fact.payload.get("detail") or ""))


def _describe_step(fact: Fact) -> EventLine:
    look = _look(fact.after)
    return EventLine(look.icon, look.colour, f"CI step {fact.subject}: {look.words}")


def _describe_snapshot(fact: Fact) -> EventLine:
    commit = str(fact.payload.get("commit") or "")[:10]
    tested = "" if fact.payload.get("is_tested", True) else "No CI configured: this commit is untested."
    return EventLine("tag", "green", f"{fact.subject} is on the branch as {commit}", tested)


def _describe_issue(fact: Fact) -> EventLine:
    severity = str(fact.payload.get("severity") or "")
    colour = "red" if severity == "major" else "yellow"
    source = fact.payload.get("source") or "unknown"
    text = f"{severity} issue".strip().capitalize() + f": {fact.subject}"
    return EventLine("bug", colour, text, f"from {source}")


def _describe_verdict(fact: Fact) -> EventLine:
    recommendation = str(fact.payload.get("recommendation") or fact.after or "verdict")
    colours = {"approve": "green", "revise": "orange", "escalate": "red"}
    return EventLine(
        "gavel",
        colours.get(recommendation, "secondary"),
        f"Auditor {fact.actor}: {recommendation} {fact.subject}",
    )


def _describe_other(fact: Fact) -> EventLine:
    text = str(
        fact.payload.get("detail") or fact.payload.get("text") or fact.payload.get("reason") or fact.subject
    )
    return EventLine("info-circle", "secondary", text)


def _fixed(icon: str, colour: str, sentence: str) -> "_Describe":
    def describe(fact: Fact) -> EventLine:
        detail = (
            fact.payload.get("detail")
            or fact.payload.get("target_branch")
            or fact.payload.get("review_focus")
            or ""
        )
        return EventLine(icon, colour, sentence.format(subject=fact.subject, actor=fact.actor), str(detail))

    return describe


_Describe = Callable[[Fact], EventLine]
_DESCRIBE: Mapping[str, _Describe] = {
    EventKind.RUN_STATE: _describe_run,
    EventKind.TIER_STATE: _describe_state,
    EventKind.PHASE_STATE: _describe_state,
    EventKind.ATTEMPT_STATE: _describe_attempt,
    EventKind.CI_STATE: _describe_ci,
    EventKind.CI_STEP: _describe_step,
    EventKind.ISSUE: _describe_issue,
    EventKind.VERDICT: _describe_verdict,
    EventKind.SNAPSHOT: _describe_snapshot,
    EventKind.AUDIT_REQUESTED: _fixed("eye", "indigo", "Audit of {subject} asked for by {actor}"),
    EventKind.LEASE_RENEWED: _fixed("clock", "secondary", "{actor} keeps working on {subject}"),
    EventKind.PROMOTED: _fixed("git-merge", "green", "Promoted by {actor}"),
    EventKind.BUDGET: _fixed("coin", "red", "Budget exceeded: {subject}"),
}
