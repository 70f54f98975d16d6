from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_app.briefing.types import Pin, Place, Veto, Wish
from catalog_app.choices import ParameterType, PlanMode, Strength, TemplateOrigin
from catalog_app.plan_files.content import TemplateContent, folder_of
from catalog_app.plan_files.reading import ReadTemplates, read_templates
from catalog_app.plan_files.writing import write_template, write_template_yaml
from catalog_app.planning.document import write_document
from catalog_app.planning.planner import make_plan
from catalog_app.planning.request import GivenPhase, Parameter, PlanRequest
from catalog_app.planning.snapshot import Snapshot

SNAPSHOT = Snapshot("main", "1" * 64, "default", "2" * 64, {}, ())
REQUEST = PlanRequest(
    title="A desk for {{team}}",
    summary="Two lines,\none of them: with a colon # and a hash",
    mode=PlanMode.DRAFT,
    wishes=(
        Wish("login", "Users sign in", ("auth",), "", Strength.MUST, ("no passwords in logs",)),
        Wish("tickets", "2026-01-01", pin=Pin("desk", ("src/a", "b")), places=(Place(3, ("Core",)),)),
    ),
    vetoes=(Veto("no-teams", "teams"),),
    slots={"db": "postgres", "backend": "django"},
    answers={f"conflict:{'a' * 100}:{'b' * 100}": "both"},
    parameters=(Parameter("team", ParameterType.CHOICE, "yes", choices=("yes", "1.0")),),
    given=(GivenPhase("P1", "Data", "Tables", spec={"z": {"b": 1.0, "a": [1, None]}, "a": "null"}),),
)


def content_of(request: PlanRequest, **said: object) -> TemplateContent:
    plan = make_plan(request, SNAPSHOT, {})
    content = TemplateContent("desk", "Desk", request, write_document(plan).decode())
    return replace(content, **said)  # type: ignore[arg-type]  # whatever a test says


def read(text: str, name: str = "template.yaml") -> ReadTemplates:
    return read_templates([(name, text.encode())])


def problems_of(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: [", [(1, "unreadable")]),
        ("- 1\n", [(1, "wrong_kind"), (1, "missing"), (1, "missing"), (1, "missing")]),
        (
            "format: 9\ntemplate_id: ../etc\ntitle: ' '\nrequest:\n  features:\n  - {qoute: Sign in}\nx: 1\n",
            [
                (1, "unknown_format"),
                (2, "bad_name"),
                (3, "empty"),
                (6, "missing"),
                (6, "unknown_key"),
                (7, "unknown_key"),
            ],
        ),
        ("template_id: a\ntitle: A\ntitle: B\nrequest: {}\n", [(3, "same_key")]),
        (
            "template_id: a\ntitle: A\nrequest:\n  parameters:\n  - {name: n, type: number, default: x}\n",
            [(5, "wrong_value")],
        ),
        ("template_id: a\ntitle: A\norigin: {kind: moon}\nrequest: {}\n", [(3, "unknown_value")]),
        ("template_id: a\ntitle: A\nversion: 1000000001\nrequest: {}\n", [(3, "too_large")]),
        (
            f"template_id: a\ntitle: {'A' * 201}\ntags: ['']\nrequest: {{}}\n",
            [(2, "too_long"), (3, "bad_tag")],
        ),
    ],
)
def test_everything_wrong_is_said_with_its_line(text: str, problems: list[tuple[int, str]]) -> None:
    assert problems_of(text) == problems


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert [p.code for p in read_templates([("template.yaml", b" " * 64_000_001)]).problems] == ["too_large"]


def test_a_plan_that_was_changed_by_hand_is_refused() -> None:
    text = write_template_yaml(content_of(REQUEST))
    changed = text.replace("  mode: draft\n  parameters", "  mode: zero_intervention\n  parameters")
    assert [code for _, code in problems_of(changed)] == ["plan_edited"]
    without_digest = "\n".join(line for line in text.split("\n") if not line.startswith("plan_digest"))
    assert [code for _, code in problems_of(without_digest)] == ["plan_edited"]


def test_something_that_is_no_plan_is_refused() -> None:
    plan = '{"title":"x"}'
    assert [p.code for p in read(write_template_yaml(content_of(REQUEST, document_text=plan))).problems] == [
        "bad_plan"
    ]


def test_two_files_of_one_template_are_refused() -> None:
    text = write_template_yaml(content_of(REQUEST)).encode()
    (problem,) = read_templates([("a/desk/template.yaml", text), ("b/desk/template.yaml", text)]).problems
    assert (problem.file, problem.code) == ("b/desk/template.yaml", "same_template")
    assert "(a/desk/template.yaml:2:1)" in problem.message
    (problem,) = read_templates([("template.yaml", text), ("template.yaml", text)]).problems
    assert (problem.file, problem.code) == ("template.yaml (2)", "same_template")


def test_a_changed_request_is_planned_anew() -> None:
    text = write_template_yaml(content_of(REQUEST)).replace("quote: Users sign in\n", "quote: Sign in\n", 1)
    result = read(text)
    assert [(p.is_error, p.code) for p in result.problems] == [(False, "request_edited")]
    assert result.templates[0].content.document_text == ""
    assert result.templates[0].content.request.wishes[0].quote == "Sign in"


def test_a_template_may_be_written_by_hand() -> None:
    result = read("template_id: shop\ntitle: Shop\nrequest:\n  features: [Sign in, {slug: teams}]\n")
    assert not result.problems
    content = result.templates[0].content
    assert (content.origin, content.version, content.document_text) == (TemplateOrigin.YAML, 1, "")
    assert [wish.quote for wish in content.request.wishes] == ["Sign in", "Teams"]


def test_what_stands_around_a_file_is_compared() -> None:
    files = write_template(content_of(REQUEST))
    page, template = sorted(files)
    moved = template.replace("/desk/", "/table/")
    result = read_templates([(moved, files[template].encode())])
    assert [(p.is_error, p.code) for p in result.problems] == [(False, "folder_differs")]
    result = read_templates([(page, b"My own words"), (template, files[template].encode())])
    assert [(p.file, p.is_error, p.code) for p in result.problems] == [(page, False, "plan_md_edited")]


def test_folders_have_safe_names() -> None:
    assert folder_of("shop", "web_app") == "plans/web_app/shop"
    assert folder_of("shop", "../Web: App") == "plans/web-app/shop"
    assert folder_of("shop", "") == "plans/any/shop"
    with pytest.raises(ValueError, match="no id"):
        folder_of("../shop", "web_app")


def test_written_and_read_it_is_the_same_template() -> None:
    content = content_of(
        REQUEST,
        description="For desks.\n\nAnd tables.",
        tags=("desk", "no"),
        origin=TemplateOrigin.RUN,
        origin_ref="run-1",
        version=4,
        note="kept",
    )
    files = write_template(content)
    assert sorted(files) == ["plans/any/desk/plan.md", "plans/any/desk/template.yaml"]
    result = read_templates([(name, text.encode()) for name, text in files.items()])
    assert not result.problems
    assert [template.content for template in result.templates] == [content]
    assert write_template(result.templates[0].content) == files


def test_the_order_of_keys_that_a_database_loses_changes_no_byte() -> None:
    turned = replace(REQUEST, slots=dict(reversed(list(REQUEST.slots.items()))))
    assert write_template_yaml(content_of(turned)) == write_template_yaml(content_of(REQUEST))


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
# A zero is never negative, see `to_json`.
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9).map(lambda number: number + 0.0), TEXT
)


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        PlanRequest,
        title=TEXT,
        summary=TEXT,
        wishes=st.lists(
            st.builds(Wish, TEXT.filter(bool), TEXT.filter(str.strip), constraints=st.tuples(TEXT)),
            max_size=2,
            unique_by=lambda wish: wish.key,
        ).map(tuple),
        answers=st.dictionaries(TEXT, TEXT, max_size=2),
        given=st.lists(
            st.builds(
                GivenPhase, TEXT.filter(str.strip), TEXT, TEXT, spec=st.dictionaries(TEXT, PLAIN, max_size=2)
            ),
            max_size=1,
        ).map(tuple),
    ),
    TEXT,
)
def test_any_request_survives(request: PlanRequest, words: str) -> None:
    content = content_of(request, description=words, note=words)
    result = read(write_template_yaml(content))
    assert not result.problems
    assert [template.content for template in result.templates] == [content]
