"""Project type and stack together."""

import pytest

from catalog_app.briefing.types import Wish
from catalog_app.planning.deciding import decide
from catalog_app.planning.request import GivenPhase, PlanRequest
from catalog_app.planning.snapshot import StackFacts
from catalog_app.planning.types import Decisions
from tests.catalog_app.planning.catalogs import declared, feature, snapshot, wishes

STACKS = (
    StackFacts("rag", "RAG stack", project_types=("rag_app", "chatbot"), slots={"backend": "fastapi"}),
    StackFacts(
        "admin", "Admin stack", project_types=("internal_tool", "crud_app"), slots={"backend": "django"}
    ),
    StackFacts("web", "Web stack", project_types=("web_app", "crud_app", "e_commerce")),
)
CATALOG = snapshot(
    feature("shop", declared(), title="Shopping cart", category="commerce"),
    feature("sso", declared(compatible_stacks=("admin",)), title="Single sign-on"),
    stacks=STACKS,
)


def frame(**said: object) -> Decisions:
    # What a request may have is checked where requests are read.
    return decide(PlanRequest(**said), CATALOG, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["rag_app", "RAG app", " Rag-App "])
def test_a_label_is_known_however_it_is_written(written: str) -> None:
    decisions = frame(project_type=written, answers={"project-type": "chatbot"})
    assert (decisions.project_type.label, decisions.project_type.is_proposed) == ("rag_app", False)
    assert (decisions.questions, decisions.warnings) == ((), ())


def test_nothing_is_asked_for_phases_that_are_taken_over() -> None:
    for title in ("Desk", "A chatbot or a shop"):
        assert frame(title=title, given=(GivenPhase("p1", "Core", "Tables"),)).questions == ()


def test_a_label_that_no_profile_has_is_a_question_with_the_nearest_first() -> None:
    decisions = frame(project_type="intrenal_tool", title="A chatbot")
    (question,) = decisions.questions
    assert question.id == "project-type"
    assert [option.id for option in question.options[:2]] == ["internal_tool", "chatbot"]
    assert (question.options[-1].id, question.provisional) == ("as-written", "internal_tool")
    assert (decisions.project_type.label, decisions.stack.profile) == ("internal_tool", "admin")
    kept = frame(project_type="intrenal_tool", answers={"project-type": "as-written"})
    assert (kept.project_type.label, kept.questions) == ("intrenal_tool", ())
    other = frame(project_type="intrenal_tool", answers={"project-type": "e_commerce"})
    assert (other.project_type.label, other.stack.profile) == ("e_commerce", "web")


@pytest.mark.parametrize(
    ("said", "label", "reason"),
    [
        ({"title": "A RAG chatbot for our own documents"}, "rag_app", "The title says “own documents”."),
        (
            {"summary": "An internal tool for support staff"},
            "internal_tool",
            "The summary says “internal tool”.",
        ),
        (
            {"wishes": (Wish("w", "An online shop with checkout"),)},
            "e_commerce",
            "is in “An online shop with checkout”",
        ),
        ({"wishes": wishes("shop")}, "e_commerce", "“cart” fits “Shopping cart”."),
    ],
)
def test_a_label_is_proposed_from_what_is_said(said: dict[str, object], label: str, reason: str) -> None:
    decisions = frame(**said)
    assert (decisions.project_type.label, decisions.project_type.is_proposed) == (label, True)
    assert any(reason in text for text in decisions.project_type.reasons)
    assert decisions.questions == ()


def test_a_close_call_is_asked_about_only_where_it_changes_the_stack() -> None:
    decisions = frame(title="A chatbot and internal tool")
    (question,) = decisions.questions
    assert {"chatbot", "internal_tool"} <= {option.id for option in question.options}
    assert question.provisional == decisions.project_type.label
    answered = frame(title="A chatbot and internal tool", answers={"project-type": "web_app"})
    assert (answered.project_type.label, answered.stack.profile, answered.questions) == ("web_app", "web", ())
    assert frame(title="A chatbot and internal tool", stack="web").questions == ()
    assert frame(project_type="odd", stack="web").questions == ()
    assert frame(title="A RAG chatbot").questions == ()


def test_where_nothing_is_said_the_features_choose_the_stack_and_the_stack_the_label() -> None:
    decisions = frame(wishes=wishes("sso"))
    assert (decisions.stack.profile, decisions.project_type.label) == ("admin", "internal_tool")
    assert decisions.project_type.reasons[0].startswith("Nothing says what kind it is")
    assert decisions.questions == ()


def test_where_nothing_is_known_at_all_it_is_asked() -> None:
    decisions = frame(wishes=(Wish("w", "Something"),))
    (question,) = decisions.questions
    assert (question.id, question.options[0].id) == ("project-type", "crud_app")
    wrong = frame(wishes=(Wish("w", "Something"),), answers={"project-type": "xyz"})
    assert [question.id for question in wrong.questions] == ["project-type"]
    assert [warning.code for warning in wrong.warnings] == ["unknown_answer"]


def test_a_profile_that_is_not_there_is_a_question_with_the_nearest_first() -> None:
    decisions = frame(project_type="rag_app", stack="admn")
    (question,) = decisions.questions
    assert (question.id, [option.id for option in question.options]) == ("stack", ["admin", "rag", "web"])
    assert decisions.stack.profile == "admin"
    assert "unknown_stack" in [warning.code for warning in decisions.warnings]
    answered = frame(project_type="rag_app", stack="admn", answers={"stack": "web"})
    assert (answered.stack.profile, answered.questions) == ("web", ())
