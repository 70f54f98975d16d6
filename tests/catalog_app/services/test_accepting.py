"""What a curator makes of candidates, and what becomes of it in the catalog."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from autopack.actors import Actor
from autopack.errors import Refused, WrongState
from catalog_app.choices import CandidateState, LicenseDecision, SourceStatus
from catalog_app.curation.drafts import Edits
from catalog_app.errors import CandidateNotFound, ReasonRequired
from catalog_app.models import (
    CurationCandidate,
    CurationRun,
    Feature,
    FeatureCatalog,
    FeatureSource,
    SourceRepo,
    SourceScan,
)
from catalog_app.services import accepting
from catalog_app.services.accepting import (
    CandidateDecision,
    accept_candidates,
    decide_candidates,
    edit_candidate,
    reject_candidates,
)
from catalog_app.services.curating import cancel_curation_run
from catalog_app.services.drafting import Drafts, draft_candidates
from tests.support.catalog_factories import CandidateFactory, FeatureFactory, RepoFactory, SourceFactory
from tests.support.curation import MIT, WELL_KEPT, Curation

WHY = "Small, tested, and what the API plans ask for."


def accept(candidate: CurationCandidate, edits: Edits | None = None, *, actor: Actor) -> FeatureSource:
    decision = CandidateDecision(candidate.pk, is_accepted=True, reason=WHY, edits=edits or Edits())
    decide_candidates(candidate.run, [decision], actor=actor)
    return FeatureSource.objects.select_related("feature", "repo").get(candidates=candidate)


def refused(run: CurationRun, *decisions: CandidateDecision, actor: Actor) -> list[tuple[int, str, str]]:
    """Candidate, code and field of every problem."""
    with pytest.raises(Refused) as refusal:
        decide_candidates(run, decisions, actor=actor)
    assert refusal.value.problem_code == "invalid_candidates"
    return [(e["candidate"], e["code"], e["field"]) for e in refusal.value.errors]


class TestRefusals:
    def test_every_decision_wants_a_reason(self, curation: Curation, curator: Actor) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        first, second = run.candidates.all()
        decisions = [
            CandidateDecision(first.pk, is_accepted=True, reason="Good."),
            CandidateDecision(second.pk, is_accepted=False, reason=" \n"),
        ]
        with pytest.raises(ReasonRequired) as refusal:
            decide_candidates(run, decisions, actor=curator)

        assert [(e["candidate"], e["field"]) for e in refusal.value.errors] == [(second.pk, "reason")]
        assert not Feature.objects.exists()

    def test_a_candidate_of_another_run_is_not_found(self, curation: Curation, curator: Actor) -> None:
        run = curation.survey(curation.make())
        other = CandidateFactory.create(state=CandidateState.READY.value)

        with pytest.raises(CandidateNotFound):
            accept_candidates(run, [other.pk], reason=WHY, actor=curator)

    def test_a_candidate_is_decided_once(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        with pytest.raises(Refused) as refusal:
            accept_candidates(candidate.run, [candidate.pk, candidate.pk], reason=WHY, actor=curator)

        assert refusal.value.problem_code == "decided_twice"

    @pytest.mark.parametrize("state", ["queued", "scanning", "rejected", "cancelled"])
    def test_only_what_was_looked_at_and_is_undecided_can_be_accepted(
        self, curation: Curation, curator: Actor, state: str
    ) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        first, second = run.candidates.all()
        decided = {"decided_by": "ada (user:7)", "decided_at": "2026-05-04T09:00:00Z"}
        CurationCandidate.objects.filter(pk=second.pk).update(state=state, **decided)

        with pytest.raises(WrongState) as refusal:
            accept_candidates(run, [first.pk, second.pk], reason=WHY, actor=curator)

        assert [e["candidate"] for e in refusal.value.errors] == [second.pk]
        assert not Feature.objects.exists()
        assert CurationCandidate.objects.get(pk=first.pk).state == "ready"

    def test_names_that_are_taken_or_none_are_refused_together(
        self, curation: Curation, curator: Actor
    ) -> None:
        FeatureFactory.create(slug="login")
        run = curation.survey(*(curation.make(name) for name in "abcd"))
        a, b, c, d = (candidate.pk for candidate in run.candidates.all())

        def take(pk: int, edits: Edits) -> CandidateDecision:
            return CandidateDecision(pk, is_accepted=True, reason=WHY, edits=edits)

        problems = refused(
            run,
            take(a, Edits(slug="login")),
            take(b, Edits(slug="no name", paths=("../etc",))),
            take(c, Edits(slug="same")),
            take(d, Edits(slug="same", title="x" * 300)),
            actor=curator,
        )

        assert problems == [
            (a, "slug_taken", "slug"),
            (b, "bad_path", "paths"),
            (b, "bad_name", "slug"),
            (d, "too_long", "title"),
            (d, "slug_taken", "slug"),
        ]
        assert [feature.slug for feature in Feature.objects.all()] == ["login"]
        assert not SourceRepo.objects.exists()
        assert {candidate.state for candidate in run.candidates.all()} == {"ready"}

    def test_a_feature_to_add_to_must_be_there_and_not_have_it(
        self, curation: Curation, curator: Actor
    ) -> None:
        repo = curation.make()
        known = RepoFactory.create(url=str(repo.path), url_key=f"file:{repo.path}")
        SourceFactory.create(feature__slug="login", repo=known)
        FeatureFactory.create(slug="old", retired_at="2026-05-04T09:00:00Z")
        candidate = curation.candidate(repo)

        for feature, code in (
            ("login", "source_exists"),
            ("old", "feature_retired"),
            ("no", "unknown_feature"),
        ):
            decision = CandidateDecision(
                candidate.pk, is_accepted=True, reason=WHY, edits=Edits(feature=feature)
            )
            assert refused(candidate.run, decision, actor=curator) == [(candidate.pk, code, "feature")]


class TestAccept:
    def test_a_source_is_verified_at_the_commit_that_was_looked_at(
        self, curation: Curation, curator: Actor
    ) -> None:
        repo = curation.make()
        candidate = curation.candidate(repo)
        repo.commit("Go on", {"more.py": "x = 1\n"})
        source = accept(candidate, actor=curator)

        feature, scan = source.feature, SourceScan.objects.get()
        assert (feature.slug, feature.title, feature.retired_at) == ("magic-links", "Magic links", None)
        assert (source.status, source.pinned_commit) == ("verified", candidate.commit)
        assert (source.declared_license, source.effective_license) == ("MIT", "MIT")
        assert source.license_decision == LicenseDecision.ALLOWED.value
        assert (source.quality_score, source.last_scan) == (candidate.quality_score, scan)
        assert (scan.state, scan.outcome, scan.evidence) == ("done", "verified", candidate.evidence)
        assert (scan.requested_by, scan.reason) == ("ada (user:7)", WHY)
        assert source.repo.repo_id == "magic-links"

    def test_accepting_whitelists_nothing(self, curation: Curation, curator: Actor) -> None:
        source = accept(curation.candidate(), actor=curator)

        assert not source.repo.is_whitelisted
        assert not FeatureSource.objects.usable().exists()

    def test_who_when_and_why_are_kept_and_the_run_closes(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        source = accept(candidate, actor=curator)

        candidate.refresh_from_db()
        assert (candidate.state, candidate.decided_by) == ("accepted", "ada (user:7)")
        assert (candidate.decision_reason, candidate.source) == (WHY, source)
        assert candidate.decided_at is not None
        run = CurationRun.objects.get()
        assert run.state == "closed"
        assert run.finished_at is not None
        assert {(h.history_user, h.history_change_reason) for h in source.history.all()} == {
            ("ada (user:7)", WHY)
        }

    def test_accepting_again_changes_nothing(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        source = accept(candidate, actor=curator)
        version = FeatureCatalog.objects.get().version

        assert accept_candidates(candidate.run, [candidate.pk], reason="Again.", actor=curator) == []
        candidate.refresh_from_db()
        assert candidate.decision_reason == WHY
        assert FeatureSource.objects.get() == source
        assert FeatureCatalog.objects.get().version == version

    def test_what_a_curator_says_otherwise_counts(self, curation: Curation, curator: Actor) -> None:
        edits = Edits(title="Sign-in links", slug="sign-in-links", category="auth", aliases=("magic link",))
        feature = accept(curation.candidate(), edits, actor=curator).feature

        assert (feature.slug, feature.title, feature.category) == ("sign-in-links", "Sign-in links", "auth")
        assert feature.aliases == ["magic link"]
        assert "magic link" in feature.search_text

    def test_another_licence_than_the_one_found_is_a_mismatch(
        self, curation: Curation, curator: Actor
    ) -> None:
        source = accept(curation.candidate(), Edits(license="Apache-2.0"), actor=curator)

        assert source.status == SourceStatus.MISMATCH.value
        assert SourceScan.objects.get().outcome == "mismatch"

    def test_one_without_a_licence_is_kept_and_blocked(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate(curation.make(files={"README.md": "# Bare\n"}))
        source = accept(candidate, actor=curator)

        assert (source.status, source.license_decision) == ("unknown_license", "denied")
        assert source.status_detail

    def test_other_paths_want_a_look_of_their_own(self, curation: Curation, curator: Actor) -> None:
        repo = curation.make(files={**WELL_KEPT, "web/LICENSE": MIT, "web/app.js": "1;\n"})
        source = accept(curation.candidate(repo), Edits(paths=("web/",)), actor=curator)

        scan = SourceScan.objects.get()
        assert (source.paths, source.status) == (["web"], "declared")
        assert (scan.state, scan.source) == ("queued", source)

    def test_one_that_could_not_be_reached_is_declared_and_looked_at(
        self, curation: Curation, curator: Actor
    ) -> None:
        candidate = curation.candidate(curation.root / "gone")
        source = accept(candidate, Edits(license="MIT"), actor=curator)

        assert (source.status, source.declared_license) == ("declared", "MIT")
        assert SourceScan.objects.get().state == "queued"

    def test_a_repository_becomes_a_further_source(self, curation: Curation, curator: Actor) -> None:
        first = SourceFactory.create(feature__slug="login", feature__title="Sign-in", notes="Keep me.")
        source = accept(curation.candidate(), Edits(feature="login"), actor=curator)

        feature = Feature.objects.get()
        assert (feature.slug, feature.title) == ("login", "Sign-in")
        assert list(feature.sources.order_by("position")) == [first, source]
        first.refresh_from_db()
        assert (first.notes, first.retired_at) == ("Keep me.", None)
        assert source.status == "verified"

    def test_a_known_repository_keeps_its_id_and_its_facts(self, curation: Curation, curator: Actor) -> None:
        repo = curation.make()
        known = RepoFactory.create(
            repo_id="links",
            url=str(repo.path),
            url_key=f"file:{repo.path}",
            notes="Ours.",
            is_whitelisted=True,
        )
        source = accept(curation.candidate(repo), actor=curator)

        known.refresh_from_db()
        assert source.repo == known
        assert (known.notes, known.is_whitelisted) == ("Ours.", True)

    def test_what_was_looked_at_elsewhere_says_nothing_about_a_known_repository(
        self, curation: Curation, curator: Actor
    ) -> None:
        home, fork = curation.make("home"), curation.make("fork", {**WELL_KEPT, "more.py": "1\n"})
        url = "https://github.com/acme/links"
        RepoFactory.create(
            url=url, url_key=url.removeprefix("https://"), fetch_from=str(home.path), is_whitelisted=True
        )
        candidate = curation.candidate(f"{url} from {fork.path}")
        assert candidate.commit == fork.head()

        source = accept(candidate, actor=curator)

        assert (source.status, source.pinned_commit) == ("declared", "")
        assert not FeatureSource.objects.usable().exists()
        assert SourceScan.objects.get().fetch_from == home.path.as_uri()

    def test_a_retired_source_comes_back_as_it_is_now(self, curation: Curation, curator: Actor) -> None:
        repo = curation.make()
        known = RepoFactory.create(url=str(repo.path), url_key=f"file:{repo.path}")
        old = SourceFactory.create(
            feature__slug="login", repo=known, pinned_commit="a" * 40, retired_at="2026-05-04T09:00:00Z"
        )
        source = accept(curation.candidate(repo), Edits(feature="login"), actor=curator)

        assert (source, source.retired_at) == (old, None)
        assert (source.status, source.pinned_commit) == ("verified", repo.head())

    def test_what_somebody_else_saved_meanwhile_is_not_overwritten(
        self, curation: Curation, curator: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        candidate = curation.candidate()

        def slow_draft(run: CurationRun, candidates: Sequence[CurationCandidate]) -> Drafts:
            drafts = draft_candidates(run, candidates)
            FeatureFactory.create(slug="magic-links", title="Somebody else's")
            return drafts

        monkeypatch.setattr(accepting, "draft_candidates", slow_draft)
        with pytest.raises(WrongState) as refusal:
            accept(candidate, actor=curator)

        assert refusal.value.problem_code == "catalog_changed"

    def test_an_id_that_is_taken_is_numbered(self, curation: Curation, curator: Actor) -> None:
        RepoFactory.create(repo_id="magic-links")

        assert accept(curation.candidate(), actor=curator).repo.repo_id == "magic-links-2"

    def test_many_are_accepted_and_rejected_at_once(self, curation: Curation, curator: Actor) -> None:
        run = curation.survey(*(curation.make(name) for name in "abc"))
        a, b, c = (candidate.pk for candidate in run.candidates.all())
        decisions = [
            CandidateDecision(a, is_accepted=True, reason="Good."),
            CandidateDecision(b, is_accepted=False, reason="The same as the first."),
            CandidateDecision(c, is_accepted=True, reason="Also good."),
        ]
        decided = decide_candidates(run, decisions, actor=curator)

        assert [candidate.state for candidate in decided] == ["accepted", "rejected", "accepted"]
        assert [s.slug for s in Feature.objects.order_by("slug")] == ["magic-links", "magic-links-3"]
        run.refresh_from_db()
        assert run.state == "closed"

    def test_what_was_accepted_stays_when_the_run_is_cancelled(
        self, curation: Curation, curator: Actor
    ) -> None:
        run = curation.survey(curation.make("a"), curation.make("b"))
        accept(run.candidates.all()[0], actor=curator)
        cancel_curation_run(run, actor=curator, reason="Enough.")

        assert [candidate.state for candidate in run.candidates.all()] == ["accepted", "cancelled"]
        assert Feature.objects.active().count() == 1


class TestReject:
    def test_keeps_it_out_and_says_why(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        reject_candidates(candidate.run, [candidate.pk], reason="Not kept up.", actor=curator)

        candidate.refresh_from_db()
        assert (candidate.state, candidate.decision_reason) == ("rejected", "Not kept up.")
        assert CurationRun.objects.get().state == "closed"
        assert not Feature.objects.exists()

    def test_an_accepted_one_cannot_be_rejected(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        accept(candidate, actor=curator)

        with pytest.raises(WrongState):
            reject_candidates(candidate.run, [candidate.pk], reason="No.", actor=curator)


class TestEdit:
    def test_refuses_what_could_not_be_accepted(self, curation: Curation) -> None:
        FeatureFactory.create(slug="login")
        candidate = curation.candidate()

        with pytest.raises(Refused) as refusal:
            edit_candidate(candidate, Edits(slug="login"))

        assert [e["field"] for e in refusal.value.errors] == ["slug"]
        candidate.refresh_from_db()
        assert candidate.edits == {}

    def test_refuses_what_is_decided(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        reject_candidates(candidate.run, [candidate.pk], reason="No.", actor=curator)

        with pytest.raises(WrongState):
            edit_candidate(candidate, Edits(title="Links"))

    def test_keeps_edits_until_it_is_accepted(self, curation: Curation, curator: Actor) -> None:
        candidate = curation.candidate()
        edit_candidate(candidate, Edits(title="Sign-in links", license="MIT"))
        edit_candidate(candidate, Edits(category="auth"))

        candidate.refresh_from_db()
        assert candidate.edits == {"title": "Sign-in links", "category": "auth"}
        feature = accept(candidate, actor=curator).feature
        assert (feature.title, feature.category) == ("Sign-in links", "auth")

    def test_edits_can_be_taken_back(self, curation: Curation) -> None:
        candidate = curation.candidate()
        edits = Edits(title="Sign-in links", feature="", slug="links")
        edit_candidate(candidate, edits)
        kept = edit_candidate(candidate, replace(edits, title="Magic links"))

        assert kept.edits == {"slug": "links"}
