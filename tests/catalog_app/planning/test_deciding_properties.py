"""What holds whatever the catalog, the mode, the pins and the vetoes are."""

from dataclasses import replace

from hypothesis import given, settings

from catalog_app.choices import FeatureDecision, LicenseDecision, PlanMode, SourceStatus, SourceVerdict
from catalog_app.planning.deciding import decide
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Resolution, Snapshot
from catalog_app.planning.types import Decisions
from tests.catalog_app.planning.catalogs import cases

Case = tuple[PlanRequest, Snapshot, dict[str, Resolution]]


@settings(max_examples=40, deadline=None)
@given(cases())
def test_nothing_disallowed_is_ever_chosen(case: Case) -> None:
    request, snapshot, _resolutions = case
    for feature in decide(*case).features:
        facts = {(s.repo_id, s.paths): s for s in getattr(snapshot.features.get(feature.slug), "sources", ())}
        assert len(feature.options) in (0, len(facts))
        for option in feature.options:
            assert option.verdict is not SourceVerdict.EXCLUDED or (option.why and option.remedy)
        taken = [o for o in feature.options if o.verdict in (SourceVerdict.CHOSEN, SourceVerdict.BLOCKED)]
        assert taken == ([feature.source] if feature.source else [])
        for option in [o for o in feature.options if o.verdict is not SourceVerdict.EXCLUDED]:
            known = facts[option.repo_id, option.paths]
            assert known.decision is LicenseDecision.ALLOWED
            if request.mode is PlanMode.ZERO_INTERVENTION:
                assert known.is_usable
                assert known.pinned_commit
                assert option.verdict is not SourceVerdict.BLOCKED
            elif option.verdict is SourceVerdict.CHOSEN:
                assert known.status is SourceStatus.VERIFIED
                assert known.pinned_commit
            else:
                assert known.status in (SourceStatus.VERIFIED, SourceStatus.DECLARED, SourceStatus.STALE)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_every_wish_is_there_once_and_no_feature_is_planned_twice(case: Case) -> None:
    request, _, _ = case
    decisions = decide(*case)
    assert [f.key for f in decisions.features[: len(request.wishes)]] == [w.key for w in request.wishes]
    assert all(f.key.startswith("requires:") for f in decisions.features[len(request.wishes) :])
    assert [veto.key for veto in decisions.vetoes] == [veto.key for veto in request.vetoes]
    planned = [f for f in decisions.features if f.decision in FeatureDecision.planned()]
    slugs = [f.slug for f in planned if f.slug]
    assert len(slugs) == len(set(slugs))
    for feature in planned:
        assert set(feature.requires) <= set(slugs)
        assert set(feature.required_by) <= set(slugs)
        assert feature.reason
        if feature.decision is not FeatureDecision.OPEN:
            assert (feature.source is None) == (feature.decision is FeatureDecision.BUILD_NEW)
    # Until it is answered, a question may assume that a wish means what is planned for another one.
    keys = {f.key for f in decisions.features if f in planned or f.decision is FeatureDecision.MERGED}
    for feature in decisions.features:
        if feature.decision is FeatureDecision.MERGED:
            assert feature.merged_into in {f.key for f in decisions.features}
        if feature.decision not in FeatureDecision.planned():
            assert feature.source is None
    for question in decisions.questions:
        assert question.provisional in [option.id for option in question.options]
        assert set(question.subjects) <= keys
    open_keys = {key for question in decisions.questions for key in question.subjects}
    assert {f.key for f in planned if f.decision is FeatureDecision.OPEN} == open_keys & {
        f.key for f in planned
    }


@settings(max_examples=40, deadline=None)
@given(cases())
def test_every_option_is_an_answer_and_answers_come_to_an_end(case: Case) -> None:
    request, snapshot, resolutions = case
    for question in decide(*case).questions:
        for option in question.options:
            answered = replace(request, answers={question.id: option.id})
            again = decide(answered, snapshot, resolutions)
            assert question.id not in [each.id for each in again.questions]
            assert not _codes(again) & {"unknown_answer", "unused_answer"}
    for place in (0, -1):
        answers: dict[str, str] = {}
        while questions := decide(replace(request, answers=answers), snapshot, resolutions).questions:
            assert len(answers) < 50
            answers |= {question.id: question.options[place].id for question in questions}


@settings(max_examples=40, deadline=None)
@given(cases())
def test_a_wrong_answer_leaves_the_question_open_and_is_said(case: Case) -> None:
    request, snapshot, resolutions = case
    questions = decide(*case).questions
    answers = {question.id: "no such thing" for question in questions} | {"which:nobody": "a"}
    again = decide(replace(request, answers=answers), snapshot, resolutions)
    assert {question.id for question in questions} <= {question.id for question in again.questions}
    assert "unused_answer" in _codes(again)


def _codes(decisions: Decisions) -> set[str]:
    return {warning.code for warning in decisions.warnings}
