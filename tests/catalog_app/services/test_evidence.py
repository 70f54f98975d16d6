"""Reading stored scans again."""

import pytest

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.services.evidence import reconsider
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START
from tests.support.factories import object_id

pytestmark = pytest.mark.django_db


def test_a_pin_that_could_not_be_moved_stays_stale_whatever_is_declared_meanwhile() -> None:
    source = make.verified_source()
    make.ScanFactory.create(
        source=source,
        state=ScanState.DONE.value,
        is_repin=True,
        outcome=SourceStatus.MISMATCH.value,
        detail="GPL-3.0-only was detected.",
        commit=object_id("upstream"),
        finished_at=START,
    )
    for declared in ("ISC", "MIT"):
        source.declared_license = declared
        reconsider([source])

    assert source.status == SourceStatus.STALE
    assert "GPL-3.0-only" in source.status_detail


def test_what_was_verified_again_after_a_failed_move_is_verified() -> None:
    source = make.verified_source()
    for commit, outcome in ((object_id("upstream"), "mismatch"), (source.pinned_commit, "verified")):
        make.ScanFactory.create(
            source=source,
            state=ScanState.DONE.value,
            is_repin=True,
            outcome=outcome,
            detected_license="MIT",
            effective_license="MIT",
            commit=commit,
            finished_at=START,
        )

    reconsider([source])

    assert source.status == SourceStatus.VERIFIED
