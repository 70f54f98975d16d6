"""Curated rows and their history."""

import pytest
from pytest_django import DjangoAssertNumQueries

from autopack.actors import Actor
from catalog_app.errors import ReasonRequired
from catalog_app.models import SourceRepo
from catalog_app.services.recording import ensure_reason, record_changed, record_created
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db


def test_a_missing_reason_names_the_fields_that_want_one() -> None:
    with pytest.raises(ReasonRequired) as caught:
        ensure_reason("  ", "pinned_commit", "license")
    assert [error["field"] for error in caught.value.errors] == ["pinned_commit", "license"]
    assert ensure_reason(" because ", "license") == "because"


def test_history_has_the_rows_as_they_were_written(curator: Actor) -> None:
    extra = {"stars": [1, 2.5, None, "é"]}
    repos = [SourceRepo(repo_id=f"r{n}", url=f"https://example.org/{n}", extra=extra) for n in range(3)]
    created = record_created(repos, actor=curator, reason="Found")
    record_changed([], ["notes"], actor=curator)
    created[1].notes = "Moved"
    before = created[1].updated_at
    record_changed([created[1]], ["notes"], actor=curator, reason="Looked")

    assert [repo.history.count() for repo in created] == [1, 2, 1]
    newest, oldest = created[1].history.all()
    assert (oldest.history_type, oldest.notes, oldest.extra) == ("+", "", extra)
    assert (oldest.history_user, oldest.history_change_reason) == ("ada (user:7)", "Found")
    assert (newest.history_type, newest.notes, newest.history_change_reason) == ("~", "Moved", "Looked")
    assert newest.updated_at > before
    assert [(change.field, change.old, change.new) for change in newest.diff_against(oldest).changes] == [
        ("notes", "", "Moved")
    ]


def test_history_takes_one_query_however_many_rows_there_are(
    curator: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stacks = make.StackFactory.create_batch(40)
    for stack in stacks:
        stack.notes = "x"
    with django_assert_num_queries(4):
        record_changed(stacks, ["notes"], actor=curator)
