"""How good a source is to reuse, from what was measured, after OpenSSF Scorecard: each part has a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from catalog_app.verification.measures import Measures

OUT_OF: Final = 10
_DAYS_OF_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class QualityPart:
    """`points` of `out_of`; None is "not measured", and does not count."""

    name: str
    points: int | None
    weight: int
    reason: str
    out_of: int = OUT_OF


@dataclass(frozen=True, slots=True)
class Quality:
    """`score`: 0 to 1 with two decimals, the weighted mean of the parts that were measured."""

    score: float
    parts: tuple[QualityPart, ...]


def score_quality(measures: Measures, now: datetime) -> Quality:
    parts = (
        _maintained(measures, now),
        _tests(measures),
        _ci(measures),
        _documentation(measures),
        _authors(measures),
        _releases(measures, now),
        _change_log(measures),
        _security(measures),
        _dependencies(measures),
        _size(measures),
    )
    measured = [(part.points / part.out_of, part.weight) for part in parts if part.points is not None]
    total = sum(weight for _, weight in measured)
    score = sum(share * weight for share, weight in measured) / total if total else 0.0
    return Quality(round(score, 2), parts)


def _maintained(measures: Measures, now: datetime) -> QualityPart:
    if measures.last_commit_at is None:
        return _not_measured("maintained", 3)
    months = _months(measures.last_commit_at, now)
    points = _by_steps(months, ((3, 10), (12, 8), (24, 5), (36, 2)), 0)
    return QualityPart("maintained", points, 3, f"The last commit is {_ago(months)} old.")


def _tests(measures: Measures) -> QualityPart:
    if not measures.test_files and not measures.tests_elsewhere:
        return QualityPart("tests", 0, 3, "No tests were found.")
    if not measures.test_files:
        return QualityPart(
            "tests", 8, 3, f"Tests are outside of the paths, such as {measures.tests_elsewhere[0]}."
        )
    if measures.test_files * 10 >= measures.source_files:
        others = _count(measures.source_files, "other source file")
        words = f"{_count(measures.test_files, 'test file')} for {others}, such as {measures.tests[0]}."
        return QualityPart("tests", 10, 3, words)
    words = f"Only {_count(measures.test_files, 'test file')} for {measures.source_files} other source files."
    return QualityPart("tests", 5, 3, words)


def _ci(measures: Measures) -> QualityPart:
    if measures.ci:
        return QualityPart("ci", 10, 2, f"Changes are checked by {', '.join(measures.ci)}.")
    return QualityPart("ci", 0, 2, "No continuous integration was found.")


def _documentation(measures: Measures) -> QualityPart:
    points = 5 * bool(measures.readme) + 5 * bool(measures.docs)
    readme = measures.readme or "no readme"
    docs = f"documentation in {measures.docs[0]}" if measures.docs else "no documentation folder"
    return QualityPart("documentation", points, 2, f"There is {readme} and {docs}.")


def _authors(measures: Measures) -> QualityPart:
    if measures.authors is None:
        return _not_measured("authors", 2)
    points = (
        10 if measures.authors >= 10 else 8 if measures.authors >= 5 else 5 if measures.authors >= 2 else 2
    )
    return QualityPart("authors", points, 2, f"{_count(measures.authors, 'person', 'people')} wrote it.")


def _releases(measures: Measures, now: datetime) -> QualityPart:
    if measures.releases is None:
        return _not_measured("releases", 1)
    if not measures.releases or measures.last_release_at is None:
        return QualityPart("releases", 0, 1, "No tag looks like a release.")
    months = _months(measures.last_release_at, now)
    points = 10 if measures.releases >= 3 and months <= 24 else 6
    words = (
        f"{_count(measures.releases, 'release')}, the last one {measures.last_release}, {_ago(months)} ago."
    )
    return QualityPart("releases", points, 1, words)


def _change_log(measures: Measures) -> QualityPart:
    if measures.changelog:
        return QualityPart("change log", 10, 1, f"Changes are told in {measures.changelog}.")
    return QualityPart("change log", 0, 1, "No change log was found.")


def _security(measures: Measures) -> QualityPart:
    if measures.security_policy:
        words = f"{measures.security_policy} says how to report a vulnerability."
        return QualityPart("security policy", 10, 1, words)
    return QualityPart("security policy", 0, 1, "No security policy was found.")


def _dependencies(measures: Measures) -> QualityPart:
    counts = [m.dependencies for m in measures.manifests if m.dependencies is not None]
    if not counts:
        return _not_measured("dependencies", 1)
    most = max(counts)
    points = _by_steps(most, ((10, 10), (30, 7), (80, 4)), 2)
    files = ", ".join(manifest.file for manifest in measures.manifests[:3])
    declared = _count(most, "dependency", "dependencies")
    return QualityPart("dependencies", points, 1, f"{declared} in {files}.")


def _size(measures: Measures) -> QualityPart:
    points = _by_steps(measures.files, ((500, 10), (2_000, 7), (10_000, 4)), 2)
    size = "" if measures.size_bytes is None else f", {measures.size_bytes / 1e6:.1f} MB"
    return QualityPart("size", points, 1, f"{_count(measures.files, 'file')} to take in{size}.")


def _not_measured(name: str, weight: int) -> QualityPart:
    return QualityPart(name, None, weight, "Not measured.")


def _by_steps(value: float, steps: Sequence[tuple[float, int]], beyond: int) -> int:
    return next((points for limit, points in steps if value <= limit), beyond)


def _months(at: int, now: datetime) -> float:
    """0 for a clock that runs ahead."""
    return max(0.0, (now - datetime.fromtimestamp(at, UTC)).days / _DAYS_OF_MONTH)


def _ago(months: float) -> str:
    if months < 1:
        return "less than a month"
    if months < 24:
        return _count(int(months), "month")
    return _count(int(months // 12), "year")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
