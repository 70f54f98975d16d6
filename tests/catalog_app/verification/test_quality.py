"""Quality: every part has a reason, and what was not measured does not count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_app.verification.measures import Manifest, Measures
from catalog_app.verification.quality import Quality, QualityPart, score_quality

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def days_ago(days: int) -> int:
    return int((NOW - timedelta(days=days)).timestamp())


NOTHING = Measures(
    tests=(),
    test_files=0,
    tests_elsewhere=(),
    source_files=0,
    docs=(),
    readme="",
    changelog="",
    security_policy="",
    ci=(),
    files=0,
    size_bytes=None,
    repository_files=0,
    manifests=(),
    last_commit_at=None,
    last_commit_at_paths=None,
    authors=None,
    authors_at_paths=None,
    releases=None,
    last_release="",
    last_release_at=None,
)
EVERYTHING = Measures(
    tests=("tests",),
    test_files=20,
    tests_elsewhere=(),
    source_files=100,
    docs=("docs",),
    readme="README.md",
    changelog="CHANGES.md",
    security_policy="SECURITY.md",
    ci=("GitHub Actions",),
    files=150,
    size_bytes=1_500_000,
    repository_files=200,
    manifests=(Manifest("pyproject.toml", 5),),
    last_commit_at=days_ago(10),
    last_commit_at_paths=days_ago(10),
    authors=30,
    authors_at_paths=5,
    releases=12,
    last_release="v3.1",
    last_release_at=days_ago(40),
)


def part(quality: Quality, name: str) -> QualityPart:
    return next(part for part in quality.parts if part.name == name)


def test_what_was_not_measured_says_so_and_does_not_count() -> None:
    quality = score_quality(NOTHING, NOW)
    unmeasured = {part.name for part in quality.parts if part.points is None}
    assert unmeasured == {"maintained", "authors", "releases", "dependencies"}
    assert all(part.reason == "Not measured." for part in quality.parts if part.points is None)
    without = [part for part in quality.parts if part.points is not None]
    expected = sum(part.weight * (part.points or 0) / 10 for part in without) / sum(p.weight for p in without)
    assert quality.score == round(expected, 2)


def test_the_best_has_every_point() -> None:
    quality = score_quality(EVERYTHING, NOW)
    assert quality.score == 1.0
    assert {part.points for part in quality.parts} == {10}
    assert [part.reason for part in quality.parts] == [
        "The last commit is less than a month old.",
        "20 test files for 100 other source files, such as tests.",
        "Changes are checked by GitHub Actions.",
        "There is README.md and documentation in docs.",
        "30 people wrote it.",
        "12 releases, the last one v3.1, 1 month ago.",
        "Changes are told in CHANGES.md.",
        "SECURITY.md says how to report a vulnerability.",
        "5 dependencies in pyproject.toml.",
        "150 files to take in, 1.5 MB.",
    ]


@pytest.mark.parametrize(
    ("change", "name", "points", "reason"),
    [
        ({"last_commit_at": days_ago(200)}, "maintained", 8, "The last commit is 6 months old."),
        ({"last_commit_at": days_ago(500)}, "maintained", 5, "The last commit is 16 months old."),
        ({"last_commit_at": days_ago(900)}, "maintained", 2, "The last commit is 2 years old."),
        ({"last_commit_at": days_ago(4000)}, "maintained", 0, "The last commit is 10 years old."),
        ({"last_commit_at": days_ago(-400)}, "maintained", 10, "The last commit is less than a month old."),
        (
            {"test_files": 0, "tests_elsewhere": ("tests",)},
            "tests",
            8,
            "Tests are outside of the paths, such as tests.",
        ),
        ({"test_files": 1}, "tests", 5, "Only 1 test file for 100 other source files."),
        ({"test_files": 0}, "tests", 0, "No tests were found."),
        ({"ci": ()}, "ci", 0, "No continuous integration was found."),
        ({"docs": ()}, "documentation", 5, "There is README.md and no documentation folder."),
        ({"authors": 1}, "authors", 2, "1 person wrote it."),
        ({"authors": 3}, "authors", 5, "3 people wrote it."),
        ({"authors": 6}, "authors", 8, "6 people wrote it."),
        ({"releases": 0}, "releases", 0, "No tag looks like a release."),
        ({"releases": 1}, "releases", 6, "1 release, the last one v3.1, 1 month ago."),
        ({"changelog": ""}, "change log", 0, "No change log was found."),
        ({"security_policy": ""}, "security policy", 0, "No security policy was found."),
        (
            {"manifests": (Manifest("package.json", 200),)},
            "dependencies",
            2,
            "200 dependencies in package.json.",
        ),
        ({"manifests": (Manifest("setup.py", None),)}, "dependencies", None, "Not measured."),
        ({"files": 30_000}, "size", 2, "30,000 files to take in, 1.5 MB."),
        ({"files": 1, "size_bytes": None}, "size", 10, "1 file to take in."),
    ],
)
def test_every_part_says_why(change: dict[str, object], name: str, points: int | None, reason: str) -> None:
    found = part(score_quality(replace(EVERYTHING, **change), NOW), name)  # type: ignore[arg-type] # fields by name
    assert (found.points, found.reason) == (points, reason)


@given(
    st.builds(
        Measures,
        tests=st.just(("t",)),
        tests_elsewhere=st.sampled_from([(), ("t",)]),
        docs=st.sampled_from([(), ("d",)]),
        ci=st.sampled_from([(), ("c",)]),
        manifests=st.lists(st.builds(Manifest, st.just("m"), st.none() | st.integers(0, 999))).map(tuple),
        last_commit_at=st.none() | st.integers(0, 2**33),
        last_release_at=st.none() | st.integers(0, 2**33),
        test_files=st.integers(0, 10**6),
        source_files=st.integers(0, 10**6),
        files=st.integers(0, 10**7),
        authors=st.none() | st.integers(0, 10**5),
        releases=st.none() | st.integers(0, 10**4),
        size_bytes=st.none() | st.integers(0, 10**12),
    )
)
def test_scores_stay_within_their_bounds(measures: Measures) -> None:
    quality = score_quality(measures, NOW)
    assert 0 <= quality.score <= 1
    assert all(part.reason for part in quality.parts)
    assert all(part.points is None or 0 <= part.points <= part.out_of for part in quality.parts)
