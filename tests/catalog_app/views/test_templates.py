"""The template library: lists, details, two side by side, and a cost that does not depend on the size."""

import re
from typing import Any

import pytest
from django.test import Client

from autopack.actors import Role
from tests.support.pages import CountQueries
from tests.support.plan_documents import make_document, make_feature
from tests.support.plan_factories import RunOutcomeFactory
from tests.support.plan_templates import make_template

LIST = "/dashboard/templates/"
EVIL = "<script>alert(1)</script>"


def listed(client: Client, query: str = "") -> list[str]:
    html = client.get(f"{LIST}{query}").content.decode()
    return re.findall(r'class="ap-strong" href="/dashboard/templates/([^/]+)/"', html)


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


PATHS = [LIST, f"{LIST}shop/", f"{LIST}compare/pair/?first=shop&second=shop"]


@pytest.mark.parametrize("path", PATHS)
def test_strangers_sign_in_and_nobody_writes_here(client: Client, reader: Client, path: str) -> None:
    make_template("shop")
    assert client.get(path).status_code == 302
    assert reader.post(path).status_code == 403
    assert reader.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["nothing/", "shop/?version=7", "compare/pair/?first=shop", "compare/pair/?first=shop&second=nothing"],
)
def test_what_does_not_exist_is_a_page_that_says_so(reader: Client, path: str) -> None:
    make_template("shop")
    response = reader.get(f"{LIST}{path}", HTTP_ACCEPT="text/html")
    assert response.status_code == 404
    assert b"Back to the overview" in response.content


def test_an_empty_library_says_what_fills_it(reader: Client) -> None:
    assert "No template yet" in read(reader, LIST)
    assert "No template matches" in read(reader, f"{LIST}?q=x")
    assert "Nothing is archived" in read(reader, f"{LIST}?archived=1")


def test_the_list_is_narrowed_and_ordered(reader: Client) -> None:
    chat = make_template("chat", project_type="rag_app", stack="web", tags=["ai"])
    make_template("admin", title="Zebra")
    RunOutcomeFactory.create(template_version=chat.versions.get())
    assert listed(reader, "?sort=title") == ["chat", "admin"]
    assert listed(reader, "?sort=success") == ["chat", "admin"]
    assert listed(reader, "?project_type=rag_app&stack=web&tag=ai&q=chat") == ["chat"]
    html = read(reader, LIST)
    for text in ("1 of 1 run", "100 %", "not run yet", "2 features", "1 reused, 2 phases", "10m 00s"):
        assert text in html


def test_the_list_costs_the_same_however_many_there_are(reader: Client, count_queries: CountQueries) -> None:
    make_template("one")
    before = count_queries(reader, LIST)
    for number in range(60):
        make_template(f"more-{number}")
    assert count_queries(reader, LIST) == before
    assert len(listed(reader, "?page=2")) == 11


def test_a_template_shows_its_parameters_versions_and_where_runs_failed(reader: Client) -> None:
    template = make_template("shop", description="For shops", origin="run", origin_ref="shop-7")
    version = template.versions.get()
    RunOutcomeFactory.create(template_version=version)
    RunOutcomeFactory.create(
        template_version=version, is_success=False, failed_phase="login-1", failed_category="security_auth"
    )
    html = read(reader, f"{LIST}shop/")
    for text in ("For shops", "from run shop-7", "company", "Acme unless said otherwise", "50 %"):
        assert text in html
    assert "Security auth, in phase login-1" in html
    for text in ("What it makes", "auth-kit", "Foundation", "Web shop"):
        assert text in html
    assert "No run of this template has ended yet" in read(reader, f"{LIST}{make_template('new')}/")


def test_what_people_wrote_is_escaped(reader: Client) -> None:
    plan = make_document(
        make_feature("login", title=EVIL, quotes=(EVIL,), reason=EVIL, slug=""), title=EVIL, summary=EVIL
    )
    make_template("evil", plan, title=EVIL, description=EVIL, tags=[EVIL], origin_ref=EVIL)
    for path in (LIST, f"{LIST}evil/", f"{LIST}compare/pair/?first=evil&second=evil"):
        assert EVIL not in reader.get(path).content.decode()


def test_the_plan_of_a_template_is_a_file(reader: Client) -> None:
    make_template("shop")
    response = reader.get(f"{LIST}shop/plan.md?version=1")
    assert response.headers["Content-Disposition"] == 'attachment; filename="shop-v1.md"'
    assert response.content.decode().startswith("# Shop")


def test_two_stand_side_by_side(reader: Client) -> None:
    make_template("shop")
    make_template("bare", make_document(make_feature("login")))
    html = read(reader, f"{LIST}compare/pair/?first=shop&second=bare")
    for text in ("Reuse auth-kit", "Build new", "1 of 2 features are in both", "ap-sides-different"):
        assert text in html


def test_the_navigation_says_where_one_is(sign_in: Any) -> None:
    """Any: see `tests.support.pages`."""
    planner = sign_in(Role.PLANNER)
    make_template("shop")
    assert 'href="/dashboard/templates/" aria-current="page"' in read(planner, LIST)
    assert 'href="/dashboard/templates/" aria-current="true"' in read(planner, f"{LIST}shop/")
