"""Two templates side by side."""

from catalog_app.planning.types import PlanDocument
from catalog_app.presentation.comparing import LineGroup, compare_plans, summarise
from tests.support.plan_documents import make_document, make_feature, make_option


def lines(groups: list[LineGroup], title: str) -> dict[str, tuple[str, str]]:
    return {line.label: line.cells for group in groups if group.title == title for line in group.lines}


def shop(*extra: str) -> PlanDocument:
    login = make_feature("login", source=make_option("auth-kit"))
    return make_document(login, *(make_feature(slug) for slug in extra))


def test_nothing_is_nothing() -> None:
    groups = compare_plans((make_document(), make_document()))
    assert [group.title for group in groups] == ["Plan", "Stack"]
    assert summarise(groups) == "Neither has a feature."


def test_what_both_have_comes_first_and_differences_are_marked() -> None:
    other = make_document(
        make_feature("maps", slug=""), make_feature("login", source=make_option("django-auth"))
    )
    groups = compare_plans((shop("teams"), other))
    assert list(lines(groups, "Features").items()) == [
        ("Login", ("Reuse auth-kit", "Reuse django-auth")),
        ("Teams", ("Build new", "")),
        ("Maps", ("", "Build new")),
    ]
    features = next(group for group in groups if group.title == "Features")
    assert all(line.is_different for line in features.lines)
    assert summarise(groups) == "1 of 3 features are in both, none of them made in the same way."


def test_two_that_have_nothing_in_common_say_so() -> None:
    groups = compare_plans((shop("teams"), make_document(make_feature("maps"))))
    assert summarise(groups) == "No feature is in both."


def test_the_same_is_the_same() -> None:
    groups = compare_plans((shop("teams"), shop("teams")))
    assert not any(line.is_different for group in groups for line in group.lines)
    assert lines(groups, "Stack") == {"Profile": ("Web shop", "Web shop"), "db": ("postgres", "postgres")}
    assert lines(groups, "Plan")["Tokens, estimated"] == ("500,000", "500,000")
    assert summarise(groups) == "All 2 features are the same."
