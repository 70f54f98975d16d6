"""How the verification of a plan's sources goes."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.presentation.sources import version_of
from catalog_app.selectors.plans import PlannedSource


@dataclass(frozen=True, slots=True)
class VerifyLine:
    """`row` is None for a source that the catalog has no more; `scan` is on its way."""

    name: str
    feature: str
    row: FeatureSource | None
    scan: SourceScan | None
    status: SourceStatus | None
    decision: LicenseDecision | None
    is_verified: bool


@dataclass(frozen=True, slots=True)
class VerifyFigures:
    """Of the sources that a plan is blocked by, `waiting` have still to be verified; `is_live` where scans of
    them are on their way."""

    total: int
    waiting: int
    is_live: bool


def describe_verifying(sources: Iterable[PlannedSource]) -> list[VerifyLine]:
    """Of those that the plan is blocked by."""
    return [
        VerifyLine(
            source.name,
            source.feature_slug,
            source.row,
            source.scan,
            SourceStatus(source.row.status) if source.row else None,
            LicenseDecision(source.row.license_decision) if source.row else None,
            source.is_verified,
        )
        for source in sources
        if source.is_blocked
    ]


def count_verifying(lines: Sequence[VerifyLine]) -> VerifyFigures:
    return VerifyFigures(
        total=len(lines),
        waiting=sum(not line.is_verified for line in lines),
        is_live=any(line.scan for line in lines),
    )


def version_of_verifying(lines: Iterable[VerifyLine]) -> str:
    """A text that changes with whatever the page shows of them."""
    lines = list(lines)
    statuses = "".join(str(line.status) for line in lines)
    return f"{version_of(line.scan for line in lines if line.scan)}-{zlib.crc32(statuses.encode()):08x}"
