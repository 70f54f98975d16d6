"""Curation runs in the admin: the list, the page that starts one, and the inbox."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog_app.choices import CandidateState, CurationState
from catalog_app.models import CurationCandidate, CurationRun, Feature
from tests.support import catalog_factories as make
from tests.support.curation import Curation

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog_app/curationrun/"
NEW = f"{LIST}add/"


def inbox(run: CurationRun) -> str:
    return f"{LIST}{run.pk}/change/"


def fields(candidate: CurationCandidate, **changes: str) -> dict[str, str]:
    """What the row of a candidate sends."""
    proposal = candidate.proposal
    values = {
        "title": proposal["title"],
        "slug": proposal["slug"],
        "category": proposal["category"],
        "complexity": proposal["complexity"],
        "license": proposal["license"],
        "aliases": ", ".join(proposal["aliases"]),
        "paths": ", ".join(proposal["paths"]),
        "description": proposal["description"],
        "feature": "",
        **changes,
    }
    return {f"{candidate.pk}-{name}": value for name, value in values.items()}


def said(client: Client, url: str) -> str:
    """Messages of the page that comes next."""
    return " ".join(str(message) for message in client.get(url).context["messages"])


class TestAccess:
    @pytest.mark.parametrize("path", ["change/", "cancel/", "retry/", "candidates/{candidate}/"])
    def test_strangers_are_sent_away(self, path: str) -> None:
        candidate = make.CandidateFactory.create()
        url = f"{LIST}{candidate.run_id}/{path.format(candidate=candidate.pk)}"

        assert Client().post(url).status_code == 302

    @pytest.mark.parametrize("path", ["change/", "cancel/", "retry/", "candidates/{candidate}/"])
    def test_staff_without_the_role_decides_nothing(self, bob: Client, path: str) -> None:
        candidate = make.CandidateFactory.create(state=CandidateState.READY.value)
        url = f"{LIST}{candidate.run_id}/{path.format(candidate=candidate.pk)}"
        answer = bob.post(url, {"do": f"reject:{candidate.pk}", "reason": "No.", "retry": candidate.pk})

        assert answer.status_code == 403
        candidate.refresh_from_db()
        assert candidate.state == "ready"

    def test_staff_without_the_role_looks_and_starts_nothing(self, bob: Client) -> None:
        candidate = make.CandidateFactory.create(state=CandidateState.READY.value)
        page = bob.get(inbox(candidate.run))

        assert page.status_code == 200
        assert b'form="decide"' not in page.content
        assert bob.get(NEW).status_code == 403


class TestStart:
    def test_names_every_line_that_is_not_acceptable(self, ada: Client, curation: Curation) -> None:
        catalog = make.CatalogFactory.create()
        text = "http://github.com/x/y\n/etc\n"
        page = ada.post(NEW, {"title": "Ideas", "catalog": catalog.pk, "text": text})

        assert page.status_code == 200
        assert [problem["place"] for problem in page.context["problems"]] == ["line 1", "line 2"]
        assert b"http://github.com/x/y" in page.content
        assert not CurationRun.objects.exists()

    def test_wants_a_title_and_a_list(self, ada: Client) -> None:
        make.CatalogFactory.create()
        page = ada.post(NEW, {"title": "", "text": ""})

        assert set(page.context["form"].errors) == {"title", "catalog", "text"}

    def test_says_so_when_there_is_no_catalog(self, ada: Client) -> None:
        assert b"There is no catalog yet" in ada.get(NEW).content

    def test_opens_the_inbox_of_what_it_started(self, ada: Client, curation: Curation) -> None:
        catalog = make.CatalogFactory.create()
        text = str(curation.make().path)
        answer = ada.post(NEW, {"title": "Ideas", "catalog": catalog.pk, "text": text})

        run = CurationRun.objects.get()
        assert (run.title, run.requested_by.partition(" ")[0]) == ("Ideas", "ada")
        assert answer.headers["Location"] == inbox(run)
        assert "looks at 1 repository now" in said(ada, inbox(run))


class TestInbox:
    def test_an_unknown_run_is_not_found(self, ada: Client) -> None:
        assert ada.get(f"{LIST}0/change/").status_code == 404
        assert ada.get(f"{LIST}x/change/").status_code == 404

    def test_shows_what_was_found_and_what_is_proposed(self, ada: Client, curation: Curation) -> None:
        make.SourceFactory.create(feature__slug="links", feature__title="Magic links")
        page = ada.get(inbox(curation.candidate().run)).content.decode()

        for words in ("MIT", "Allowed", "of 100, measured", "Maintained", "is also called", "magic-links"):
            assert words in page

    def test_it_polls_only_while_something_is_looked_at(self, ada: Client, curation: Curation) -> None:
        run = curation.start(curation.make())
        assert b"every 2s" in ada.get(inbox(run)).content

        curation.work()
        assert b"every 2s" not in ada.get(inbox(run)).content

    def test_an_update_has_the_rows_that_were_live(self, ada: Client, curation: Curation) -> None:
        run = curation.start(curation.make("a"), curation.make("b"))
        page = ada.get(inbox(run)).content.decode()
        found = re.search(r'hx-get="([^"]*)"', page)
        assert found is not None
        curation.work()

        update = ada.get(found[1].replace("&amp;", "&")).content.decode()
        assert update.count('hx-swap-oob="true"') == 2
        assert "All 2 looked at" in update
        assert "<html" not in update
        assert "every 2s" not in update

    def test_pages_tabs_and_search(self, ada: Client) -> None:
        run = make.CurationRunFactory.create(state=CurationState.READY.value)
        for n in range(30):
            state = CandidateState.FAILED if n < 3 else CandidateState.READY
            make.CandidateFactory.create(run=run, state=state.value, position=n + 1)

        def shown(query: str) -> int:
            return len(ada.get(f"{inbox(run)}?{query}").context["rows"])

        assert (shown(""), shown("p=2"), shown("tab=failed"), shown("tab=accepted")) == (25, 5, 3, 0)
        assert (shown("q=candidate-12"), shown("q=nothing"), shown("tab=nonsense&p=x")) == (1, 0, 25)

    def test_costs_the_same_whatever_is_on_it(self, ada: Client) -> None:
        run = make.CurationRunFactory.create()

        def cost(url: str) -> int:
            with CaptureQueriesContext(connection) as queries:
                assert ada.get(url).status_code == 200
            return len(queries)

        make.CandidateFactory.create(run=run, state=CandidateState.READY.value)
        before = cost(inbox(run)), cost(LIST)
        for state in ("ready", "failed", "queued") * 8:
            make.CandidateFactory.create(run=run, state=state)
            make.CandidateFactory.create()

        assert (cost(inbox(run)), cost(LIST)) == before


class TestDecide:
    def test_nothing_selected_is_said(self, ada: Client, curation: Curation) -> None:
        run = curation.candidate().run
        page = ada.post(inbox(run), {"do": "accept", "reason": "Good."})

        assert "Nothing is selected" in page.content.decode()
        assert not Feature.objects.exists()

    def test_a_missing_reason_is_said_and_what_was_typed_stays(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        form = {"do": f"accept:{candidate.pk}", "reason": " ", **fields(candidate, title="Sign-in links")}
        page = ada.post(inbox(candidate.run), form).content.decode()

        assert "Nothing was decided." in page
        assert 'value="Sign-in links"' in page
        assert not Feature.objects.exists()

    def test_a_problem_of_one_keeps_all_out_and_stands_beside_it(
        self, ada: Client, curation: Curation
    ) -> None:
        make.FeatureFactory.create(slug="login")
        run = curation.survey(curation.make("a"), curation.make("b"))
        a, b = run.candidates.all()
        form = {
            "do": "accept",
            "reason": "Good.",
            "candidate": [a.pk, b.pk],
            **fields(a),
            **fields(b, slug="login"),
        }
        page = ada.post(inbox(run), form)

        (row,) = [row for row in page.context["rows"] if row.errors]
        assert (row.candidate, list(row.errors)) == (b, ["slug"])
        assert all(row.is_picked for row in page.context["rows"])
        assert {candidate.state for candidate in run.candidates.all()} == {"ready"}

    def test_a_row_is_accepted_as_it_was_edited(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        edited = fields(candidate, slug="sign-in-links", aliases="magic link, e-mail link")
        answer = ada.post(inbox(candidate.run), {"do": f"accept:{candidate.pk}", "reason": "Good.", **edited})

        assert answer.status_code == 302
        assert "is in the catalog now (sign-in-links), not whitelisted yet" in said(ada, inbox(candidate.run))
        assert Feature.objects.get().aliases == ["magic link", "e-mail link"]

    def test_many_are_rejected_with_one_reason(self, ada: Client, curation: Curation) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        picked = [candidate.pk for candidate in run.candidates.all()]
        ada.post(inbox(run), {"do": "reject", "reason": "Both old.", "candidate": picked})

        assert "Rejected: 2 candidates." in said(ada, inbox(run))
        assert {candidate.decision_reason for candidate in run.candidates.all()} == {"Both old."}

    def test_a_selection_reaches_over_all_pages_of_what_is_shown(self, ada: Client) -> None:
        run = make.CurationRunFactory.create(state=CurationState.READY.value)
        for n in range(30):
            state = CandidateState.FAILED if n < 28 else CandidateState.READY
            make.CandidateFactory.create(run=run, state=state.value, position=n + 1)
        ada.post(f"{inbox(run)}?tab=failed", {"do": "reject", "reason": "Gone.", "across": "1"})

        assert run.candidates.filter(state="rejected").count() == 28

    def test_what_somebody_else_decided_meanwhile_is_said(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        url = inbox(candidate.run)
        form = {"do": f"reject:{candidate.pk}", "reason": "No."}
        ada.post(url, form)

        page = ada.post(url, {**form, "do": f"accept:{candidate.pk}", **fields(candidate)})
        assert "Nothing was decided." in page.content.decode()
        assert not Feature.objects.exists()


class TestEdit:
    def test_says_what_is_wrong_and_keeps_nothing(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        url = f"{LIST}{candidate.run_id}/candidates/{candidate.pk}/"
        page = ada.post(url, fields(candidate, slug="no name")).content.decode()

        assert "no name" in page
        assert "Kept" not in page
        candidate.refresh_from_db()
        assert candidate.edits == {}

    def test_keeps_what_is_otherwise_than_proposed(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        url = f"{LIST}{candidate.run_id}/candidates/{candidate.pk}/"
        page = ada.post(url, fields(candidate, title="Sign-in links")).content.decode()

        assert "Kept for when you accept it" in page
        candidate.refresh_from_db()
        assert candidate.edits == {"title": "Sign-in links"}
        assert b'value="Sign-in links"' in ada.get(inbox(candidate.run)).content

    def test_warns_of_a_licence_that_was_not_found(self, ada: Client, curation: Curation) -> None:
        candidate = curation.candidate()
        url = f"{LIST}{candidate.run_id}/candidates/{candidate.pk}/"
        page = ada.post(url, fields(candidate, license="Apache-2.0")).content.decode()

        assert "It would be a mismatch." in page


def test_a_run_is_cancelled_with_a_reason(ada: Client, curation: Curation) -> None:
    run = curation.start(curation.make())
    ada.post(f"{LIST}{run.pk}/cancel/", {"reason": ""})
    assert "Say why" in said(ada, inbox(run))

    ada.post(f"{LIST}{run.pk}/cancel/", {"reason": "Wrong list."})
    assert "The run is cancelled." in said(ada, inbox(run))
    assert b"Wrong list." in ada.get(inbox(run)).content


def test_a_failed_one_is_looked_at_again(ada: Client, curation: Curation) -> None:
    candidate = curation.candidate(curation.root / "late")
    url = f"{LIST}{candidate.run_id}/retry/"
    ada.post(url, {"retry": candidate.pk})
    assert "again" in said(ada, inbox(candidate.run))
    candidate.refresh_from_db()
    assert candidate.state == "queued"

    ada.post(url, {"retry": candidate.pk})
    assert "is queued" in said(ada, inbox(candidate.run))
