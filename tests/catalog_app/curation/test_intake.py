"""What a curator pastes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_app.choices import CurationOrigin
from catalog_app.curation.intake import MAX_REPOSITORIES, read_intake

SEARCH = {
    "total_count": 2,
    "items": [
        {
            "full_name": "pennersr/django-allauth",
            "name": "django-allauth",
            "html_url": "https://github.com/pennersr/django-allauth",
            "description": "Integrated set of Django applications\x00 addressing authentication.",
            "stargazers_count": 9000,
            "topics": ["oauth", 7, "django"],
            "license": {"spdx_id": "MIT"},
            "archived": False,
        },
        {"html_url": "https://github.com/ory/hydra", "license": None, "stargazers_count": True},
    ],
}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", ""),
        ("# only a comment\n\n", "empty", ""),
        ("https://a.example/x y", "invalid_address", "line 1"),
        ("https://a.example/x\n--upload-pack=evil", "invalid_address", "line 2"),
        ("https://a.example/" + "x" * 2000, "invalid_address", "line 1"),
        ('{"items": [', "malformed_json", "line 1"),
        ("[" * 100_000, "malformed_json", ""),
        ('{"total_count": 0}', "no_items", ""),
        ('{"items": []}', "empty", ""),
        ('{"items": [{"name": "x"}]}', "invalid_item", "items[0]"),
        ('["https://a.example/x", 7]', "invalid_item", "items[1]"),
        ("\n".join(f"https://a.example/{n}" for n in range(MAX_REPOSITORIES + 1)), "too_many", ""),
        ("x" * 5_000_001, "too_long", ""),
    ],
)
def test_refuses_what_names_no_repositories(text: str, code: str, place: str) -> None:
    intake = read_intake(text)

    assert [(p.code, p.place) for p in intake.problems] == [(code, place)]


def test_names_every_line_that_is_no_address() -> None:
    intake = read_intake("-a\nhttps://a.example/x\n-b\n")

    assert [problem.place for problem in intake.problems] == ["line 1", "line 3"]


def test_reads_addresses_and_paths_one_a_line() -> None:
    intake = read_intake("https://a.example/x  # good\n/srv/git/y\n\ngit@a.example:z.git\n")

    assert intake.origin is CurationOrigin.LIST
    assert [lead.url for lead in intake.leads] == ["https://a.example/x", "/srv/git/y", "git@a.example:z.git"]


def test_takes_the_same_repository_once() -> None:
    intake = read_intake(
        "https://a.example/x\nhttps://A.example/x.git\nhttps://a.example/x/\nhttps://a.example/x"
    )

    assert [(lead.url, lead.place) for lead in intake.leads] == [("https://a.example/x", "line 1")]


def test_takes_two_repositories_whose_names_differ_in_case_on_a_host_that_minds() -> None:
    intake = read_intake("/srv/git/Shop\n/srv/git/shop")

    assert len(intake.leads) == 2


def test_reads_where_a_repository_is_fetched_from() -> None:
    items = [{"html_url": "https://a.example/y", "fetch_from": "/srv/y"}]
    lines = read_intake(
        "https://a.example/x  from  /srv/my mirrors/x.git # nearby\n/srv/word from word.git\n"
    )

    assert [(lead.url, lead.fetch_from) for lead in lines.leads] == [
        ("https://a.example/x", "/srv/my mirrors/x.git"),
        ("/srv/word from word.git", ""),
    ]
    assert [lead.fetch_from for lead in read_intake(json.dumps(items)).leads] == ["/srv/y"]


def test_refuses_a_place_to_fetch_from_that_is_an_option() -> None:
    intake = read_intake("https://a.example/x from --upload-pack=evil")

    assert [(p.code, p.place) for p in intake.problems] == [("invalid_address", "line 1")]


def test_reads_the_answer_of_a_search() -> None:
    intake = read_intake(json.dumps(SEARCH))

    first, second = intake.leads
    assert intake.origin is CurationOrigin.SEARCH
    assert first.facts == {
        "name": "django-allauth",
        "full_name": "pennersr/django-allauth",
        "description": "Integrated set of Django applications  addressing authentication.",
        "stars": 9000,
        "is_archived": False,
        "topics": ["oauth", "django"],
        "license": "MIT",
    }
    assert second.facts == {}


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    intake = read_intake(text)

    assert bool(intake.leads) or bool(intake.problems)
