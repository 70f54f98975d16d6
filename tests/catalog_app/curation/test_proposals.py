"""First drafts for a curator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_app.choices import Complexity
from catalog_app.curation.proposals import (
    KnownFeature,
    choose_category,
    find_duplicates,
    free_slug,
    propose,
    read_readme,
    slugify,
)

KNOWN = [
    KnownFeature(
        "oauth-social-login",
        "Social login (OAuth client)",
        "auth",
        ("social auth", "third-party login"),
        frozenset({"github.com/pennersr/django-allauth"}),
    ),
    KnownFeature("password-reset", "Password reset", "auth", ("forgot password",)),
    KnownFeature("full-text-search", "Full-text search", "search", ("search engine",)),
]


@pytest.mark.parametrize(
    ("text", "heading", "paragraph"),
    [
        ("", "", ""),
        ("[![badge](x)](y)\n\nshort\n", "", ""),
        (
            "# **Title** <img>\n\n![logo](x)\n\nIt does a *useful* thing for `you`.\n",
            "Title",
            "It does a *useful* thing for you.",
        ),
        (
            "Title\n=====\n\n.. image:: x\n\nIt sends mail to many people at once.",
            "Title",
            "It sends mail to many people at once.",
        ),
        (
            "Title\n-----\n.. image:: x\n   :alt: A\n\nMade with [WSGI] and :mod:`wsgi`, [as][1] it is.",
            "Title",
            "Made with WSGI and wsgi, as it is.",
        ),
        (
            "## [Name](https://x)\n- a list\n- goes on\n\nThen a paragraph of prose\nover two lines.",
            "Name",
            "Then a paragraph of prose over two lines.",
        ),
    ],
)
def test_reads_heading_and_first_paragraph_of_a_readme(text: str, heading: str, paragraph: str) -> None:
    assert read_readme(text) == (heading, paragraph)


def test_says_nothing_that_it_does_not_know() -> None:
    proposal = propose(name="", facts={}, readme="", license_expression="", file_count=None, known=[])

    assert (proposal.title, proposal.slug) == ("Unnamed", "unnamed")
    assert (proposal.description, proposal.category, proposal.license, proposal.aliases) == ("", "", "", ())


def test_drafts_from_what_the_search_and_the_repository_say() -> None:
    proposal = propose(
        name="social-auth-kit",
        facts={"description": "Social login for every site.", "topics": ["social-auth", "python", "sso"]},
        readme="# A very long heading that is really a sentence about everything\n\nOther words here, many.",
        license_expression="MIT",
        file_count=12,
        known=KNOWN,
    )

    assert proposal.title == "Social auth kit"
    assert proposal.slug == "social-auth-kit"
    assert proposal.description == "Social login for every site."
    assert proposal.category == "auth"
    assert proposal.complexity is Complexity.LOW
    assert proposal.aliases == ("social auth", "sso")
    assert proposal.license == "MIT"


def test_a_taken_slug_gets_a_number() -> None:
    assert free_slug("search", {"search", "search-2"}) == "search-3"


def test_no_category_is_better_than_any() -> None:
    assert choose_category(["zeppelin"], KNOWN) == ""


def test_finds_the_feature_that_has_the_repository_first() -> None:
    found = find_duplicates(
        title="Forgot password",
        aliases=["socail auth"],
        slug="new",
        url_key="github.com/pennersr/django-allauth",
        known=KNOWN,
    )

    assert [(d.slug, d.kind) for d in found] == [
        ("oauth-social-login", "same_repository"),
        ("password-reset", "same_name"),
    ]


def test_finds_names_that_are_much_alike() -> None:
    (found,) = find_duplicates(title="Full text serach", aliases=[], slug="fts", url_key="", known=KNOWN)

    assert (found.slug, found.kind) == ("full-text-search", "similar_name")
    assert 86 <= found.likeness < 100


def test_different_things_are_no_duplicates() -> None:
    assert not find_duplicates(
        title="Invoices", aliases=["billing"], slug="invoices", url_key="x", known=KNOWN
    )


@given(st.text(), st.text())
def test_any_name_and_readme_make_a_valid_draft(name: str, readme: str) -> None:
    proposal = propose(name=name, facts={}, readme=readme, license_expression="", file_count=1, known=KNOWN)

    assert proposal.title
    assert slugify(proposal.slug) == proposal.slug != ""
