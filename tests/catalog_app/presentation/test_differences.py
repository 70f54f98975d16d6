"""What a version has otherwise, in the row of a list."""

from catalog_app.planning.diff import diff_documents
from catalog_app.planning.document import as_json
from catalog_app.presentation.differences import say_stored_diff
from tests.support.plan_documents import make_document, make_feature


def test_without_a_difference_nothing_is_said() -> None:
    assert say_stored_diff({}) == []
    assert say_stored_diff(as_json(diff_documents(make_document(), make_document()))) == []  # type: ignore[arg-type]  # an object


def test_features_are_named_and_phases_counted() -> None:
    before = make_document(make_feature("chat"))
    after = make_document(*(make_feature(f"feature-{number}") for number in range(7)), title="Other")
    said = say_stored_diff(as_json(diff_documents(before, after)))  # type: ignore[arg-type]  # an object
    assert "Title: Other" in said
    assert "Added: Feature 0, Feature 1, Feature 2, Feature 3, Feature 4 and 2 more" in said
    assert "Removed: Chat" in said
    assert said[-1] == "8 phases differ"
