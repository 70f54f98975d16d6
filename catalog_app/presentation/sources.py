"""A source as one column of a comparison."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.models import FeatureSource, SourceScan
from catalog_app.presentation.evidence import (
    Finding,
    QualityPart,
    read_findings,
    read_quality_parts,
    read_remarks,
)
from catalog_app.presentation.usability import Gate, Usability, judge_source, read_gates


@dataclass(frozen=True, slots=True)
class SourceCard:
    """`scan` is what the evidence is from, `live` a scan that waits or runs; either may be None."""

    source: FeatureSource
    usability: Usability
    gates: Sequence[Gate]
    scan: SourceScan | None
    live: SourceScan | None

    @property
    def stars(self) -> int | None:
        """As somebody wrote them into the catalog; nobody has counted."""
        stars = self.source.extra.get("stars")
        return stars if isinstance(stars, int) and not isinstance(stars, bool) else None

    @property
    def parts(self) -> Sequence[QualityPart]:
        return read_quality_parts(self.scan.quality) if self.scan else []

    @property
    def findings(self) -> Sequence[Finding]:
        return read_findings(self.scan.evidence) if self.scan else []

    @property
    def remarks(self) -> Sequence[str]:
        return read_remarks(self.scan.evidence) if self.scan else []

    @property
    def further(self) -> Mapping[str, object]:
        """What the catalog file says beside what Autopack knows."""
        return {key: value for key, value in self.source.extra.items() if key != "stars"}

    @property
    def nested(self) -> Sequence[tuple[str, str]]:
        """Licences of what lies below the paths, by path."""
        return sorted(self.source.nested_licenses.items())

    @property
    def has_own_expression(self) -> bool:
        """Whether what was declared is not spelled as it is understood."""
        return self.source.declared_license not in ("", self.source.declared_text)


def describe_sources(
    sources: Iterable[FeatureSource], *, scans: Mapping[int, SourceScan], live: Mapping[int, SourceScan]
) -> list[SourceCard]:
    """`scans` by their own ids, `live` by those of their sources. The retired come last."""
    cards = [describe_source(source, scans=scans, live=live) for source in sources]
    return sorted(cards, key=lambda card: card.source.retired_at is not None)


def describe_source(
    source: FeatureSource, *, scans: Mapping[int, SourceScan], live: Mapping[int, SourceScan]
) -> SourceCard:
    return SourceCard(
        source=source,
        usability=judge_source(source),
        gates=read_gates(source),
        scan=scans.get(source.last_scan_id) if source.last_scan_id else None,
        live=live.get(source.pk),
    )


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as a row of the list."""

    source: FeatureSource
    usability: Usability


def describe_source_rows(sources: Iterable[FeatureSource]) -> list[SourceRow]:
    return [SourceRow(source, judge_source(source)) for source in sources]


def version_of(live: Iterable[SourceScan]) -> str:
    """A text that changes with whatever a page shows of scans that wait or run."""
    seen = [(s.pk, s.state, s.step, s.progress_percent, s.is_cancel_requested) for s in live]
    return format(zlib.crc32(repr(seen).encode()), "08x")
