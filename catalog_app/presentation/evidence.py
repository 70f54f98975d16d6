"""What a scan stored as plain JSON, read for pages. What an old scan lacks is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Any: JSON of whichever version wrote it.
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QualityPart:
    """`points` is None for what could not be measured; it does not count. `weight` is how much it counts."""

    name: str
    points: int | None
    out_of: int
    weight: int
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A licence that was found in one file; `expression` is empty where it is no known one.
    `confidence_percent` is how sure the detector is."""

    file: str
    method: str
    expression: str
    lines: str
    note: str
    confidence_percent: int = 100


def read_quality_parts(quality: Json) -> list[QualityPart]:
    """The heaviest first."""
    parts = [
        QualityPart(
            name=_title(str(part["name"])),
            points=part.get("points"),
            out_of=part.get("out_of", 10),
            weight=part.get("weight", 1),
            reason=str(part.get("reason", "")),
        )
        for part in quality.get("parts", [])
    ]
    return sorted(parts, key=lambda part: -part.weight)


def read_findings(evidence: Json) -> list[Finding]:
    """In the order in which they were looked at."""
    return [
        Finding(
            file=str(found["file"]),
            method=str(found.get("method", "")),
            expression=str(found.get("expression", "")),
            lines=_lines(found.get("lines")),
            note=str(found.get("note", "")),
            confidence_percent=int(found.get("confidence", 1) * 100),
        )
        for found in evidence.get("evidence", [])
    ]


def read_remarks(evidence: Json) -> list[str]:
    """What was found beside, in words: contradictions, and why something stayed unknown."""
    reasons = [evidence.get("reason", ""), evidence.get("effective_reason", "")]
    return [str(text) for text in (*reasons, *evidence.get("contradictions", [])) if text]


def _title(name: str) -> str:
    return "CI" if name == "ci" else name[:1].upper() + name[1:]


def _lines(lines: Sequence[int] | None) -> str:
    if not lines:
        return ""
    first, last = lines[0], lines[-1]
    return f"line {first}" if first == last else f"lines {first} to {last}"
