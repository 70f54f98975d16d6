"""Curation runs, from the list to the last decision."""

import json

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.actors import Actor
from autopack.errors import Refused, WrongState
from catalog_app.choices import CandidateState, CurationOrigin, CurationState
from catalog_app.errors import ReasonRequired
from catalog_app.models import CurationCandidate, CurationRun
from catalog_app.services.curating import cancel_curation_run, retry_candidate, start_curation_run
from tests.support.catalog_factories import CandidateFactory, CatalogFactory, CurationRunFactory
from tests.support.curation import Curation


def queued() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name="catalog_app.survey_candidate").order_by("id"))


class TestStart:
    def test_refuses_a_list_with_every_problem_and_its_place(
        self, curation: Curation, curator: Actor
    ) -> None:
        text = "\n".join(
            [
                "https://github.com/pallets/flask",
                "http://github.com/pallets/click",
                "https://git.example.com/pallets/jinja",
                "/etc",
                "https://ada:secret@github.com/pallets/quart from /etc",
                "https://github.com/pallets from " + str(curation.root),
                "not an address",
            ]
        )
        with pytest.raises(Refused) as refusal:
            start_curation_run(CatalogFactory.create(), text, title=" ", actor=curator)

        assert refusal.value.problem_code == "invalid_curation_list"
        assert [(e["code"], e["place"]) for e in refusal.value.errors] == [
            ("transport_refused", "line 2"),
            ("host_refused", "line 3"),
            ("outside_roots", "line 4"),
            ("credentials_in_url", "line 5"),
            ("no_repository", "line 6"),
            ("malformed_place", "line 7"),
            ("invalid_title", "title"),
        ]
        assert "secret" not in str([refusal.value.detail, refusal.value.errors])
        assert not CurationRun.objects.exists()
        assert queued() == []

    def test_refuses_what_cannot_be_read_as_json(self, curation: Curation, curator: Actor) -> None:
        with pytest.raises(Refused) as refusal:
            start_curation_run(CatalogFactory.create(), '{"items": [', title="Ideas", actor=curator)

        assert [e["code"] for e in refusal.value.errors] == ["malformed_json"]

    def test_queues_one_job_for_each_repository(self, curation: Curation, curator: Actor) -> None:
        text = "https://github.com/pallets/flask from " + str(curation.root / "flask") + "\n/srv/x"
        text = text.replace("/srv/x", str(curation.root / "x"))
        run = start_curation_run(CatalogFactory.create(), text, title="  Two   ideas ", actor=curator)

        first, second = run.candidates.all()
        assert (run.title, run.state, run.requested_by) == ("Two ideas", "scanning", "ada (user:7)")
        assert (first.url, first.url_key) == ("https://github.com/pallets/flask", "github.com/pallets/flask")
        assert first.fetch_from == str(curation.root / "flask")
        assert second.url_key == f"file:{curation.root / 'x'}"
        assert [(job.queue_name, job.priority, job.args) for job in queued()] == [
            ("scans", -1, {"candidate_pk": first.pk}),
            ("scans", -1, {"candidate_pk": second.pk}),
        ]

    def test_keeps_what_a_search_said(self, curation: Curation, curator: Actor) -> None:
        item = {"html_url": "https://github.com/pallets/flask", "name": "flask", "stargazers_count": 9}
        run = start_curation_run(
            CatalogFactory.create(), json.dumps({"items": [item]}), title="Found", actor=curator
        )

        assert run.origin == CurationOrigin.SEARCH.value
        assert run.candidates.get().facts == {"name": "flask", "stars": 9}


class TestCancel:
    def test_asks_for_a_reason(self, curation: Curation, curator: Actor) -> None:
        run = CurationRunFactory.create()

        with pytest.raises(ReasonRequired):
            cancel_curation_run(run, actor=curator, reason="  ")

    def test_refuses_a_run_in_which_all_is_decided(self, curation: Curation, curator: Actor) -> None:
        run = CurationRunFactory.create(state=CurationState.CLOSED.value)

        with pytest.raises(WrongState):
            cancel_curation_run(run, actor=curator, reason="No need.")

    def test_ends_what_is_undecided_and_leaves_what_is_decided(
        self, curation: Curation, curator: Actor
    ) -> None:
        run = curation.start(*(curation.root / name for name in "abcd"))
        states = [CandidateState.QUEUED, CandidateState.SCANNING, CandidateState.READY, CandidateState.FAILED]
        for candidate, state in zip(run.candidates.all(), states, strict=True):
            CurationCandidate.objects.filter(pk=candidate.pk).update(state=state.value)

        cancelled = cancel_curation_run(run, actor=curator, reason="Wrong list.")
        again = cancel_curation_run(run, actor=curator, reason="Once more.")

        assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "Wrong list.")
        assert (cancelled.cancelled_by, again.cancel_reason) == ("ada (user:7)", "Wrong list.")
        assert {c.state for c in run.candidates.all()} == {"cancelled"}


class TestRetry:
    @pytest.mark.parametrize("state", ["queued", "scanning", "rejected", "cancelled"])
    def test_refuses_what_is_at_work_or_decided(self, curation: Curation, state: str) -> None:
        decided = {"decided_by": "ada (user:7)", "decided_at": "2026-05-04T09:00:00Z"}
        candidate = CandidateFactory.create(state=state, **decided)

        with pytest.raises(WrongState) as refusal:
            retry_candidate(candidate)

        assert refusal.value.extra["state"] == state

    def test_looks_again_at_what_could_not_be_reached(self, curation: Curation) -> None:
        run = curation.survey(curation.root / "late")
        failed = run.candidates.get()
        assert (run.state, failed.state, failed.error_code) == ("ready", "failed", "repository_not_found")

        curation.make("late")
        retry_candidate(failed)
        run.refresh_from_db()
        assert run.state == "scanning"
        curation.work()

        run.refresh_from_db()
        assert (run.state, run.candidates.get().state) == ("ready", "ready")
