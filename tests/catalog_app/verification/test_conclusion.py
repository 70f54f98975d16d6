"""From what was found to a status: the rules, one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog_app.choices import SourceStatus
from catalog_app.verification.conclusion import Claim, Conclusion, conclude
from catalog_app.verification.inspection import Inspection
from catalog_app.verification.paths import FoundPath, PathKind

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PIN, HEAD = "1" * 40, "2" * 40
THERE = (FoundPath("src", "src", PathKind.FOLDER),)
MIT = Claim("MIT")
PINNED = Claim("MIT", pinned_commit=PIN, pinned_at=NOW - timedelta(days=30))


def found(
    detected: str = "MIT", effective: str | None = None, *, commit: str = PIN, **more: object
) -> Inspection:
    inspection = Inspection(commit, THERE, detected, detected if effective is None else effective, "No text.")
    return replace(inspection, **more)  # type: ignore[arg-type] # fields by name


def judged(claim: Claim, inspection: Inspection, head: Inspection | None = None) -> Conclusion:
    return conclude(claim, inspection, head=head, now=NOW, stale_after=timedelta(days=365))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (PathKind.MISSING, "src does not exist."),
        (PathKind.SUBMODULE, "src is another repository (a submodule), which is not fetched."),
        (PathKind.OUTSIDE, "src leads out of the repository."),
    ],
)
def test_a_path_that_is_not_there_comes_before_everything(kind: PathKind, words: str) -> None:
    conclusion = judged(MIT, found("", paths=(FoundPath("src", "src", kind), *THERE)))
    assert (conclusion.status, conclusion.detail, conclusion.pin) == (SourceStatus.PATH_MISSING, words, "")


def test_no_licence_is_unknown_and_says_why() -> None:
    conclusion = judged(MIT, found(""))
    assert (conclusion.status, conclusion.detail, conclusion.pin) == (
        SourceStatus.UNKNOWN_LICENSE,
        "No text.",
        "",
    )


@pytest.mark.parametrize(
    ("declared", "detected", "words"),
    [
        ("MIT", "GPL-3.0-only", "MIT is declared and GPL-3.0-only was detected."),
        ("", "BSD-3-Clause", "not settled"),
        ("MIT", "Apache-2.0 OR MIT", "declare the whole choice"),
        ("LicenseRef-Private", "MIT", "LicenseRef-Private"),
    ],
)
def test_another_licence_than_the_declared_one_is_a_mismatch(
    declared: str, detected: str, words: str
) -> None:
    conclusion = judged(Claim(declared, is_own=True), found(detected))
    assert conclusion.status == SourceStatus.MISMATCH
    assert words in conclusion.detail
    assert f"Declare {detected}." in conclusion.detail
    assert (conclusion.detected, conclusion.effective, conclusion.pin) == (detected, detected, "")


def test_private_work_is_private_only_in_an_own_repository() -> None:
    own = judged(Claim("LicenseRef-Private", is_own=True), found(""))
    assert (own.status, own.effective) == (SourceStatus.VERIFIED, "LicenseRef-Private")
    with_vendored = judged(Claim("LicenseRef-Private", is_own=True), found("", below=("MIT",)))
    assert with_vendored.effective == "LicenseRef-Private AND MIT"
    with_unknown = judged(Claim("LicenseRef-Private", is_own=True), found("", is_below_known=False))
    assert with_unknown.status == SourceStatus.UNKNOWN_LICENSE
    foreign = judged(Claim("LicenseRef-Private"), found(""))
    assert foreign.status == SourceStatus.UNKNOWN_LICENSE


def test_an_unknown_licence_below_the_paths_is_unknown() -> None:
    conclusion = judged(MIT, found("MIT", "", effective_reason="ee/LICENSE: strange."))
    assert conclusion.status == SourceStatus.UNKNOWN_LICENSE
    assert "But below the paths: ee/LICENSE: strange." in conclusion.detail
    assert (conclusion.detected, conclusion.effective) == ("MIT", "")


def test_nested_licences_do_not_make_a_mismatch_but_are_told() -> None:
    conclusion = judged(MIT, found("MIT", "MIT AND BSD-3-Clause", contradictions=("x.py says BSD.",)))
    assert (conclusion.status, conclusion.pin) == (SourceStatus.VERIFIED, PIN)
    assert "With what is below the paths: MIT AND BSD-3-Clause." in conclusion.detail
    assert "x.py says BSD." in conclusion.detail


def test_the_first_verification_pins_what_it_looked_at() -> None:
    conclusion = judged(MIT, found(commit=HEAD))
    assert (conclusion.status, conclusion.pin, conclusion.is_of_pin) == (SourceStatus.VERIFIED, HEAD, True)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (found("GPL-3.0-only", commit=HEAD), "it was MIT, it is GPL-3.0-only"),
        (found("MIT", "MIT AND GPL-3.0-only", commit=HEAD), "with what is below: MIT AND GPL-3.0-only"),
        (found("", commit=HEAD), "it is unknown (No text.)"),
        (found("", commit=HEAD, paths=(FoundPath("src", "src", PathKind.MISSING),)), "no longer has src"),
    ],
)
def test_a_pin_is_stale_when_upstream_changed_at_its_paths(head: Inspection, words: str) -> None:
    conclusion = judged(PINNED, found(), head)
    assert (conclusion.status, conclusion.pin, conclusion.effective) == (SourceStatus.STALE, PIN, "MIT")
    assert words in conclusion.detail


def test_an_old_pin_is_stale_only_if_upstream_went_on() -> None:
    old = replace(PINNED, pinned_at=NOW - timedelta(days=366))
    assert judged(old, found(), found(commit=HEAD)).status == SourceStatus.STALE
    assert judged(old, found(), None).status == SourceStatus.VERIFIED
    assert judged(old, found(), found(commit=PIN)).status == SourceStatus.VERIFIED
    assert judged(PINNED, found(), found(commit=HEAD)).status == SourceStatus.VERIFIED


def test_a_pin_moves_only_to_what_verifies() -> None:
    moved = judged(PINNED, found(commit=HEAD))
    assert (moved.status, moved.pin, moved.is_of_pin) == (SourceStatus.VERIFIED, HEAD, True)
    stays = judged(PINNED, found("GPL-3.0-only", commit=HEAD))
    assert (stays.status, stays.pin, stays.is_of_pin) == (SourceStatus.STALE, PIN, False)
    assert (stays.outcome, stays.detected) == (SourceStatus.MISMATCH, "GPL-3.0-only")
    assert stays.detail.startswith("The pin stays where it is; it could not be moved to 222222222222: ")


def test_a_pin_that_does_not_verify_keeps_its_place() -> None:
    conclusion = judged(replace(PINNED, declared="ISC"), found())
    assert (conclusion.status, conclusion.pin) == (SourceStatus.MISMATCH, PIN)
