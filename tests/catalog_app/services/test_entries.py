"""Single entries as plain values: patches, and what becomes of problems."""

from typing import Any

import pytest

from autopack.actors import Actor
from catalog_app.errors import InvalidCatalog, ReasonRequired
from catalog_app.models import Feature, FeatureCatalog
from catalog_app.services.entries import EntryKind, merge_entry, save_entry
from tests.support import catalog_factories as make


@pytest.mark.parametrize(
    ("known", "patch", "merged"),
    [
        # RFC 7396, appendix A.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_are_merged_as_the_rfc_says(
    known: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]
) -> None:
    before = dict(known)
    assert merge_entry(known, patch) == merged
    assert known == before


@pytest.fixture
def catalog(db: None) -> FeatureCatalog:
    found: FeatureCatalog = make.CatalogFactory.create()
    return found


def test_problems_of_reading_and_of_the_whole_catalog_are_said_together(
    catalog: FeatureCatalog, curator: Actor
) -> None:
    written = {"id": "other", "complexity": "hard", "requires": ["nothing"]}
    with pytest.raises(InvalidCatalog) as caught:
        save_entry(catalog, EntryKind.FEATURE, "uploads", written, actor=curator)
    assert {error["pointer"] for error in caught.value.errors} == {"/id", "/complexity", "/requires/0"}
    assert not Feature.objects.exists()


def test_what_is_no_mapping_is_refused(catalog: FeatureCatalog, curator: Actor) -> None:
    # In files, a combination may be a list; here it would have no place for anything else.
    for written in (["login"], "login", None):
        with pytest.raises(InvalidCatalog, match="problem"):
            save_entry(catalog, EntryKind.COMBINATION, "pair", written, actor=curator)


def test_a_change_of_trust_wants_a_reason(catalog: FeatureCatalog, curator: Actor) -> None:
    written = {"repo_url": "https://github.com/example/lib", "whitelisted": True}
    with pytest.raises(ReasonRequired):
        save_entry(catalog, EntryKind.REPOSITORY, "lib", written, actor=curator)
    assert not save_entry(catalog, EntryKind.REPOSITORY, "lib", written, actor=curator, reason="Read.")


def test_warnings_lead_into_what_was_written(catalog: FeatureCatalog, curator: Actor) -> None:
    written = {"repos": [{"id": "lib", "repo_url": "https://github.com/a/b", "license": "BSD"}]}
    (warning,) = save_entry(catalog, EntryKind.FEATURE, "login", written, actor=curator)
    assert (warning.code, warning.origin.pointer) == ("unsettled_license", "/repos/0/license")
