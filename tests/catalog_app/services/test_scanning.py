"""Scans of real repositories, from request to conclusion: what fails first."""

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from autopack.actors import Actor
from catalog_app.choices import LicenseDecision, Ownership, ScanState, SourceStatus
from catalog_app.models import FeatureCatalog, FeatureSource, SourceScan
from catalog_app.services import scanning
from catalog_app.services.scanning import execute_scan
from catalog_app.services.trusting import set_pin
from catalog_app.services.verifying import cancel_scan, request_scan
from catalog_app.verification.detection import Detection, TemplateDetector
from tests.support.catalog_factories import RepoFactory, SourceFactory
from tests.support.license_texts import license_text
from tests.support.repos import FileContents, GitRepo
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.django_db(transaction=True)

MIT = license_text("MIT")
BSD = license_text("BSD-3-Clause")
GPL = license_text("GPL-3.0")
PYPROJECT = '[project]\nname = "shop"\ndependencies = ["django"]\n'


def make_source(repo: GitRepo, *, declared: str = "BSD-3-Clause", **more: object) -> FeatureSource:
    ownership = more.pop("ownership", Ownership.THIRD_PARTY)
    place = RepoFactory.create(fetch_from=str(repo.path), ownership=ownership, is_whitelisted=True)
    source: FeatureSource = SourceFactory.create(repo=place, declared_text=declared, **more)
    return source


def scan_now(source: FeatureSource, actor: Actor, **options: object) -> SourceScan:
    scan = request_scan(source, actor=actor, **options)  # type: ignore[arg-type] # options by name
    execute_scan(scan.pk)
    scan.refresh_from_db()
    source.refresh_from_db()
    return scan


def standing(source: FeatureSource) -> tuple[str, str, str]:
    return source.status, source.pinned_commit, source.effective_license


# What fails


@pytest.mark.parametrize(
    ("upset", "code"),
    [
        (lambda repo: repo.path.rename(repo.path.with_name("gone")), "repository_not_found"),
        (lambda repo: repo.git("update-ref", "-d", "refs/heads/main"), "empty_repository"),
        (lambda repo: (repo.git_dir / "HEAD").write_text("garbage"), "repository_not_found"),
    ],
)
def test_a_repository_that_cannot_be_had_is_unreachable(
    upstreams: Upstreams, curator: Actor, upset: Callable[[GitRepo], None], code: str
) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    upset(repo)
    scan = scan_now(source, curator)
    assert (scan.state, scan.error_code, scan.outcome) == (ScanState.FAILED, code, "")
    assert source.status == SourceStatus.UNREACHABLE
    assert source.unreachable_since is not None
    assert source.last_scan is None


def test_a_failed_scan_never_erases_the_last_good_one(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    good = scan_now(source, curator)
    before = standing(source)
    repo.path.rename(repo.path.with_name("gone"))
    for _ in range(2):
        assert scan_now(source, curator).state == ScanState.FAILED
    assert standing(source) == before
    assert source.status == SourceStatus.VERIFIED
    assert source.last_scan_id == good.pk
    assert source.unreachable_since is not None
    assert FeatureSource.objects.usable().filter(pk=source.pk).exists()
    repo.path.with_name("gone").rename(repo.path)
    scan_now(source, curator)
    assert source.unreachable_since is None


def test_what_was_asked_for_in_vain_says_nothing_about_the_source(
    upstreams: Upstreams, curator: Actor
) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = scan_now(source, curator, revision="no-such-branch")
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "unknown_revision")
    assert (source.status, source.unreachable_since) == (SourceStatus.DECLARED, None)


def test_a_place_that_is_no_longer_allowed_is_not_fetched(
    upstreams: Upstreams, curator: Actor, settings: Settings
) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = request_scan(source, actor=curator)
    settings.FETCH_ROOTS = []
    execute_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "outside_roots")
    assert not (upstreams.mirrors).exists()


def test_one_that_is_too_large_is_refused(upstreams: Upstreams, curator: Actor, settings: Settings) -> None:
    settings.MIRROR_MAX_BYTES = 1 << 20
    source = make_source(upstreams.make({"big.bin": os.urandom(3 << 20)}, is_partial=False))
    scan = scan_now(source, curator)
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "too_large")
    assert "AUTOPACK_MIRROR_MAX_MB" in scan.detail


def test_a_pin_that_upstream_has_lost_is_unreachable_and_stays(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    lost = "1" * 40
    set_pin(source, lost, actor=curator, reason="From a plan of old.")
    scan = scan_now(source, curator)
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "pin_gone")
    assert (source.status, source.pinned_commit) == (SourceStatus.UNREACHABLE, lost)


def test_a_cancelled_scan_leaves_the_source_alone(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = request_scan(source, actor=curator)

    class Cancelling(TemplateDetector):
        def detect(self, text: str) -> Detection:
            cancel_scan(scan, actor=curator, reason="Enough.")
            return super().detect(text)

    execute_scan(scan.pk, detector=Cancelling())
    scan.refresh_from_db()
    source.refresh_from_db()
    assert (scan.state, scan.detail) == (ScanState.CANCELLED, "Cancelled by ada: Enough.")
    assert (source.status, source.last_scan) == (SourceStatus.DECLARED, None)


def test_a_fetch_is_cancelled_within_seconds(
    upstreams: Upstreams, curator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "BEAT_SECONDS", 0.01)
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = request_scan(source, actor=curator)
    SourceScan.objects.filter(pk=scan.pk).update(is_cancel_requested=True)
    execute_scan(scan.pk)
    scan.refresh_from_db()
    assert scan.state == ScanState.CANCELLED
    assert scan.times_started == 0


def test_what_a_curator_changed_meanwhile_counts(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD, "src/a.py": "1"}), paths=["src"])

    def scan_while(change: Callable[[], object], *, is_repin: bool = False) -> SourceScan:
        scan = request_scan(source, actor=curator, is_repin=is_repin)

        class Busy(TemplateDetector):
            def detect(self, text: str) -> Detection:
                change()
                return super().detect(text)

        execute_scan(scan.pk, detector=Busy())
        scan.refresh_from_db()
        source.refresh_from_db()
        return scan

    mine = FeatureSource.objects.filter(pk=source.pk)
    overtaken = scan_while(lambda: mine.update(paths=[]))
    assert (overtaken.state, overtaken.error_code) == (ScanState.FAILED, "source_changed")
    assert source.status == SourceStatus.DECLARED
    overtaken = scan_while(lambda: mine.update(pinned_commit="2" * 40))
    assert overtaken.error_code == "source_changed"
    overtaken = scan_while(lambda: mine.update(pinned_commit="3" * 40), is_repin=True)
    assert (overtaken.error_code, source.pinned_commit) == ("source_changed", "3" * 40)
    mine.update(pinned_commit="")
    heard = scan_while(lambda: mine.update(declared_license="MIT"))
    assert (heard.state, source.status) == (ScanState.DONE, SourceStatus.MISMATCH)


def test_a_worker_that_was_given_up_for_dead_writes_nothing(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = request_scan(source, actor=curator)

    class Overtaken(TemplateDetector):
        def detect(self, text: str) -> Detection:
            SourceScan.objects.filter(pk=scan.pk).update(times_started=2)
            return super().detect(text)

    execute_scan(scan.pk, detector=Overtaken())
    scan.refresh_from_db()
    source.refresh_from_db()
    assert (scan.state, scan.commit) == (ScanState.INSPECTING, "")
    assert source.status == SourceStatus.DECLARED
    execute_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.times_started) == (ScanState.DONE, 3)


def test_a_scan_that_kills_its_worker_again_and_again_is_given_up(
    upstreams: Upstreams, curator: Actor
) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = request_scan(source, actor=curator)
    SourceScan.objects.filter(pk=scan.pk).update(
        times_started=scanning.MOST_STARTS, state=ScanState.FETCHING.value
    )
    execute_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "worker_died")
    source.refresh_from_db()
    assert source.status == SourceStatus.DECLARED


def test_an_ended_or_unknown_scan_is_left_alone(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}))
    scan = scan_now(source, curator)
    finished_at = scan.finished_at
    execute_scan(scan.pk)
    execute_scan(999_999)
    scan.refresh_from_db()
    assert scan.finished_at == finished_at


# The four cases of the issue


def test_a_source_is_verified_end_to_end(upstreams: Upstreams, curator: Actor) -> None:
    files: FileContents = {
        "LICENSE": BSD,
        "src/shop/cart.py": "1",
        "tests/test_cart.py": "1",
        "README.md": "# Shop",
        "pyproject.toml": PYPROJECT,
    }
    repo = upstreams.make(files)
    source = make_source(repo, paths=["src/shop"])
    version = FeatureCatalog.objects.get().version
    scan = scan_now(source, curator, reason="First look.")
    assert (scan.state, scan.outcome, scan.commit) == (ScanState.DONE, SourceStatus.VERIFIED, repo.head())
    assert (scan.detected_license, scan.effective_license) == ("BSD-3-Clause", "BSD-3-Clause")
    assert (scan.progress_percent, scan.times_started) == (100, 1)
    assert standing(source) == (SourceStatus.VERIFIED, repo.head(), "BSD-3-Clause")
    assert (source.license_decision, source.last_scan_id) == (LicenseDecision.ALLOWED, scan.pk)
    assert source.quality_score is not None
    assert source.quality_score > Decimal(0)
    assert source.quality_score == scan.quality_score
    parts = {part["name"]: part for part in scan.quality["parts"]}
    assert parts["tests"]["reason"] == "Tests are outside of the paths, such as tests."
    assert parts["dependencies"]["reason"] == "1 dependency in pyproject.toml."
    (evidence,) = scan.evidence["evidence"]
    assert (evidence["file"], evidence["method"], evidence["lines"]) == ("LICENSE", "licence text", [6, 29])
    assert FeatureSource.objects.usable().filter(pk=source.pk).exists()
    last = source.history.first()
    assert last is not None
    assert last.history_user == "scanner (system:scanner)"
    assert last.history_change_reason == f"Scan {scan.pk}, asked for by ada (user:7): First look."
    assert FeatureCatalog.objects.get().version == version + 1


def test_without_a_licence_it_is_unknown_and_blocks(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"src/shop/cart.py": "1", "pyproject.toml": PYPROJECT})
    source = make_source(repo, paths=["src/shop"])
    scan = scan_now(source, curator)
    assert (scan.outcome, source.status) == (SourceStatus.UNKNOWN_LICENSE, SourceStatus.UNKNOWN_LICENSE)
    assert (source.pinned_commit, source.effective_license) == ("", "")
    assert source.license_decision == LicenseDecision.DENIED
    assert "no licence file" in source.status_detail


def test_another_licence_is_a_mismatch_and_blocks(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": GPL, "src/shop/cart.py": "1"}), paths=["src/shop"])
    scan_now(source, curator)
    assert standing(source) == (SourceStatus.MISMATCH, "", "GPL-3.0-only")
    assert source.license_decision == LicenseDecision.DENIED
    assert "BSD-3-Clause is declared and GPL-3.0-only was detected" in source.status_detail
    assert source.quality_score is not None


def test_the_licence_of_the_path_wins(upstreams: Upstreams, curator: Actor) -> None:
    files = {"LICENSE": BSD, "src/shop/cart.py": "1", "src/pay/COPYING": GPL, "src/pay/card.py": "1"}
    repo = upstreams.make(files)
    below = make_source(repo, paths=["src/pay"])
    scan_now(below, curator)
    assert standing(below) == (SourceStatus.MISMATCH, "", "GPL-3.0-only")
    beside = make_source(repo, paths=["src/shop"])
    scan_now(beside, curator)
    assert standing(beside) == (SourceStatus.VERIFIED, repo.head(), "BSD-3-Clause")
    whole = make_source(repo)
    scan_now(whole, curator)
    assert standing(whole) == (SourceStatus.VERIFIED, repo.head(), "BSD-3-Clause AND GPL-3.0-only")
    assert whole.nested_licenses == {"src/pay": "GPL-3.0-only"}
    assert whole.license_decision == LicenseDecision.DENIED


# Pins


def test_a_pin_stays_while_upstream_goes_on(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    scan_now(source, curator)
    pin = repo.head()
    repo.commit("More", {"new.py": "1"})
    scan = scan_now(source, curator)
    assert (scan.commit, scan.head_commit) == (pin, repo.head())
    assert standing(source) == (SourceStatus.VERIFIED, pin, "BSD-3-Clause")


def test_a_pin_is_stale_when_the_licence_changed_upstream(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    scan_now(source, curator)
    pin = repo.head()
    repo.commit("Change of heart", {"LICENSE": GPL})
    scan = scan_now(source, curator)
    assert standing(source) == (SourceStatus.STALE, pin, "BSD-3-Clause")
    assert "it was BSD-3-Clause, it is GPL-3.0-only" in source.status_detail
    assert scan.evidence["head"]["detected"] == "GPL-3.0-only"
    assert not FeatureSource.objects.usable().exists()


def test_a_pin_moves_to_the_head_or_to_a_revision_that_verifies(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    scan_now(source, curator)
    first = repo.head()
    second = repo.commit("More", {"new.py": "1"})
    scan_now(source, curator, is_repin=True)
    assert source.pinned_commit == second
    repo.git("tag", "v1.0", first)
    scan_now(source, curator, revision="v1.0")
    assert standing(source) == (SourceStatus.VERIFIED, first, "BSD-3-Clause")


def test_a_pin_does_not_move_to_what_does_not_verify(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    good = scan_now(source, curator)
    pin = repo.head()
    repo.commit("Change of heart", {"LICENSE": GPL})
    scan = scan_now(source, curator, is_repin=True)
    assert (scan.outcome, scan.detected_license) == (SourceStatus.MISMATCH, "GPL-3.0-only")
    assert standing(source) == (SourceStatus.STALE, pin, "BSD-3-Clause")
    assert source.status_detail.startswith("The pin stays where it is; it could not be moved to ")
    assert (source.last_scan_id, source.quality_score) == (good.pk, good.quality_score)


def test_an_old_pin_is_stale_once_upstream_went_on(
    upstreams: Upstreams, curator: Actor, settings: Settings
) -> None:
    settings.STALE_AFTER_MONTHS = 6
    repo = upstreams.make({"LICENSE": BSD})
    source = make_source(repo)
    scan_now(source, curator)
    FeatureSource.objects.update(pinned_at=timezone.now() - timedelta(days=200))
    scan_now(source, curator)
    assert source.status == SourceStatus.VERIFIED
    repo.commit("More", {"new.py": "1"})
    scan_now(source, curator)
    assert source.status == SourceStatus.STALE


def test_the_branch_of_the_repository_is_looked_at(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": GPL})
    repo.git("checkout", "--quiet", "-b", "stable")
    stable = repo.commit("Stable", {"LICENSE": BSD})
    repo.git("checkout", "--quiet", "main")
    source = make_source(repo)
    source.repo.default_branch = "stable"
    source.repo.save()
    scan_now(source, curator)
    assert standing(source) == (SourceStatus.VERIFIED, stable, "BSD-3-Clause")


# What is not like the others


def test_paths_that_are_gone_are_missing(upstreams: Upstreams, curator: Actor) -> None:
    source = make_source(upstreams.make({"LICENSE": BSD}), paths=["src/shop", "line\nbreak"])
    scan = scan_now(source, curator)
    assert (scan.outcome, scan.quality_score) == (SourceStatus.PATH_MISSING, None)
    assert source.status_detail == "src/shop does not exist. line\\nbreak does not exist."


def test_private_work_of_our_own_needs_no_licence(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"src/shop/cart.py": "1"})
    own = make_source(repo, declared="LicenseRef-Private", ownership=Ownership.OWN)
    scan_now(own, curator)
    assert standing(own) == (SourceStatus.VERIFIED, repo.head(), "LicenseRef-Private")
    foreign = make_source(upstreams.make({"LICENSE": MIT}, name="b"), declared="LicenseRef-Private")
    scan_now(foreign, curator)
    assert foreign.status == SourceStatus.MISMATCH


def test_what_files_say_can_always_be_stored(upstreams: Upstreams, curator: Actor) -> None:
    nasty = MIT + "\nNo commercial \x01\x7f use \N{REPLACEMENT CHARACTER}.\n" + "x" * 9000 + "\x00"
    repo = upstreams.make({"LICENSE": nasty, "caf\udce9/LICENSE": BSD, "a\nb/LICENSE": BSD})
    scan = scan_now(make_source(repo), curator)
    assert scan.outcome == SourceStatus.UNKNOWN_LICENSE
    assert set(scan.evidence["nested"]) == {"caf\\xe9", "a\\nb"}
