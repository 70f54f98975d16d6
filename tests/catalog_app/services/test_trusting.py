"""What curators decide about trust."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.errors import ReasonRequired
from catalog_app.models import FeatureSource
from catalog_app.services import row_writing, saving, trusting
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START
from tests.support.catalog_yaml import read_text
from tests.support.factories import object_id

pytestmark = pytest.mark.django_db

WITHOUT_REASON: list[tuple[str, Callable[[FeatureSource, Actor], Any]]] = [
    ("whitelisted", lambda s, a: trusting.whitelist_repos([s.repo], actor=a, reason=" ")),
    ("whitelisted", lambda s, a: trusting.unlist_repos([s.repo], actor=a, reason="")),
    ("pinned_commit", lambda s, a: trusting.set_pin(s, "a" * 40, actor=a, reason="")),
    ("retired", lambda s, a: trusting.retire_features([s.feature], actor=a, reason="")),
    ("retired", lambda s, a: trusting.restore_features([s.feature], actor=a, reason="")),
    ("retired", lambda s, a: trusting.retire_sources([s], actor=a, reason="")),
    ("retired", lambda s, a: trusting.restore_sources([s], actor=a, reason="\n")),
]


@pytest.mark.parametrize(("field", "call"), WITHOUT_REASON)
def test_refuses_changes_of_trust_without_a_reason(
    field: str, call: Callable[[FeatureSource, Actor], Any], curator: Actor
) -> None:
    source = make.SourceFactory.create()
    rows = source.history.count()

    with pytest.raises(ReasonRequired) as refusal:
        call(source, curator)

    assert [error["field"] for error in refusal.value.errors] == [field]
    assert source.history.count() == rows


def test_refuses_to_whitelist_a_repository_without_an_address(curator: Actor) -> None:
    placeless = make.RepoFactory.create(url="https://github.com/...", url_key="")
    fine = make.RepoFactory.create()

    with pytest.raises(Refused) as refusal:
        trusting.whitelist_repos([fine, placeless], actor=curator, reason="ours")

    assert refusal.value.problem_code == "repository_without_address"
    fine.refresh_from_db()
    assert not fine.is_whitelisted


@pytest.mark.parametrize("commit", ["main", "abc1234", "g" * 40, "a" * 41, "--all"])
def test_refuses_pins_that_are_no_object_names(commit: str, curator: Actor) -> None:
    with pytest.raises(Refused) as refusal:
        trusting.set_pin(make.SourceFactory.create(), commit, actor=curator, reason="r")

    assert refusal.value.problem_code == "invalid_commit"


@pytest.mark.parametrize("judgement", ["-0.1", "1.01"])
def test_refuses_judgements_out_of_range(judgement: str, curator: Actor) -> None:
    with pytest.raises(Refused):
        trusting.set_judgement(make.SourceFactory.create(), Decimal(judgement), actor=curator)


def test_whitelisting_makes_a_verified_source_usable_and_is_recorded(curator: Actor) -> None:
    source = make.verified_source()
    version = source.feature.catalog.version

    changed = trusting.whitelist_repos([source.repo], actor=curator, reason="Read it all.")

    assert changed == [source.repo]
    assert list(FeatureSource.objects.usable()) == [source]
    newest = source.repo.history.first()
    assert newest is not None
    assert (newest.history_user, newest.history_change_reason) == ("ada (user:7)", "Read it all.")
    source.feature.catalog.refresh_from_db()
    assert source.feature.catalog.version == version + 1


def test_repeating_a_decision_changes_nothing(curator: Actor) -> None:
    source = make.verified_source()
    trusting.whitelist_repos([source.repo], actor=curator, reason="Read it all.")
    catalog = source.feature.catalog
    catalog.refresh_from_db()
    before = (catalog.version, source.repo.history.count(), source.history.count())

    assert trusting.whitelist_repos([source.repo], actor=curator, reason="Again.") == []
    trusting.set_pin(source, source.pinned_commit, actor=curator, reason="Again.")

    catalog.refresh_from_db()
    assert (catalog.version, source.repo.history.count(), source.history.count()) == before


def test_a_new_pin_is_merely_declared_until_a_scan_verifies_it(curator: Actor) -> None:
    source = make.verified_source()

    pinned = trusting.set_pin(source, object_id("other"), actor=curator, reason="A release.")

    assert pinned.status == SourceStatus.DECLARED
    assert (pinned.detected_license, pinned.quality_score, pinned.verified_at) == ("", None, None)
    assert source.scans.count() == 1


def test_going_back_to_a_verified_pin_needs_no_new_scan(curator: Actor) -> None:
    source = make.verified_source()
    verified = source.pinned_commit
    trusting.set_pin(source, object_id("other"), actor=curator, reason="A release.")

    back = trusting.set_pin(source, verified, actor=curator, reason="The release is broken.")

    assert back.status == SourceStatus.VERIFIED
    assert back.verified_at == START
    assert back.quality_score == Decimal("0.80")


def test_a_pin_whose_scan_found_another_licence_is_a_mismatch(curator: Actor) -> None:
    source = make.SourceFactory.create()
    scan = make.ScanFactory.create(
        source=source,
        state=ScanState.DONE.value,
        outcome=SourceStatus.MISMATCH.value,
        commit=object_id("gpl"),
        detected_license="GPL-3.0-only",
        effective_license="GPL-3.0-only",
        finished_at=START,
    )

    pinned = trusting.set_pin(source, scan.commit, actor=curator, reason="Try it.")

    assert pinned.status == SourceStatus.MISMATCH
    assert pinned.license_decision == "denied"


def test_a_settled_mismatch_is_not_verified_while_what_is_below_is_unknown(curator: Actor) -> None:
    source = make.SourceFactory.create(declared_text="GPL-3.0-only", declared_license="GPL-3.0-only")
    scan = make.ScanFactory.create(
        source=source,
        state=ScanState.DONE.value,
        outcome=SourceStatus.MISMATCH.value,
        commit=object_id("mixed"),
        detected_license="GPL-3.0-only",
        effective_license="",
        evidence={"effective_reason": "ee/LICENSE: words of a lawyer."},
        finished_at=START,
    )

    pinned = trusting.set_pin(source, scan.commit, actor=curator, reason="It is declared as found now.")

    assert (pinned.status, pinned.verified_at) == (SourceStatus.UNKNOWN_LICENSE, None)
    assert "ee/LICENSE" in pinned.status_detail


def test_unpinning_leaves_a_source_that_its_last_scan_no_longer_covers_declared(curator: Actor) -> None:
    source = make.verified_source()
    trusting.set_pin(source, object_id("other"), actor=curator, reason="A release.")

    unpinned = trusting.set_pin(source, "", actor=curator, reason="Back to the head.")

    assert (unpinned.pinned_commit, unpinned.status) == ("", SourceStatus.DECLARED)


def test_unpinning_a_verified_source_takes_its_pin_and_its_trust(curator: Actor) -> None:
    source = make.verified_source(repo=make.RepoFactory.create(is_whitelisted=True))

    unpinned = trusting.set_pin(source, "", actor=curator, reason="Do not take this one.")

    assert (unpinned.pinned_commit, unpinned.status) == ("", SourceStatus.DECLARED)
    assert not FeatureSource.objects.usable().exists()


def test_a_judgement_stands_beside_the_measured_quality(curator: Actor) -> None:
    source = make.verified_source()

    judged = trusting.set_judgement(source, Decimal("0.955"), note="Used it twice.", actor=curator)

    assert (judged.judgement, judged.judgement_note) == (Decimal("0.96"), "Used it twice.")
    assert judged.quality_score == Decimal("0.80")


def test_refuses_to_retire_what_others_require_and_to_restore_what_lacks_something(curator: Actor) -> None:
    catalog = make.CatalogFactory.create()
    needed = make.FeatureFactory.create(catalog=catalog, slug="login")
    needing = make.FeatureFactory.create(catalog=catalog, slug="cart", requires=["login", "never-there"])
    make.FeatureFactory.create(catalog=make.CatalogFactory.create(slug="other"), requires=["login"])

    with pytest.raises(Refused) as refusal:
        trusting.retire_features([needed], actor=curator, reason="Old")
    assert refusal.value.problem_code == "feature_required"
    assert [error["detail"] for error in refusal.value.errors] == ["cart requires login."]
    needed.refresh_from_db()
    assert needed.retired_at is None
    assert needed.history.count() == 1

    needing.requires = ["login"]
    needing.save()
    assert len(trusting.retire_features([needed, needing], actor=curator, reason="Old")) == 2
    with pytest.raises(Refused, match=r"cart requires login\."):
        trusting.restore_features([needing], actor=curator, reason="Back")
    assert len(trusting.restore_features([needing, needed], actor=curator, reason="Back")) == 2


def test_what_is_retired_comes_back_as_it_was(curator: Actor) -> None:
    source = make.verified_source(repo=make.RepoFactory.create(is_whitelisted=True))

    trusting.retire_features([source.feature], actor=curator, reason="Nobody needs it.")
    assert not FeatureSource.objects.usable().exists()

    trusting.restore_features([source.feature], actor=curator, reason="Somebody does.")
    assert list(FeatureSource.objects.usable()) == [source]


def test_stacks_are_retired_and_restored_with_a_reason(curator: Actor) -> None:
    stack = make.StackFactory.create()
    with pytest.raises(ReasonRequired):
        trusting.retire_stacks([stack], actor=curator, reason="")

    assert trusting.retire_stacks([stack], actor=curator, reason="Unused.") == [stack]
    assert trusting.restore_stacks([stack], actor=curator, reason="Used again.") == [stack]


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_being_saved_undoes_what_is_unlisted_meanwhile(
    curator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`listed` is in no catalog yet: whoever takes it off the whitelist has no catalog to wait for."""
    catalog = make.CatalogFactory.create()
    listed, other = make.RepoFactory.create(is_whitelisted=True), make.RepoFactory.create()
    waited: list[bool] = []

    def unlist() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            trusting.unlist_repos([listed], actor=curator, reason="Its authors changed.")
        except OperationalError:
            waited.append(True)
        finally:
            connections.close_all()

    def write_rows(*args: Any, **options: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(unlist).result(timeout=30)
        row_writing.write_rows(*args, **options)

    monkeypatch.setattr(saving, "write_rows", write_rows)
    source = f"{{id: {listed.repo_id}, license: MIT, default_branch: main}}"
    content, _, _ = read_text(
        f"repositories: {{{other.repo_id}: {{whitelisted: true}}}}\nfeatures: {{a: {{repos: [{source}]}}}}"
    )
    saving.save_content(catalog, content, actor=curator, reason="New", is_complete=False)

    listed.refresh_from_db()
    assert waited or not listed.is_whitelisted
