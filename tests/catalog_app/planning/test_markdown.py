"""`plan.md`."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog_app.briefing.types import Leftover
from catalog_app.choices import FeatureDecision, PlanMode, SourceVerdict
from catalog_app.planning.document import DocumentError, as_json
from catalog_app.planning.markdown import write_markdown
from catalog_app.planning.markdown_text import bullets, code, heading, inline, link, paragraph, prose
from catalog_app.planning.types import (
    Option,
    PlanDocument,
    PlannedVeto,
    PlanWarning,
    ProjectTypeChoice,
    SlotChoice,
)
from tests.support.plans import (
    a_feature,
    a_plan,
    a_snapshot,
    a_source,
    a_stack,
    an_excluded_source,
    decisions,
)

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "<!-- --><img src=x onerror=alert(1)>",
    "a | b || c",
    "`ticks` ``more` and one `",
    "# heading",
    "1. list\n- item\n\n    code",
    "> quote",
    "---",
    "===",
    "[text](javascript:alert(1)) ![x](y) [ref]: z",
    "**bold** _it_ ~~gone~~ __x__ a_b_c",
    "\\",
    "\\`\\|\\",
    "&lt;b&gt; &amp; &#60;",
    "<http://evil.example> http://x.example/a_b",
    "\x00\x1b[31m\u202eevil\u2028line\ud800",
    "``` js\nx\n```",
    "10) x",
    "12345678901. x",
    "| - |",
    ": x",
    "  \t ",
    "+ x",
    "~~~",
]


def said(text: str) -> str:
    """What a reader can see of a text."""
    visible = "".join(char if char.isprintable() or char in "\u200c\u200d" else " " for char in text)
    return " ".join(visible.split())


def tokens_of(markdown: str) -> list[Token]:
    flat: list[Token] = []
    for token in READER.parse(markdown):
        flat.append(token)
        flat.extend(token.children or ())
    return flat


def shown(markdown: str) -> str:
    kept = (
        token.content
        for token in tokens_of(markdown)
        if token.type in ("text", "code_inline", "text_special")
    )
    return " ".join("".join(kept).split())


def kinds(markdown: str) -> Counter[str]:
    """Of what a document is made; code and its absence depend on the text."""
    return Counter(
        token.type
        for token in tokens_of(markdown)
        if token.type not in ("text", "code_inline", "text_special", "softbreak")
    )


def plan_saying(text: str) -> PlanDocument:
    """Every text of it is this one."""
    source = a_source(repo_id=text, license=text, why=text, notes=text, paths=(text,), duties=(text,))
    excluded = an_excluded_source(repo_id=text, license=text, why=text, remedy=text)
    fields: dict[str, Any] = {"title": text, "quotes": (text,), "constraints": (text,), "reason": text}
    features = (
        a_feature("a", **fields, source=source, options=(source, excluded), description=text),
        a_feature("b", **fields, description=text, category="commerce"),
        a_feature("c", **fields, decision=FeatureDecision.MERGED, merged_into="a"),
        a_feature("d", **fields, decision=FeatureDecision.VETOED),
    )
    plan = a_plan(features, title=text, summary=text, parameters={text: text})
    question = replace(
        plan.questions[0], text=text, id=text, options=(Option(text, text, text),), provisional=text
    )
    return replace(
        plan,
        constraints=(text,),
        project_type=ProjectTypeChoice(text, True, (text,), ((text, text),)),
        stack=replace(plan.stack, title=text, reason=text, slots=(SlotChoice(text, text, text),)),
        vetoes=(PlannedVeto(text, text, (), text),),
        questions=(question,),
        leftovers=(Leftover(text, text),),
        warnings=(PlanWarning(text, text),),
    )


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(DocumentError):
        write_markdown({"title": "x"})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_change_nothing_but_the_words(text: str) -> None:
    markdown = write_markdown(as_json(plan_saying(text)))

    if said(text):
        assert kinds(markdown) == kinds(write_markdown(as_json(plan_saying("plain"))))
    assert not re.search(r"<(?!https?://)", markdown)
    markdown.encode()
    if said(text):
        assert shown(markdown).count(said(text)) >= 20


@given(st.text(max_size=40) | st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join))
@settings(max_examples=75, deadline=None)
def test_a_text_is_shown_as_it_is_wherever_it_stands(text: str) -> None:
    cell = f"{inline(text)} | {code(text)} | {link(text, 'https://example.org/x')}"
    written = {
        "paragraph": paragraph(text),
        "heading": heading(text, 2),
        "bullet_list": bullets([inline(text)]),
        "table": f"| a | b | c |\n| --- | --- | --- |\n| {cell} |",
    }
    for kind, markdown in written.items():
        blocks = [token.type for token in READER.parse(markdown) if token.level == 0]
        assert blocks == ([f"{kind}_open", f"{kind}_close"] if markdown else []) or kind == "heading"
        assert said(text) in shown(markdown)
        assert not re.search(r"[<\n]", markdown.replace("|\n|", ""))


@given(st.text(alphabet=st.sampled_from("ab `\n#-1.<|\\*_"), max_size=30))
@settings(max_examples=100, deadline=None)
def test_descriptions_have_code_and_paragraphs_and_nothing_else(text: str) -> None:
    found = set(kinds(prose(text)))

    assert found <= {"inline", "paragraph_open", "paragraph_close"}


def test_only_web_addresses_are_links() -> None:
    assert link("a]b", "https://example.org/a?b=c") == "[a\\]b](https://example.org/a?b=c)"
    assert link("a", "javascript:alert(1)") == "a (javascript:alert(1))"
    assert link("a", "https://example.org/) [x](y") == "a (https://example.org/) \\[x\\](y)"
    assert link("a", "") == "a"


def test_a_plan_reads_as_one_would_hand_it_over() -> None:
    plan = a_plan()
    markdown = write_markdown(as_json(plan))

    headings = re.findall(r"^(#+ .*)$", markdown, re.MULTILINE)
    assert [each for each in headings if each.startswith(("# ", "## "))] == [
        "# Shop",
        "## What has to be decided",
        "## Stack",
        "## Features",
        "## Why these sources",
        "## How it is built",
        "## What is not built",
        "## Risks and warnings",
        "## Sources that may not be used",
        "## What was not understood",
        "## What it may cost",
        "## Where this plan comes from",
    ]
    for words in (
        "This plan builds 3 features on **Django with HTMX**, of type `saas`.",
        "Of these, 1 is taken from code that exists, 1 is built new and 1 is still open.",
        "**1 question must be answered before it can start.**",
        "- `full-text-search`: Full-text search. It is reused. *Assumed for now.*",
        "- **FastAPI with React** (`fastapi_react_pg`, score 0.70): Two builds instead of one.",
        "| Social login | Reuse | [django-allauth](https://github.com/pennersr/django-allauth) at "
        "`5b3f2a1c5b3f`: `allauth/socialaccount`, `allauth/account` | MIT | named | "
        "“people want social-login” (line 3) Conditions: Google only. |",
        "| Again | Merged | planned as Social login |",
        "| Search (should have) | Open |",
        "| 40% |",
        "| Social login | django-allauth | 0.81 | 1.00 | 0.70 |",
        "The licence GPL-3.0-only is denied. *To change that:* Choose another source or change the policy.",
        "- [lockbox](https://github.com/example/lockbox) (GPL-3.0-only) for Social login",
        "- “no chat”: Chat is left out.",
        "- There is no feature sarch. (`unknown_feature`)",
        "- “make it pop” (line 9): No feature is meant.",
        "`security_auth`, high complexity, strict CI",
        "A phase that takes more than 2 times its estimate is stopped as an incident.",
    ):
        assert words in markdown, words
    for phase in plan.runs[0].phases:
        assert f"##### {phase.phase_index + 1}. {inline(phase.name)}\n\n`{phase.phase_id}`: " in markdown
        for criterion in phase.acceptance_criteria:
            assert prose(criterion) in markdown


def test_a_draft_says_what_has_to_be_verified() -> None:
    source = a_source(verdict=SourceVerdict.BLOCKED, remedy="Scan it.")
    plan = a_plan([a_feature("login", category="auth", source=source)], mode=PlanMode.DRAFT)

    markdown = write_markdown(as_json(plan))

    assert "It is a draft: it also reuses what has still to be verified." in markdown
    assert "**1 phase cannot start before a source is verified.**" in markdown
    assert "**Blocked.** django-allauth allauth/socialaccount allauth/account: Scan it." in markdown
    assert "Reuse, blocked until verified" in markdown


def test_nothing_to_build_and_no_stack_are_said() -> None:
    empty = decisions(stack=replace(a_stack(), profile="", title="", slots=(), runners_up=()))
    markdown = write_markdown(as_json(a_plan(decided=empty, title="", summary="")))

    assert markdown.startswith("# Plan\n\nThere is nothing to build.")
    assert "The catalog has no stack for this" in markdown
    assert "## How it is built" not in markdown
    assert "## What it may cost" not in markdown


def test_what_many_phases_say_is_said_once() -> None:
    features = [a_feature(f"f{index}", category="auth", source=a_source()) for index in range(30)]
    markdown = write_markdown(as_json(a_plan(features)))

    assert markdown.count("Upstream's tests of what is taken come along") == 1
    assert markdown.count("Ground rules: ") == 30
    assert markdown.count("May change: set 1 of paths.") == 30
    assert markdown.count("`/THIRD_PARTY_NOTICES.md`") == 1
    assert "### Run 2: " in markdown
    assert "It starts where run 1 ended." in markdown
    assert a_snapshot().catalog in markdown
