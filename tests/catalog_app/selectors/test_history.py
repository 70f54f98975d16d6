"""Histories as changes of single fields."""

import pytest
from pytest_django import DjangoAssertNumQueries

from autopack.actors import Actor
from catalog_app.choices import SourceStatus
from catalog_app.selectors.history import PER_PAGE, FieldChange, read_history
from catalog_app.services.recording import record_changed, record_created
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db


def test_a_thing_without_history_has_none(curator: Actor) -> None:
    feature = make.FeatureFactory.create()
    feature.history.all().delete()

    assert read_history(feature).changes == ()


def test_says_who_changed_which_field_from_what_to_what_and_why(curator: Actor) -> None:
    (repo,) = record_created([make.RepoFactory.build(repo_id="flask")], actor=curator, reason="Ours")
    repo.is_whitelisted, repo.notes = True, "Read it all."
    record_changed([repo], ["is_whitelisted", "notes"], actor=curator, reason="Looked at it.")

    newest, first = read_history(repo).changes

    assert (newest.kind, newest.subject, newest.who) == ("Changed", "Repository", "ada (user:7)")
    assert newest.why == "Looked at it."
    assert set(newest.fields) == {
        FieldChange("Whitelisted", "No", "Yes"),
        FieldChange("Notes", "", "Read it all."),
    }
    assert (first.kind, first.why) == ("Added", "Ours")
    assert FieldChange("Repository id", "", "flask") in first.fields


def test_a_feature_has_the_changes_of_its_sources_and_of_no_others(curator: Actor) -> None:
    source = make.SourceFactory.create(repo__repo_id="flask", paths=["src"])
    make.SourceFactory.create()
    source.feature.title = "Login"
    record_changed([source.feature], ["title"], actor=curator)
    source.status = SourceStatus.MISMATCH.value
    source.compatible_stacks = ["web", "api"]
    record_changed([source], ["status", "compatible_stacks"], actor=curator, reason="Upstream changed.")

    changes = read_history(source.feature).changes

    assert [change.subject for change in changes][:2] == ["Source flask: src", "Feature"]
    assert len(changes) == 4
    assert changes[0].fields == (
        FieldChange("Compatible stacks", "", "web\napi"),
        FieldChange("Status", "Declared", "Mismatch"),
    )


def test_is_read_in_pages_at_a_fixed_cost(
    curator: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    feature = make.SourceFactory.create().feature
    for number in range(PER_PAGE):
        feature.title = f"Title {number}"
        record_changed([feature], ["title"], actor=curator)

    with django_assert_max_num_queries(6):
        assert len(read_history(feature).changes) == PER_PAGE
    with django_assert_max_num_queries(6):
        history = read_history(feature, page="2")

    # Fifty changes of title are newer than how it was and how its source was added.
    assert len(history.changes) == 2
    assert history.page.paginator.count == PER_PAGE + 2
