"""The worker's look at a repository."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.actors import Actor
from catalog_app.choices import CandidateState
from catalog_app.models import CurationCandidate
from catalog_app.services import surveying
from catalog_app.services.curating import cancel_curation_run
from catalog_app.services.surveying import execute_candidate, requeue_candidates
from catalog_app.verification.mirror import Mirror, Upstream
from catalog_app.verification.watching import Watch
from tests.support.catalog_factories import CandidateFactory, FeatureFactory, SourceFactory
from tests.support.curation import WELL_KEPT, Curation


def test_a_repository_that_is_not_there_fails_with_its_reason(curation: Curation) -> None:
    candidate = curation.candidate(curation.root / "nowhere-links")

    assert (candidate.state, candidate.error_code) == ("failed", "repository_not_found")
    assert candidate.detail
    assert candidate.proposal["title"] == "Nowhere links"
    assert candidate.run.state == "ready"


def test_a_place_that_is_not_allowed_any_more_fails(curation: Curation, settings: object) -> None:
    repo = curation.make()
    run = curation.start(repo)
    setattr(settings, "FETCH_ROOTS", [])  # noqa: B010 - pytest-django's settings take any name
    curation.work()

    assert run.candidates.get().error_code == "outside_roots"


def test_a_full_disk_fails_with_its_reason(curation: Curation, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(mirror: Mirror, watch: Watch | None = None) -> Upstream:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Mirror, "fetch", no_room)
    candidate = curation.candidate()

    assert (candidate.state, candidate.error_code, candidate.times_started) == ("failed", "disk_failed", 1)
    assert "No space left" in candidate.detail


def test_a_repository_without_a_licence_is_ready_and_says_why(curation: Curation) -> None:
    candidate = curation.candidate(curation.make(files={"README.md": "# Links\n", "a.py": "x = 1\n"}))

    assert candidate.state == "ready"
    assert candidate.detected_license == candidate.effective_license == ""
    assert "licence" in candidate.detail


def test_finds_commit_licence_quality_and_a_proposal(curation: Curation) -> None:
    FeatureFactory.create(slug="passwordless-login", title="Passwordless login by link", category="auth")
    repo = curation.make()
    candidate = curation.candidate(repo)

    assert (candidate.state, candidate.commit) == ("ready", repo.head())
    assert (candidate.detected_license, candidate.effective_license) == ("MIT", "MIT")
    assert candidate.quality_score is not None
    assert {part["name"] for part in candidate.quality["parts"]} >= {"tests", "ci", "documentation"}
    assert candidate.measures["test_files"] == 1
    assert candidate.last_commit_at is not None
    assert candidate.proposal == {
        "slug": "magic-links",
        "title": "Magic links",
        "description": "Sign people in by a link that is sent to their address.",
        "category": "auth",
        "complexity": "low",
        "aliases": [],
        "paths": [],
        "license": "MIT",
    }


def test_names_features_that_it_resembles(curation: Curation) -> None:
    repo = curation.make()
    source = SourceFactory.create(
        feature__slug="sign-in", repo__url=str(repo.path), repo__url_key=f"file:{repo.path}"
    )
    FeatureFactory.create(slug="links", title="Magic links")
    candidate = curation.candidate(repo)

    assert [(d["slug"], d["kind"]) for d in candidate.duplicates] == [
        (source.feature.slug, "same_repository"),
        ("links", "same_name"),
    ]


def test_two_alike_in_one_run_get_slugs_of_their_own(curation: Curation) -> None:
    run = curation.survey(curation.make("a"), curation.make("b"))

    assert [c.proposal["slug"] for c in run.candidates.all()] == ["magic-links", "magic-links-2"]


def test_a_second_worker_does_nothing_once_it_is_done(curation: Curation) -> None:
    candidate = curation.candidate()
    execute_candidate(candidate.pk)

    again = CurationCandidate.objects.get()
    assert (again.state, again.times_started) == ("ready", 1)


def test_a_worker_that_was_given_up_changes_nothing(
    curation: Curation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = curation.start(curation.make())
    fetch = Mirror.fetch

    def slow_fetch(mirror: Mirror, watch: Watch | None = None) -> Upstream:
        upstream = fetch(mirror, watch)
        CurationCandidate.objects.update(times_started=2, step="Somebody else's")
        return upstream

    monkeypatch.setattr(Mirror, "fetch", slow_fetch)
    curation.work()

    candidate = run.candidates.get()
    assert (candidate.state, candidate.step, candidate.proposal) == ("scanning", "Somebody else's", {})


def test_a_fetch_stops_when_its_run_is_cancelled(
    curation: Curation, curator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = curation.start(curation.make())
    fetch = Mirror.fetch

    def cancel_and_fetch(mirror: Mirror, watch: Watch | None = None) -> Upstream:
        cancel_curation_run(run, actor=curator, reason="Wrong list.")
        return fetch(mirror, watch)

    monkeypatch.setattr(surveying, "BEAT_SECONDS", 0)
    monkeypatch.setattr(Mirror, "fetch", cancel_and_fetch)
    curation.work()

    assert run.candidates.get().state == "cancelled"
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_what_kills_every_worker_is_given_up(curation: Curation) -> None:
    run = curation.start(curation.make())
    CurationCandidate.objects.update(state=CandidateState.SCANNING.value, times_started=5)
    curation.work()

    candidate = run.candidates.get()
    assert (candidate.state, candidate.error_code) == ("failed", "worker_lost")
    run.refresh_from_db()
    assert run.state == "ready"


def test_what_a_search_said_comes_before_the_readme(curation: Curation) -> None:
    repo = curation.make("links", {**WELL_KEPT, "README.md": "Only words.\n"})
    text = f'[{{"html_url": "{repo.path}", "name": "django-links", "topics": ["passwordless"]}}]'
    candidate = curation.candidate(text)

    assert candidate.proposal["title"] == "Django links"
    assert candidate.proposal["aliases"] == ["passwordless"]


class TestRequeue:
    def test_leaves_alone_what_is_queued_or_settled(self, curation: Curation) -> None:
        curation.start(curation.make())
        CandidateFactory.create(state=CandidateState.READY.value, run__title="Another")

        assert requeue_candidates() == 0

    @pytest.mark.parametrize("state", ["queued", "scanning"])
    def test_queues_once_what_nobody_looks_at(self, curation: Curation, state: str) -> None:
        curation.start(curation.make())
        CurationCandidate.objects.update(state=state)
        ProcrastinateJob.objects.all().delete()

        assert (requeue_candidates(), requeue_candidates()) == (1, 0)
        curation.work()
        assert CurationCandidate.objects.get().state == "ready"
