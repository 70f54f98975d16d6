"""What kind of application is asked for: the label that was given, or one proposed from the words. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import FeatureFacts, Snapshot
from catalog_app.planning.type_cues import CUES, WEAK_WORDS
from catalog_app.planning.wording import listed, same_words, shorten

_TITLE, _SUMMARY, _WISH, _FEATURE = 3.0, 2.0, 0.5, 0.25
_MOST_HITS = 4
"""A cue in many wishes says no more than one in a few."""

CLOSE = 0.8
"""A label with this share of the best one's points is a rival."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A label with what speaks for it; `points` only mean something beside those of others."""

    label: str
    points: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    points: float = 0.0
    reasons: dict[str, None] = field(default_factory=dict)

    def add(self, points: float, reason: str) -> None:
        self.points += points
        self.reasons[reason] = None


def known_labels(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(
        sorted(
            {label for stack in snapshot.stacks for label in stack.project_types}
            | set(snapshot.project_types)
        )
    )


def find_label(text: str, labels: Iterable[str]) -> str:
    """The label that the text is, whatever its case and punctuation: "RAG app" is `rag_app`."""
    wanted = same_words(text)
    return next((label for label in labels if same_words(label) == wanted), "")


def propose_types(
    request: PlanRequest, labels: Sequence[str], features: Sequence[FeatureFacts]
) -> tuple[Proposal, ...]:
    """Every label that something speaks for, best first; equal ones by name."""
    title, summary = _spaced(request.title), _spaced(request.summary)
    wishes = [(wish.quote, _spaced(wish.quote)) for wish in request.wishes]
    names = [
        (feature.title, _spaced(" . ".join((feature.title, feature.category, *feature.tags))))
        for feature in features
    ]
    proposals = []
    for label in labels:
        tally = _Tally()
        cues = _cues(label)
        for cue in _longest_said(title, cues):
            tally.add(_TITLE, f"The title says “{cue}”.")
        for cue in _longest_said(summary, cues):
            tally.add(_SUMMARY, f"The summary says “{cue}”.")
        for cue in cues:
            if hits := _having(cue, wishes):
                tally.add(_WISH * len(hits), f"“{cue}” is in {_listed(hits)}.")
            if hits := _having(cue, names):
                tally.add(_FEATURE * len(hits), f"“{cue}” fits {_listed(hits)}.")
        if tally.points:
            proposals.append(Proposal(label, round(tally.points, 4), tuple(tally.reasons)))
    return tuple(sorted(proposals, key=lambda proposal: (-proposal.points, proposal.label)))


def rivals(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Those that are about as likely as the best one."""
    return tuple(each for each in proposals[1:] if each.points >= CLOSE * proposals[0].points)


def usual_labels(snapshot: Snapshot, *, most: int) -> tuple[str, ...]:
    """Those that most stack profiles are made for."""
    counts: Mapping[str, int] = Counter(label for stack in snapshot.stacks for label in stack.project_types)
    return tuple(sorted(known_labels(snapshot), key=lambda label: (-counts.get(label, 0), label))[:most])


def _cues(label: str) -> tuple[str, ...]:
    """Words that speak for a label: itself, its telling words, and what people say for it."""
    words = same_words(label).split()
    telling = [word for word in words if word not in WEAK_WORDS]
    return tuple(dict.fromkeys((" ".join(words), *telling, *CUES.get(label, ()))))


def _spaced(text: str) -> str:
    return f" {same_words(text)} "


def _says(spaced: str, cue: str) -> bool:
    return f" {cue} " in spaced or f" {cue}s " in spaced


def _longest_said(spaced: str, cues: Sequence[str]) -> list[str]:
    """What is part of a longer cue that is said counts once."""
    said: list[str] = []
    for cue in sorted(cues, key=len, reverse=True):
        if _says(spaced, cue) and not any(_says(f" {longer} ", cue) for longer in said):
            said.append(cue)
    return said


def _having(cue: str, texts: Sequence[tuple[str, str]]) -> list[str]:
    """The first few texts that say it."""
    hits = []
    for text, spaced in texts:
        if _says(spaced, cue):
            hits.append(text)
            if len(hits) == _MOST_HITS:
                break
    return hits


def _listed(hits: Sequence[str]) -> str:
    return listed((f"“{shorten(hit, 60)}”" for hit in hits), most=2)
