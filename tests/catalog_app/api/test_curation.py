"""Curation runs by REST."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from autopack.actors import Role
from catalog_app.api.curation_urls import urlpatterns
from catalog_app.choices import CandidateState
from catalog_app.models import CurationCandidate, CurationRun, Feature, FeatureCatalog
from tests.catalog_app.api.conftest import BASE, ClientOf
from tests.support import catalog_factories as make
from tests.support.curation import Curation

Send = Callable[..., Any]
RUNS = "curation/runs"
READ = ["runs", "runs/{run}", "candidates/{candidate}"]
WRITE = ["runs", "runs/{run}/decide", "runs/{run}/cancel", "candidates/{candidate}/retry"]


@pytest.fixture
def candidate(catalog: FeatureCatalog) -> CurationCandidate:
    found: CurationCandidate = make.CandidateFactory.create(
        run__catalog=catalog, state=CandidateState.FAILED.value
    )
    return found


def paths_of(candidate: CurationCandidate, paths: list[str]) -> list[str]:
    return [f"curation/{path.format(run=candidate.run_id, candidate=candidate.pk)}" for path in paths]


class TestAccess:
    def test_the_tables_here_know_every_address(self) -> None:
        known = {
            path.replace("{run}", "<int:run_id>").replace("{candidate}", "<int:candidate_id>")
            for path in [*READ, *WRITE]
        }
        assert {str(url.pattern) for url in urlpatterns} == known

    def test_nobody_looks_without_a_key(self, candidate: CurationCandidate) -> None:
        for path in paths_of(candidate, READ):
            assert APIClient().get(BASE + path).status_code == 401, path

    def test_only_curators_look(self, candidate: CurationCandidate, client_of: ClientOf) -> None:
        for path in paths_of(candidate, READ):
            for role in Role:
                answer = client_of(role).get(BASE + path)
                if role is Role.CURATOR:
                    assert answer.status_code == 200, path
                else:
                    assert (answer.status_code, answer.json()["needed"]) == (403, ["curator"]), (path, role)

    def test_only_curators_write(self, candidate: CurationCandidate, client_of: ClientOf) -> None:
        for path in paths_of(candidate, WRITE):
            for role in Role:
                answer = client_of(role).post(BASE + path, {}, format="json")
                if role is Role.CURATOR:
                    assert answer.status_code in (200, 422), (path, answer.json())
                else:
                    assert (answer.status_code, answer.json()["needed"]) == (403, ["curator"]), (path, role)

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("runs/0", "curation_run_not_found"),
            ("runs/99999999999999999999999", "curation_run_not_found"),
            ("candidates/0", "curation_candidate_not_found"),
            ("runs?catalog=other", "catalog_not_found"),
        ],
    )
    def test_what_is_not_there_is_not_found(
        self, catalog: FeatureCatalog, client_of: ClientOf, path: str, code: str
    ) -> None:
        answer = client_of(Role.CURATOR).get(f"{BASE}curation/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)


class TestStart:
    @pytest.mark.parametrize(
        "body",
        [
            {"title": "Ideas"},
            {"title": "Ideas", "repositories": "/srv/x", "search": []},
            {"title": "", "repositories": "/srv/x"},
            {"repositories": "/srv/x"},
        ],
    )
    def test_refuses_what_is_neither_a_list_nor_a_search(
        self, catalog: FeatureCatalog, send: Send, body: dict[str, Any]
    ) -> None:
        answer = send("post", RUNS, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")

    def test_names_every_line_that_is_not_acceptable(self, catalog: FeatureCatalog, send: Send) -> None:
        body = {"title": "Ideas", "repositories": "http://github.com/x/y\n/etc"}
        answer = send("post", RUNS, body)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_curation_list")
        assert [(e["code"], e["place"]) for e in answer.json()["errors"]] == [
            ("transport_refused", "line 1"),
            ("outside_roots", "line 2"),
        ]
        assert not CurationRun.objects.exists()

    def test_starts_from_a_list(self, catalog: FeatureCatalog, curation: Curation, send: Send) -> None:
        answer = send("post", RUNS, {"title": "Ideas", "repositories": str(curation.make().path)})

        assert answer.status_code == 201, answer.json()
        assert answer.json()["state"] == "scanning"
        assert answer.json()["counts"] == {
            "total": 1,
            "looked_at": 0,
            "undecided": 0,
            "accepted": 0,
            "rejected": 0,
        }

    def test_starts_from_a_search_as_it_came(
        self, catalog: FeatureCatalog, curation: Curation, send: Send
    ) -> None:
        search = {"total_count": 1, "items": [{"html_url": "https://github.com/x/y", "stargazers_count": 7}]}
        answer = send("post", RUNS, {"title": "Found", "search": search})

        assert (answer.status_code, answer.json()["origin"]) == (201, "search")
        assert CurationCandidate.objects.get().facts == {"stars": 7}


class TestDecide:
    def test_all_or_nothing(self, catalog: FeatureCatalog, curation: Curation, send: Send) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        a, b = (candidate.pk for candidate in run.candidates.all())
        decisions = [
            {"candidate": a, "action": "accept", "reason": "Good."},
            {"candidate": b, "action": "accept", "edits": {"slug": "login"}, "reason": "Good."},
        ]
        answer = send("post", f"{RUNS}/{run.pk}/decide", {"decisions": decisions})

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_candidates")
        (error,) = answer.json()["errors"]
        assert (error["candidate"], error["field"], error["code"]) == (b, "slug", "slug_taken")
        assert {candidate.state for candidate in run.candidates.all()} == {"ready"}

    def test_wants_a_reason_for_each(self, catalog: FeatureCatalog, curation: Curation, send: Send) -> None:
        run = curation.survey(curation.make())
        decisions = [{"candidate": run.candidates.get().pk, "action": "reject"}]
        answer = send("post", f"{RUNS}/{run.pk}/decide", {"decisions": decisions})

        assert (answer.status_code, answer.json()["code"]) == (422, "reason_required")

    def test_what_is_not_looked_at_cannot_be_decided(
        self, catalog: FeatureCatalog, curation: Curation, send: Send
    ) -> None:
        run = curation.start(curation.make())
        decisions = [{"candidate": run.candidates.get().pk, "action": "accept", "reason": "Now."}]
        answer = send("post", f"{RUNS}/{run.pk}/decide", {"decisions": decisions})

        assert (answer.status_code, answer.json()["code"]) == (409, "candidate_not_decidable")
        assert answer.json()["state"] == "queued"

    def test_accepts_with_edits_and_rejects(
        self, catalog: FeatureCatalog, curation: Curation, send: Send
    ) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        a, b = (candidate.pk for candidate in run.candidates.all())
        edits = {"slug": "sign-in-links", "aliases": ["magic link"], "complexity": "high"}
        body = {
            "decisions": [
                {"candidate": a, "action": "accept", "edits": edits, "reason": "Good."},
                {"candidate": b, "action": "reject", "reason": "The same."},
            ]
        }
        answer = send("post", f"{RUNS}/{run.pk}/decide", body)
        again = send("post", f"{RUNS}/{run.pk}/decide", body)

        assert answer.status_code == 200, answer.json()
        first, second = answer.json()["decided"]
        assert (first["state"], first["feature"], first["decision_reason"]) == (
            "accepted",
            "sign-in-links",
            "Good.",
        )
        assert (second["state"], second["feature"]) == ("rejected", None)
        assert answer.json()["run"]["state"] == "closed"
        assert Feature.objects.get(slug="sign-in-links").complexity == "high"
        assert (again.status_code, again.json()["decided"]) == (200, [])


class TestRead:
    def test_a_run_has_its_candidates_page_by_page(
        self, catalog: FeatureCatalog, curation: Curation, client_of: ClientOf
    ) -> None:
        run = curation.survey(*(curation.make(name) for name in "abc"))
        client = client_of(Role.CURATOR)
        first = client.get(f"{BASE}{RUNS}/{run.pk}?page_size=2").json()
        rest = client.get(first["next"]).json()

        assert first["run"]["counts"]["undecided"] == 3
        assert [c["position"] for c in first["results"] + rest["results"]] == [1, 2, 3]
        found = first["results"][0]
        assert found["license"]["decision"] == "allowed"
        assert found["proposal"]["slug"] == "magic-links"
        assert found["proposal"]["feature"] == ""

    def test_candidates_are_found_by_state_and_words(
        self, catalog: FeatureCatalog, curation: Curation, client_of: ClientOf
    ) -> None:
        run = curation.survey(curation.make("a"), curation.root / "gone")
        client = client_of(Role.CURATOR)

        def urls(query: str) -> list[str]:
            answer = client.get(f"{BASE}{RUNS}/{run.pk}?{query}").json()
            return [Path(c["url"]).name for c in answer["results"]]

        assert urls("state=failed") == ["gone"]
        assert urls("state=ready,failed") == ["a", "gone"]
        assert urls("q=GON") == ["gone"]
        assert client.get(f"{BASE}{RUNS}/{run.pk}?state=nice").json()["code"] == "invalid_query"

    def test_one_has_its_evidence(
        self, catalog: FeatureCatalog, curation: Curation, client_of: ClientOf
    ) -> None:
        candidate = curation.candidate()
        answer = client_of(Role.CURATOR).get(f"{BASE}curation/candidates/{candidate.pk}").json()

        assert answer["run_id"] == candidate.run_id
        assert answer["evidence"]["evidence"][0]["expression"] == "MIT"
        assert answer["quality"]["parts"]

    def test_pages_cost_the_same_whatever_is_on_them(
        self, catalog: FeatureCatalog, client_of: ClientOf
    ) -> None:
        run = make.CurationRunFactory.create(catalog=catalog)
        client = client_of(Role.CURATOR)

        def cost(path: str) -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(BASE + path).status_code == 200
            return len(queries)

        make.CandidateFactory.create(run=run)
        cost(RUNS)  # The first call of a key notes that it is used.
        before = cost(f"{RUNS}/{run.pk}"), cost(RUNS)
        for _ in range(30):
            make.CandidateFactory.create(run=run)
        for _ in range(10):
            make.CandidateFactory.create(run__catalog=catalog)

        assert (cost(f"{RUNS}/{run.pk}"), cost(RUNS)) == before


def test_a_run_is_cancelled_with_a_reason(catalog: FeatureCatalog, curation: Curation, send: Send) -> None:
    run = curation.start(curation.make())
    silent = send("post", f"{RUNS}/{run.pk}/cancel", {})
    answer = send("post", f"{RUNS}/{run.pk}/cancel", {"reason": "Wrong list."})

    assert silent.json()["code"] == "reason_required"
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["cancel_reason"] == "Wrong list."


def test_a_failed_one_is_looked_at_again(catalog: FeatureCatalog, curation: Curation, send: Send) -> None:
    candidate = curation.candidate(curation.root / "late")
    answer = send("post", f"curation/candidates/{candidate.pk}/retry")
    again = send("post", f"curation/candidates/{candidate.pk}/retry")

    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
