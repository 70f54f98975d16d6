"""What holds for every text: it is read, the same way each time, and no word of it is lost."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.briefing.keys import MAX_KEY_LENGTH
from catalog_app.briefing.reading import read_text
from catalog_app.briefing.types import Brief
from catalog_app.choices import Strength

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
WORD = re.compile(r"w\d+x")
FORMS = (
    "# {}", "## {}", "### {}", "- {}", "* {}", "  - {}", "    - {}", "1. {}", "> {}", "{}", "{}.", "{}:",
    "**{}**", "- [ ] {}", "- **{}** {}", "- no {}", "- {} without {}", "- {}, {} and {}", "- {} (optional)",
    "| {} | {} |", "|---|---|", "| {} | must |", "Users can {}. We {} no {}.", "```", "    {}", "<b>{}</b>",
    "<!-- {} -->", "[{}]({})", "![{}]({})", "~~{}~~", "", "## Out of scope", "## Features", "## Background",
    "## Constraints", "| Feature | Won't |", "We need {}, {} and {}", "---", "===", "- {}: {}", "`{}`",
    "* * *", "\N{BULLET} {}", "Not {}, but {}", "We do not need {} {}", "- {}\n\n  {} {}\n\n  {}",
    "{} must never {}", "{} is not needed {}",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines of all forms, with words of which each is there once."""
    count = 0
    lines = []
    for form in draw(st.lists(st.sampled_from(FORMS), max_size=25)):
        line = form
        while "{}" in line:
            count += 1
            line = line.replace("{}", f"w{count}x", 1)
        lines.append(line)
    return "\n".join(lines)


def _all_texts(brief: Brief) -> str:
    parts = [brief.title, brief.summary, brief.project_type, *brief.constraints]
    for wish in brief.wishes:
        parts += [wish.quote, *wish.constraints, *wish.terms, wish.slug]
        parts += [name for place in wish.places for name in place.section]
    for veto in brief.vetoes:
        parts += [veto.quote, *(name for place in veto.places for name in place.section)]
    for leftover in brief.leftovers:
        parts += [leftover.text, *leftover.place.section]
    return "\n".join(parts)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts())
def test_loses_no_word(text: str) -> None:
    told = set(WORD.findall(_all_texts(read_text(text))))
    lines = text.split("\n")
    # What a column is called is not said again where the column is understood.
    headers = {
        word
        for line, below in itertools.pairwise(lines)
        if below.strip(" >") == "|---|---|"
        for word in WORD.findall(line)
    }

    assert set(WORD.findall(text)) - told - headers == set()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts() | st.text(max_size=300) | st.text(alphabet="-*#|>`[]()!:\n ,.;no~_ \t", max_size=200))
def test_reads_any_text_the_same_way_each_time(text: str) -> None:
    brief = read_text(text)

    keys = [wish.key for wish in brief.wishes] + [veto.key for veto in brief.vetoes]
    assert brief == read_text(text)
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[a-z0-9-]+", key) and len(key) <= MAX_KEY_LENGTH for key in keys)
    assert all(wish.quote.strip() and wish.places for wish in brief.wishes)


@pytest.mark.parametrize(
    ("name", "project_type", "wishes", "vetoes", "limits"),
    [
        (
            "rag-chatbot",
            "rag_app",
            ["Upload PDF, Word and HTML files by drag and drop", "Reset a forgotten password", "free trial"],
            ["Voice input", "Native mobile apps", "Training models of our own", "forum"],
            ["Must run on one small server to begin with", "Vectors in Qdrant"],
        ),
        (
            "admin-tool",
            "internal_tool",
            [
                "CSV import: Clerks upload a CSV or Excel file and map its columns to fields.",
                "Audit log: Every change is recorded with who, when, the old and the new value.",
            ],
            ["separate passwords", "self-registration", "Payroll", "Multi-tenancy"],
            ["Django and Postgres, because IT already operates them", "Pages load in under one second"],
        ),
        (
            "orchestrator",
            "autonomous_orchestrator",
            ["login", "teams", "API tokens", "Feature flags for new strategies", "Rate limits per agent"],
            ["Visual plan editor", "Kubernetes", "message broker"],
            ["Runs on one Linux server with git installed", "MIT, BSD and Apache licences only"],
        ),
    ],
)
def test_understands_the_examples(
    name: str, project_type: str, wishes: list[str], vetoes: list[str], limits: list[str]
) -> None:
    brief = read_text((EXAMPLES / name / "brief.md").read_text())

    assert brief.project_type == project_type
    assert set(wishes) <= {wish.quote for wish in brief.wishes}
    assert set(vetoes) <= {veto.quote for veto in brief.vetoes}
    assert set(limits) <= set(brief.constraints)
    assert len(brief.wishes) >= 25
    assert {wish.strength for wish in brief.wishes} == set(Strength)
