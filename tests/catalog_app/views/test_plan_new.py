"""Putting a plan together: the page posts all of itself, and nothing of it is lost."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from autopack.actors import Role, system_actor
from catalog_app.briefing.types import Wish
from catalog_app.choices import LookupBand
from catalog_app.models import FeatureCatalog, Plan, PlanVersion
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Match, Resolution
from catalog_app.selectors.resolving import Resolved
from catalog_app.services import understanding
from catalog_app.services.plans import create_plan
from tests.support.factories import make_project
from tests.support.pages import SignIn
from tests.support.planned import make_catalog, source_of, verify, whitelist

PAGE = "/dashboard/plans/new/plan/"
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def catalog(db: None) -> FeatureCatalog:
    return make_catalog()


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(Role.PLANNER)


class Form:
    """The page as a browser without script posts it: the state that it was given, and fields."""

    def __init__(self, client: Client, page: str = PAGE) -> None:
        self.client, self.page = client, page
        self.answer: Any = client.get(page)  # Any: of the test client
        self.fields: dict[str, str] = {"title": "Help desk", "project_type": "web_app"}
        self.carried: dict[str, str] = {}

    def press(
        self, step: str, chosen: Mapping[str, str] | None = None, *, is_htmx: bool = False, **fields: str
    ) -> str:
        self.fields |= {**fields, **(chosen or {})}
        body = {**self.fields, "state": self.state_text, "page": "1", "do": step}
        for name in ("version", "token"):
            if carried := re.search(rf'name="{name}" value="([^"]+)"', self.text):
                self.carried[name] = carried[1]
        body |= self.carried
        self.answer = self.client.post(self.page, body, headers=HTMX if is_htmx else {})
        for name in ("line", "text"):
            self.fields.pop(name, None)
        return self.text

    @property
    def text(self) -> str:
        answer: HttpResponse = self.answer
        return " ".join(answer.content.decode().split())

    @property
    def state_text(self) -> str:
        found = re.search(r'name="state" value="([^"]*)"', self.text)
        assert found
        return html.unescape(found[1])

    @property
    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = json.loads(self.state_text)["request"]
        return request

    @property
    def quotes(self) -> list[str]:
        return [feature["quote"] for feature in self.request.get("features", [])]


def test_strangers_sign_in_first_and_readers_only_look(
    client: Client, reader: Client, catalog: FeatureCatalog
) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/accounts/login/")
    assert reader.post(PAGE, {"do": "save"}).status_code == 403
    page = reader.get(PAGE).content.decode()
    assert "needs the role planner or operator" in page
    assert "No catalog" not in page


@pytest.mark.django_db
def test_without_a_catalog_the_page_says_what_to_do(planner: Client) -> None:
    assert b"catalog" in planner.get(PAGE).content


@pytest.mark.parametrize(
    "state", ["{", "[]", '{"request": 1, "removed": []}', '{"request": {"mode": "x"}, "removed": []}']
)
def test_a_state_that_no_page_has_carried_is_refused(
    planner: Client, catalog: FeatureCatalog, state: str
) -> None:
    answer = planner.post(PAGE, {"state": state, "do": "add", "line": "x"}, HTTP_ACCEPT="text/html")
    assert answer.status_code == 400


@pytest.mark.parametrize("page", ["", "x", "\N{SUPERSCRIPT TWO}", "9" * 5_000])
def test_a_page_that_is_no_number_is_the_first(planner: Client, catalog: FeatureCatalog, page: str) -> None:
    form = Form(planner)
    form.press("add", line="Login")
    form.press(f"page:{page}", version=page)
    assert form.answer.status_code == 200
    assert form.quotes == ["Login"]


def test_what_cannot_be_saved_stays_as_it_was_with_the_reason_beside_it(
    planner: Client, catalog: FeatureCatalog
) -> None:
    form = Form(planner)
    page = form.press("save", title="", line="People sign in")
    assert form.answer.status_code == 422
    assert "Say what the plan is called." in page
    assert form.quotes == ["People sign in"]
    form.press("save", is_htmx=True)
    assert form.answer.status_code == 200
    assert form.answer.headers["HX-Retarget"] == "#planner"
    form.press("undo:people-sign-in", title="Help desk")
    form.press("remove:people-sign-in")
    assert "Say at least one feature" in form.press("save")
    assert not Plan.objects.exists()


def test_what_the_catalog_has_not_is_neither_saved_nor_changed_to(
    planner: Client, catalog: FeatureCatalog
) -> None:
    table = "| Feature | Slug |\n|---|---|\n| Sign in | {} |\n"
    form = Form(planner)
    form.press("read", text=table.format("logni"))
    page = form.press("save")
    assert (form.answer.status_code, Plan.objects.exists()) == (422, False)
    assert "no feature &#x27;logni&#x27;. Did you mean login?" in page

    form = Form(planner)
    form.press("save", line="People sign in")
    form = Form(planner, f"/dashboard/plans/{Plan.objects.get().plan_id}/revise/")
    form.press("read", text=table.format("serch"))
    page = form.press("save")
    assert (form.answer.status_code, PlanVersion.objects.count()) == (422, 1)
    assert "Did you mean search?" in page


def test_features_are_added_removed_and_taken_back(planner: Client, catalog: FeatureCatalog) -> None:
    form = Form(planner)
    form.press("add", line="People sign in")
    page = form.press("add", line=f"Find {HOSTILE}")
    assert form.quotes == ["People sign in", f"Find {HOSTILE}"]
    assert HOSTILE not in page
    page = form.press("add", line="no cookies", is_htmx=True)
    assert [veto["quote"] for veto in form.request["vetoes"]] == ["cookies"]
    assert "<html" not in page
    assert 'id="plan-side" aria-label="The plan so far" hx-swap-oob="true"' in page
    page = form.press("remove:people-sign-in")
    assert "<del>People sign in</del>" in page
    assert "<del>" not in form.press("undo:people-sign-in")
    page = form.press("forbid:people-sign-in")
    assert [veto["quote"] for veto in form.request["vetoes"]] == ["cookies", "People sign in"]


def test_changes_in_words_are_made_of_what_is_there(planner: Client, catalog: FeatureCatalog) -> None:
    form = Form(planner)
    form.press("read", text="- People sign in by mail\n- People sign in by phone\n- Teams\n- Pay by PayPal")
    page = form.press("add", line="drop sign in", is_htmx=True)
    assert "Say more exactly" in page
    assert "data-unclear" in page
    assert "Say more exactly" in form.press("save", line="drop sign in")
    assert form.answer.status_code == 422
    assert Plan.objects.count() == 0
    assert "says nothing" in form.press("add", line="?!")
    assert "says nothing" in form.press("save", line="?!")
    assert Plan.objects.count() == 0
    form.press("add", line="use Stripe instead of PayPal")
    form.press("add", line="No teams")
    page = form.press("add", line="use Redis instead of cash")
    assert "Nothing here is “cash”" in page
    assert form.quotes == [
        "People sign in by mail",
        "People sign in by phone",
        "Teams",
        "Pay by PayPal",
        "Stripe",
        "Redis",
    ]
    assert json.loads(form.state_text)["removed"] == ["pay-paypal", "teams"]
    assert "vetoes" not in form.request
    form.press("read", text="# More\n\n- No phone calls\n- No Redis\n- Without search\n- Full search")
    assert json.loads(form.state_text)["removed"] == ["pay-paypal", "redis", "teams"]
    assert [veto["quote"] for veto in form.request["vetoes"]] == ["phone calls", "search"]


@pytest.mark.parametrize("is_revision", [False, True])
def test_what_is_to_go_and_is_not_recognised_adds_nothing(
    planner: Client, catalog: FeatureCatalog, is_revision: bool
) -> None:
    form = Form(planner)
    form.press("read", text="- should: People sign in\n- Teams")
    if is_revision:
        form.press("save")
        form = Form(planner, f"/dashboard/plans/{Plan.objects.get().plan_id}/revise/")
    before = form.request
    for line in ("drop the Slack commands", "please remove Slack commands", "Remove the Slack commands"):
        page = form.press("add", line=line)
        assert "nothing in the plan is called “Slack commands”" in page
        assert f'value="{line}"' in page
        assert form.request == before
    form.press("add", line="must: drop the Slack commands")
    assert form.quotes == ["People sign in", "Teams", "drop the Slack commands"]


@pytest.mark.parametrize("line", ["drop the Slack commands", "Remove the Slack commands"])
def test_what_is_to_go_and_only_lookup_knows_goes(
    planner: Client, catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    def resolve(_: FeatureCatalog, request: PlanRequest) -> Resolved:
        match = Match("teams", "Teams", 0.9)
        found = Resolution(LookupBand.MATCH, (match,))
        keys = [*(wish.key for wish in request.wishes), *(veto.key for veto in request.vetoes)]
        return Resolved(dict.fromkeys(keys, found))

    form = Form(planner)
    form.press("read", text="- People sign in\n- should: Teams")
    monkeypatch.setattr(understanding, "resolve", resolve)
    page = form.press("add", line=line)
    assert "“Slack commands” was taken for teams." in page
    assert ("was taken for a change. If it is a feature" in page) == line.startswith("Remove")
    assert json.loads(form.state_text)["removed"] == ["teams"]
    assert form.quotes == ["People sign in", "Teams"]


def test_a_whole_text_is_read_and_fills_in_what_is_empty(planner: Client, catalog: FeatureCatalog) -> None:
    form = Form(planner)
    text = f"# Desk {HOSTILE}\n\n- People sign in\n- Tickets are found again\n- No live chat\n\n![x](y.png)\n"
    page = form.press("read", title="", text=text)
    assert form.request["title"] == f"Desk {HOSTILE}"
    assert form.quotes == ["People sign in", "Tickets are found again"]
    assert "live chat" in form.request["vetoes"][0]["quote"]
    assert "Not made use of" in page
    assert HOSTILE not in page


def test_what_a_draft_could_reuse_is_said_where_only_what_is_verified_may_be(
    planner: Client, catalog: FeatureCatalog
) -> None:
    form = Form(planner)
    assert "1 feature to be built new has sources that nobody has verified yet" in form.press(
        "add", line="Login"
    )
    assert "nobody has verified yet" not in form.press("refresh", mode="draft")


def test_what_is_chosen_is_kept_and_planned(planner: Client, catalog: FeatureCatalog) -> None:
    verify(source_of("login"))
    whitelist(source_of("login"))
    form = Form(planner)
    form.press("add", line="Login")
    page = form.press("refresh", {"choice:login": "login", "strength:login": "should", "source:login": ""})
    assert form.request["answers"] == {"which:login": "login"}
    assert form.request["features"][0]["strength"] == "should"
    assert "auth-kit" in page
    assert "1 reused" in page
    page = form.press(
        "refresh", {"choice:login": "build-new", "slot:db": "sqlite"}, constraints="GDPR\n\nGDPR"
    )
    assert form.request["answers"] == {"which:login": "build-new"}
    assert (form.request["slots"], form.request["constraints"]) == ({"db": "sqlite"}, ["GDPR"])
    assert "1 built new" in page
    source = json.dumps(["auth-kit", ["auth"]])
    form.press("refresh", {"choice:login": "login", "source:login": source})
    form.press("refresh")
    assert form.request["features"][0]["pin"] == {"repo_id": "auth-kit", "paths": ["auth"]}
    assert "plan.md" in form.press("refresh", show="text")


def test_a_condition_that_is_too_long_is_kept_and_said_beside_it(
    planner: Client, catalog: FeatureCatalog
) -> None:
    long = "Runs on one small server. " + "x" * 2_000
    form = Form(planner)
    form.press("add", line="Login")
    page = form.press("save", constraints=f"GDPR\n{long}")
    assert form.answer.status_code == 422
    assert "has 2,026 characters; a line takes 2,000. Put it on several lines." in page
    assert 'aria-describedby="constraints-problem"' in page
    assert f"{long}</textarea>" in page
    assert not Plan.objects.exists()

    form.press("save", constraints="GDPR\n" + "x" * 2_000)
    assert Plan.objects.get().versions.get().request["constraints"] == ["GDPR", "x" * 2_000]


def test_a_condition_that_a_plan_has_already_may_be_of_any_length(
    planner: Client, catalog: FeatureCatalog
) -> None:
    long = "x" * 2_001
    wanted = PlanRequest(title="Desk", wishes=(Wish("a", "Login"),), constraints=(long,))
    create_plan(wanted, catalog=catalog, plan_id="desk", actor=system_actor("test"))
    form = Form(planner, "/dashboard/plans/desk/revise/")
    form.press("save", title="Desks", constraints=f"{long}\n{long}y")
    assert form.answer.status_code == 422
    form.press("save", title="Desks", constraints=f"{long}\nGDPR")
    latest = PlanVersion.objects.get(plan__plan_id="desk", number=2)
    assert latest.request["constraints"] == [long, "GDPR"]


def test_a_plan_is_saved_and_leads_on(planner: Client, catalog: FeatureCatalog) -> None:
    make_project(project_id="shop")
    form = Form(planner)
    form.press("save", line="Login", project="shop")
    version = PlanVersion.objects.get()
    assert form.answer.headers["Location"] == f"/dashboard/plans/{version.plan.plan_id}/"
    assert version.plan.project is not None
    assert version.request["features"][0]["quote"] == "Login"
    form = Form(planner, f"{PAGE}?from={version.plan.plan_id}")
    assert form.quotes == ["Login"]
    form.press("start", is_htmx=True, title="Another desk")
    assert form.answer.headers["HX-Redirect"] == "/dashboard/start/another-desk/"
    form = Form(planner)
    form.press("template", line="Search")
    assert form.answer.headers["Location"].endswith("/template/")


def test_a_form_that_is_sent_twice_makes_one_plan(planner: Client, catalog: FeatureCatalog) -> None:
    form = Form(planner)
    form.press("add", line="Login")
    body = form.fields | form.carried | {"state": form.state_text, "do": "save"}
    addresses = {planner.post(PAGE, body).headers["Location"] for _ in range(2)}
    addresses.add(planner.post(PAGE, body | {"line": "Search"}).headers["Location"])
    assert addresses == {"/dashboard/plans/help-desk/", "/dashboard/plans/help-desk-2/"}
    assert Plan.objects.count() == 2


def test_thousands_of_features_are_shown_a_hundred_at_a_time(
    planner: Client, catalog: FeatureCatalog
) -> None:
    form = Form(planner)
    page = form.press("read", text="\n".join(f"- Feature number {number} of all" for number in range(1_000)))
    assert len(form.quotes) == 1_000
    assert page.count('<li class="ap-wish') == 100
    assert "1\N{EN DASH}100 of 1000" in page
    assert "Work out the whole plan" in page
    assert "101\N{EN DASH}200 of 1000" in form.press("page:2")


def test_a_plan_is_changed_into_its_next_version_and_both_are_compared(
    planner: Client, catalog: FeatureCatalog
) -> None:
    Form(planner).press("save", line="Login")
    home = f"/dashboard/plans/{Plan.objects.get().plan_id}/"
    form = Form(planner, f"{home}revise/")
    assert "Save as version 2" in form.text
    page = form.press("add", line="Search")
    assert "Feature added: Search." in page
    form.press("save", note="Found to be wanted.")
    assert form.answer.headers["Location"] == home
    second = PlanVersion.objects.get(number=2)
    assert (len(second.changes["add"]), second.note) == (1, "Found to be wanted.")
    versions = " ".join(planner.get(f"{home}versions/").content.decode().split())
    assert "Found to be wanted." in versions
    assert "Compare the two that are marked" in versions
    diff = " ".join(planner.get(f"{home}diff/").content.decode().split())
    assert "Features that are new" in diff
    assert "Features that are gone" in planner.get(f"{home}diff/?from=2&to=1").content.decode()
    assert "No difference" in planner.get(f"{home}diff/?from=2&to=2").content.decode()
    text = planner.get(f"{home}plan.md")
    assert text.content.startswith(b"# Help desk")
    assert 'class="ap-markdown"' in planner.get(f"{home}?show=text").content.decode()
    assert "This is version 1" in planner.get(f"{home}?version=1").content.decode()


def test_whoever_was_faster_is_not_overwritten(planner: Client, catalog: FeatureCatalog) -> None:
    Form(planner).press("save", line="Login")
    home = f"/dashboard/plans/{Plan.objects.get().plan_id}/"
    mine, theirs = Form(planner, f"{home}revise/"), Form(planner, f"{home}revise/")
    theirs.press("save", line="Search")
    page = mine.press("save", line="Teams")
    assert mine.answer.status_code == 422
    assert "is at version 2 by now" in page
    assert mine.quotes == ["Login", "Teams"]
    assert PlanVersion.objects.count() == 2


def test_questions_are_answered_on_the_page_of_the_plan(planner: Client, catalog: FeatureCatalog) -> None:
    form = Form(planner)
    form.press("add", line="Login")
    form.press("forbid:login")
    form.press("save", line="Teams", answers="")
    version = PlanVersion.objects.get()
    home = f"/dashboard/plans/{version.plan.plan_id}/"
    questions = version.document["questions"]
    assert questions
    page = planner.get(home).content.decode()
    assert f'name="answer:{questions[0]["id"]}"' in html.unescape(page)
    body = {f"answer:{questions[0]['id']}": questions[0]["options"][0]["id"], "version": "1"}
    assert planner.post(f"{home}answer/", body).headers["Location"] == home
    asked = [question["id"] for question in PlanVersion.objects.get(number=2).document["questions"]]
    assert questions[0]["id"] not in asked
    planner.post(f"{home}answer/", {"answer:nothing": "x", "version": "2"})
    planner.post(f"{home}answer/", {"answer:nothing": "x", "version": "9" * 5_000})
    assert (
        "No answer was chosen."
        in planner.post(f"{home}answer/", {"version": "2"}, follow=True).content.decode()
    )
    assert PlanVersion.objects.count() == 2
