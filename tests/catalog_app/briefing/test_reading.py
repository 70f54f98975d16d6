"""What is made of a brief: each form of it, and what is left over."""

import textwrap

import pytest

from catalog_app.briefing import gathering, sources
from catalog_app.briefing.reading import read_text
from catalog_app.briefing.types import Brief, Place
from catalog_app.choices import Strength


def _read(text: str) -> Brief:
    return read_text(textwrap.dedent(text))


def _quotes(brief: Brief) -> list[str]:
    return [wish.quote for wish in brief.wishes]


def _vetoes(brief: Brief) -> list[str]:
    return [veto.quote for veto in brief.vetoes]


def _left(brief: Brief) -> list[tuple[str, str]]:
    return [(leftover.text, leftover.why) for leftover in brief.leftovers]


@pytest.mark.parametrize("text", ["", " \n\t\n", "---\n", "***\n\n> \n- \n"])
def test_says_nothing_of_nothing(text: str) -> None:
    assert read_text(text) == Brief()


@pytest.mark.parametrize(
    ("text", "left", "why"),
    [
        ("## Notes\n\nIt is warm.", "It is warm.", "asks for nothing that could be recognised"),
        ("## Background\n\nWe need more sleep.", "We need more sleep.", "background"),
        ("## Personas\n\n- Anna, 34", "Anna, 34", "says who uses it"),
        ("## Timeline\n\n- March: beta", "March: beta", "says when, not what"),
        ("## Open questions\n\n- Which bank?", "Which bank?", "an open question of the text itself"),
        ("## Features\n\n- Do we need teams?", "Do we need teams?", "a question of the text itself"),
        ("- login\n\nVersion: 3", "Version: 3", "about the document, not the application"),
        ("```sql\nselect 1\n```", "select 1", "code"),
        ("- ![a shop](shop.png) shop", "a shop shop.png", "a picture"),
        ("- [login](https://a.example/x)", "https://a.example/x", "the address of a link"),
        ("- login\n\n[a]: https://a.example/y", "[a]: https://a.example/y", "the address of a link"),
        ("- ~~teams~~ login", "teams", "struck out"),
        ("<!-- ask Bo -->\n- login", "ask Bo", "a comment"),
        ("## Speed of light\n\n- under 200 ms", "Speed of light", "a heading above conditions alone"),
        ("# T\n\n## Something", "Something", "a heading with nothing below it"),
        (
            "- login\n\n| Fruit | Colour |\n|--|--|\n| pear | green |",
            "pear | green",
            "a table without a column that names features",
        ),
        ("- login\n- " + "x" * 2001, "x" * 2001, "longer than 2,000 characters without an end"),
    ],
)  # fmt: skip
def test_lists_what_asks_for_nothing(text: str, left: str, why: str) -> None:
    brief = read_text(text)

    assert (left, why) in _left(brief)
    assert left not in _quotes(brief)


def test_reads_title_summary_and_project_type() -> None:
    brief = _read("""
        # Deskbook

        Deskbook is a place to book desks. **Members** can pay per month.

        Project type: internal tool
        """)

    assert brief.title == "Deskbook"
    assert brief.summary == "Deskbook is a place to book desks. Members can pay per month."
    assert brief.project_type == "internal tool"
    assert _quotes(brief) == ["Members can pay per month."]


def test_reads_front_matter() -> None:
    brief = _read("""\
        ---
        title: Deskbook
        project_type: crud_app
        database: postgres
        author: Bo
        ---
        - login
        """)

    assert (brief.title, brief.project_type) == ("Deskbook", "crud_app")
    assert brief.constraints == ("database: postgres",)
    assert _left(brief) == [("author: Bo", "about the document, not the application")]
    assert brief.wishes[0].places == (Place(7),)


def test_reads_bullets_numbers_boxes_and_lines_with_their_places() -> None:
    brief = _read("""
        # Shop

        ## Features
        ### Buying
        - Basket
        * [ ] Wish list
        1. Pay by card
        2) Pay
           by invoice

        \N{BULLET} Gift cards
        \N{BULLET} Vouchers
        """)

    assert _quotes(brief) == [
        "Basket", "Wish list", "Pay by card", "Pay by invoice", "Gift cards", "Vouchers",
    ]  # fmt: skip
    assert [wish.places[0].line for wish in brief.wishes] == [6, 7, 8, 9, 12, 13]
    assert {wish.places[0].section for wish in brief.wishes} == {("Features", "Buying")}


def test_reads_plain_lines_as_points() -> None:
    assert _quotes(read_text("login\nbilling by card\nno teams")) == ["login", "billing by card"]


def test_reads_a_single_sentence_as_wishes() -> None:
    brief = read_text("I want a shop with login, teams and billing.")

    assert _quotes(brief) == ["login", "teams", "billing"]
    assert _quotes(read_text("a todo list for cats")) == ["a todo list for cats"]


@pytest.mark.parametrize(
    ("heading", "strength"),
    [
        ("Must have", Strength.MUST),
        ("2.1 Functional requirements", Strength.MUST),
        ("Should have", Strength.SHOULD),
        ("Could have:", Strength.SHOULD),
        ("Nice to have", Strength.SHOULD),
        ("Later", Strength.SHOULD),
        ("Optional", Strength.SHOULD),
    ],
)
def test_knows_how_much_is_wanted_from_the_heading(heading: str, strength: Strength) -> None:
    brief = read_text(f"## {heading}\n\n- Dark mode")

    assert [(wish.quote, wish.strength) for wish in brief.wishes] == [("Dark mode", strength)]


@pytest.mark.parametrize(
    "heading", ["Won't have", "Out of scope", "Non-goals", "Not needed", "What we don't want", "Exclusions"]
)
def test_reads_what_is_out_of_scope_as_vetoes(heading: str) -> None:
    brief = read_text(f"## {heading}\n\n- No blog\n- Native apps: the site is enough\n- chat")

    assert _vetoes(brief) == ["blog", "Native apps", "chat"]
    assert _left(brief) == [("the site is enough", "said about what is not wanted")]


def test_reads_points_below_a_point_by_their_shape() -> None:
    brief = _read("""
        ## Features
        - Accounts
          - sign up with an e-mail address
          - reset a forgotten password
        - Users can search all documents
          - with filters by date
          - at most 50 results
          - no full text in the list
        - Export as:
          - CSV
          - PDF
        - Not included:
          - Chat
        """)

    assert _quotes(brief) == [
        "sign up with an e-mail address",
        "reset a forgotten password",
        "Users can search all documents",
        "Export as: CSV",
        "Export as: PDF",
    ]
    assert brief.wishes[2].constraints == ("with filters by date", "at most 50 results")
    assert brief.wishes[0].places[0].section == ("Features", "Accounts")
    assert _vetoes(brief) == ["full text in the list", "Chat"]


def test_reads_a_heading_with_text_as_a_wish() -> None:
    brief = _read("""
        # Shop

        ## Login (optional)
        People sign in with their e-mail address. They can reset a forgotten password. Sessions
        end after a day. No social login.

        ## Company
        A family business from Leipzig.

        ## Features
        ### Audit log
        ### Reports
        Monthly turnover.
        """)

    assert _quotes(brief) == [
        "Login: People sign in with their e-mail address.",
        "They can reset a forgotten password.",
        "Audit log",
        "Reports: Monthly turnover.",
    ]
    assert brief.wishes[0].strength is Strength.SHOULD
    assert brief.wishes[0].constraints == ("Sessions end after a day.",)
    assert brief.wishes[0].places == (Place(4),)
    assert _vetoes(brief) == ["social login"]
    assert ("A family business from Leipzig.", "asks for nothing that could be recognised") in _left(brief)


def test_reads_sentences_that_ask() -> None:
    brief = _read("""
        # Shop

        A shop for lamps.

        Today people phone us. Customers can return what they do not like. We need billing and
        refunds. It should remember the basket. Send a mail when a parcel leaves. We are five people.
        The page must not load slowly, but we do not need a blog.
        """)

    assert [(wish.quote, wish.strength.value, wish.places[0].line) for wish in brief.wishes] == [
        ("Customers can return what they do not like.", "must", 6),
        ("billing", "must", 6),
        ("refunds", "must", 6),
        ("It should remember the basket.", "should", 7),
        ("Send a mail when a parcel leaves.", "must", 7),
    ]
    assert _vetoes(brief) == ["blog"]
    assert brief.constraints == ("The page must not load slowly",)
    assert [text for text, _ in _left(brief)] == ["Today people phone us.", "We are five people."]


def test_reads_tables() -> None:
    brief = _read("""
        | Feature | Priority | Description | Note |
        |---------|----------|-------------|------|
        | SSO     | must     | with Okta   | ask IT |
        | Blog    | won't    |             |      |
        | Hooks   | could    |             |      |

        | Requirement | In scope? | Terms |
        |-------------|-----------|-------|
        | Payroll     | no        |       |
        | Time sheets | yes       | time tracking, timesheet entry |

        | Role  | Can |
        |-------|-----|
        | Admin | invite people |

        | Layer | Choice |
        |-------|--------|
        | Database | Postgres |
        """)

    assert [(wish.quote, wish.strength.value, wish.constraints, wish.terms) for wish in brief.wishes] == [
        ("SSO: with Okta", "must", ("Note: ask IT",), ()),
        ("Hooks", "should", (), ()),
        ("Time sheets", "must", (), ("time tracking", "timesheet entry")),
        ("Admin can invite people", "must", (), ()),
    ]
    assert _vetoes(brief) == ["Blog", "Payroll"]
    assert brief.constraints == ("Database: Postgres",)


def test_merges_what_is_said_twice() -> None:
    brief = read_text("## Could have\n- The audit log\n## Must have\n- audit log!\n- no chat\n- No chat.")

    assert [(wish.key, wish.strength) for wish in brief.wishes] == [("audit-log", Strength.MUST)]
    assert [place.line for place in brief.wishes[0].places] == [2, 4]
    assert [len(veto.places) for veto in brief.vetoes] == [2]


def test_keeps_a_veto_and_the_need_that_it_is_against() -> None:
    brief = read_text("- teams\n- no teams")

    assert [wish.key for wish in brief.wishes] == ["teams"]
    assert [veto.key for veto in brief.vetoes] == ["no-teams"]


def test_keeps_html_as_it_was_written() -> None:
    brief = read_text(
        "- <script>alert(1)</script>\n- <b onclick='x()'>Login</b> & more\n\n<img src=x onerror=y>"
    )

    assert _quotes(brief) == ["<script>alert(1)</script>", "<b onclick='x()'>Login</b> & more"]
    assert brief.summary == ""
    assert _left(brief)[0][0] == "<img src=x onerror=y>"


def test_replaces_characters_that_cannot_be_kept() -> None:
    assert _quotes(read_text("- lo\0gin\n- te\ud800ams\r\n- chat\r- more")) == [
        "lo\ufffdgin", "te\ufffdams", "chat", "more",
    ]  # fmt: skip


def test_leaves_over_what_exceeds_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MAX_WISHES", 50)
    many = read_text("\n".join(f"- wish {n}" for n in range(53)))
    monkeypatch.setattr(sources, "MAX_LINES", 20)
    long = read_text("- a\n" * 20 + "- the last\n")

    assert len(many.wishes) == 50
    assert _left(many) == [(f"wish {n}", "more than 50 features") for n in range(50, 53)]
    assert len(long.wishes[0].places) == 20
    assert [(leftover.text, leftover.place) for leftover in long.leftovers] == [("- the last", Place(21))]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 10_000 + " login",
        "- " * 10_000 + "login",
        "".join(" " * 2 * depth + "- a\n" for depth in range(300)) + " " * 600 + "- login",
    ],
)
def test_lists_what_is_nested_too_deeply(text: str) -> None:
    brief = read_text(text)

    assert brief.leftovers[-1].text.endswith("login")
    assert brief.leftovers[-1].why == "nested too deeply to be read"
