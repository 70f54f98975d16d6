"""What becomes of wishes, vetoes and pins, one case at a time."""

import pytest

from catalog_app.briefing.types import Pin, Place, Veto, Wish
from catalog_app.choices import (
    FeatureDecision,
    FeatureOrigin,
    LicenseDecision,
    LookupBand,
    PlanMode,
    QuestionKind,
    SourceVerdict,
    Strength,
)
from catalog_app.planning.deciding import decide
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Match, Resolution, Snapshot
from catalog_app.planning.types import Decisions, PlannedFeature
from tests.catalog_app.planning.catalogs import (
    choose,
    declared,
    feature,
    match,
    snapshot,
    source,
    wishes,
)

REUSE, NEW, OPEN = FeatureDecision.REUSE, FeatureDecision.BUILD_NEW, FeatureDecision.OPEN
MERGED, VETOED = FeatureDecision.MERGED, FeatureDecision.VETOED


def by_key(decisions: Decisions) -> dict[str, PlannedFeature]:
    return {feature.key: feature for feature in decisions.features}


def decided(decisions: Decisions) -> dict[str, FeatureDecision]:
    return {feature.key: feature.decision for feature in decisions.features}


def codes(decisions: Decisions) -> list[str]:
    return [warning.code for warning in decisions.warnings]


def plan(
    catalog: Snapshot,
    *,
    resolutions: dict[str, Resolution] | None = None,
    **said: object,
) -> Decisions:
    # What a request may have is checked where requests are read.
    request = PlanRequest(project_type="web_app", **said)  # type: ignore[arg-type]
    return decide(request, catalog, resolutions or {})


class TestWhichFeatureIsMeant:
    def test_a_slug_that_the_catalog_does_not_have_is_built_new_with_what_may_be_meant(self) -> None:
        decisions = plan(snapshot(feature("auth-basic")), wishes=wishes("auth-basci"))
        planned = decisions.features[0]
        assert (planned.decision, planned.slug, planned.title) == (NEW, "", "Please, auth-basci")
        assert codes(decisions) == ["unknown_feature"]
        assert "Did you mean auth-basic?" in decisions.warnings[0].text

    @pytest.mark.parametrize(
        "resolution",
        [
            None,
            Resolution(LookupBand.NONE, (), "Nothing fits."),
            Resolution(LookupBand.MATCH, (), "Nothing fits."),
            Resolution(LookupBand.CHOOSE, (Match("gone", "Gone", 0.9),), "Nothing fits."),
        ],
    )
    def test_what_nothing_fits_is_built_new(self, resolution: Resolution | None) -> None:
        decisions = plan(
            snapshot(feature("a")),
            wishes=(Wish("w", "Something odd"),),
            resolutions={"w": resolution} if resolution else {},
        )
        planned = decisions.features[0]
        assert (planned.decision, planned.origin, planned.confidence) == (NEW, FeatureOrigin.UNMATCHED, 0.0)
        assert planned.reason in ("Nothing fits.", "No feature of the catalog fits.")
        assert decisions.questions == ()

    def test_what_lookup_is_sure_of_is_taken(self) -> None:
        decisions = plan(
            snapshot(feature("a", source())),
            wishes=(Wish("w", "A thing"),),
            resolutions={"w": match("a", 0.91)},
        )
        planned = decisions.features[0]
        assert (planned.slug, planned.origin, planned.confidence) == ("a", FeatureOrigin.MATCHED, 0.91)
        assert planned.decision is REUSE

    def test_what_lookup_is_not_sure_of_is_asked_with_the_first_that_is_free(self) -> None:
        catalog = snapshot(*(feature(slug, source()) for slug in "abcdefg"))
        found = {"w": choose(*"abcdefg")}
        wanted = (Wish("w", "A thing"), *wishes("a"))
        decisions = plan(catalog, wishes=wanted, resolutions=found)
        (question,) = decisions.questions
        assert (question.id, question.kind) == ("which:w", QuestionKind.WHICH_FEATURE)
        assert [option.id for option in question.options] == [*"abcde", "build-new"]
        assert question.provisional == "b"
        assert decided(decisions) == {"w": OPEN, "a": REUSE}
        assert by_key(decisions)["w"].slug == "b"
        for answer, slug, decision in (
            ("c", "c", REUSE),
            ("build-new", "", NEW),
            ("a", "a", REUSE),
            ("g", "g", REUSE),
        ):
            settled = plan(catalog, wishes=wanted, resolutions=found, answers={"which:w": answer})
            assert settled.questions == ()
            planned = settled.features[0]
            assert (planned.slug, planned.origin) == (slug, FeatureOrigin.ANSWERED)
            assert planned.decision is decision

    @pytest.mark.parametrize(
        ("confidences", "provisional"),
        [
            ({"a": 0.6, "b": 0.1}, "a"),
            ({"a": 0.4, "b": 0.3}, "b"),
            ({"b": 0.5, "a": 0.3}, "b"),
            ({"b": 0.2, "c": 0.1}, "build-new"),
        ],
    )
    def test_the_likeliest_is_assumed_also_that_it_joins_or_is_none(
        self, confidences: dict[str, float], provisional: str
    ) -> None:
        found = Resolution(
            LookupBand.CHOOSE, tuple(Match(slug, slug, value) for slug, value in confidences.items())
        )
        decisions = plan(
            snapshot(*(feature(slug, source()) for slug in "abc")),
            wishes=(Wish("w", "A thing"), *wishes("a")),
            resolutions={"w": found},
        )
        assert decisions.questions[0].provisional == provisional
        planned = by_key(decisions)["w"]
        assert planned.decision is (FeatureDecision.MERGED if provisional == "a" else OPEN)

    def test_an_answer_holds_when_lookup_has_become_sure_of_another(self) -> None:
        decisions = plan(
            snapshot(feature("a"), feature("b")),
            wishes=(Wish("w", "A thing"),),
            resolutions={"w": match("a")},
            answers={"which:w": "b"},
        )
        assert decisions.features[0].slug == "b"

    def test_wishes_for_the_same_are_planned_once_with_all_that_was_said(self) -> None:
        place, other = Place(line=3), Place(line=9)
        wanted = (
            Wish("one", "Log in", slug="a", strength=Strength.SHOULD, constraints=("fast",), places=(place,)),
            Wish("two", "Sign in", slug="a", constraints=("fast", "safe"), places=(other,), pin=Pin("repo")),
            Wish("three", "Charts"),
            Wish("four", "charts!"),
        )
        decisions = plan(snapshot(feature("a", source())), wishes=wanted)
        assert decided(decisions) == {"one": REUSE, "two": MERGED, "three": NEW, "four": MERGED}
        planned = by_key(decisions)
        assert planned["two"].merged_into == "one"
        assert planned["one"].quotes == ("Log in", "Sign in")
        assert planned["one"].constraints == ("fast", "safe")
        assert planned["one"].places == (place, other)
        assert planned["one"].strength is Strength.MUST
        assert "Pinned" in planned["one"].reason

    def test_the_same_words_are_asked_about_once(self) -> None:
        catalog = snapshot(feature("a"), feature("b"))
        wanted = (Wish("one", "A thing"), Wish("two", "a THING."), Wish("three", "Feature a", slug="a"))
        found = {"one": choose("b", "a"), "two": choose("b", "a")}
        decisions = plan(catalog, wishes=wanted, resolutions=found)
        assert [question.id for question in decisions.questions] == ["which:one"]
        assert decided(decisions) == {"one": OPEN, "two": MERGED, "three": NEW}
        answered = by_key(plan(catalog, wishes=wanted, resolutions=found, answers={"which:one": "a"}))
        assert {key: feature.merged_into for key, feature in answered.items()} == {
            "one": "",
            "two": "one",
            "three": "one",
        }

    def test_what_is_to_be_built_new_keeps_its_name_and_shows_its_sources(self) -> None:
        wanted = (Wish("w", "Log in", slug="a", build_new=True), Wish("x", "Charts", build_new=True))
        decisions = plan(
            snapshot(feature("a", source(), title="Sign-in")), wishes=wanted, resolutions={"x": choose("a")}
        )
        planned = by_key(decisions)
        assert (planned["w"].decision, planned["w"].title) == (NEW, "Sign-in")
        assert [option.verdict for option in planned["w"].options] == [SourceVerdict.USABLE]
        assert (planned["x"].decision, decisions.questions) == (NEW, ())


class TestPins:
    CATALOG = snapshot(
        feature("a", source("good"), source("gpl", license="GPL-3.0-only", decision=LicenseDecision.DENIED)),
        feature("b", source("gpl", decision=LicenseDecision.REVIEW)),
    )

    def test_a_pin_to_nothing_is_said_with_what_may_be_meant(self) -> None:
        wanted = (
            Wish("w", "A", slug="a", pin=Pin("goood")),
            Wish("x", "B", slug="b", pin=Pin("gpl", ("no", "such"))),
            Wish("y", "C", pin=Pin("good")),
        )
        decisions = plan(self.CATALOG, wishes=wanted)
        assert codes(decisions) == ["unknown_pin", "unknown_pin", "contradictory_pins"]
        assert "Did you mean good?" in decisions.warnings[0].text
        assert decided(decisions) == {"w": REUSE, "x": NEW, "y": NEW}

    def test_a_pin_against_the_policy_is_a_question_and_never_obeyed(self) -> None:
        wanted = (Wish("w", "A", slug="a", pin=Pin("gpl")), Wish("x", "B", slug="b", pin=Pin("gpl")))
        decisions = plan(self.CATALOG, wishes=wanted)
        assert decided(decisions) == {"w": OPEN, "x": OPEN}
        one, other = decisions.questions
        assert (one.id, [option.id for option in one.options]) == ("pin:w", ["other-source", "build-new"])
        assert (other.id, [option.id for option in other.options]) == ("pin:x", ["build-new"])
        assert "GPL-3.0-only is denied by policy default" in one.text
        answers = {"pin:w": "build-new", "pin:x": "build-new"}
        assert decided(plan(self.CATALOG, wishes=wanted, answers=answers)) == {"w": NEW, "x": NEW}
        other_source = plan(self.CATALOG, wishes=wanted, answers={"pin:w": "other-source"})
        taken = by_key(other_source)["w"].source
        assert taken
        assert taken.repo_id == "good"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (Wish("w", "A", slug="a", pin=Pin("good")), Wish("x", "AA", slug="a", pin=Pin("gpl"))),
            (Wish("w", "A", slug="a", pin=Pin("good")), Wish("x", "AA", slug="a", build_new=True)),
            (Wish("w", "A", slug="a", pin=Pin("good"), build_new=True), Wish("x", "B")),
        ],
    )
    def test_pins_that_contradict_are_said(self, first: Wish, second: Wish) -> None:
        decisions = plan(self.CATALOG, wishes=(first, second))
        assert codes(decisions) == ["contradictory_pins"]
        assert decisions.questions == ()

    def test_a_pin_decides_among_what_may_be_used(self) -> None:
        catalog = snapshot(feature("a", source("best"), declared("worse")))
        wanted = (Wish("w", "A", slug="a", pin=Pin("worse")),)
        draft = plan(catalog, wishes=wanted, mode=PlanMode.DRAFT).features[0]
        assert draft.source
        assert (draft.source.repo_id, draft.source.verdict) == ("worse", SourceVerdict.BLOCKED)
        assert [option.repo_id for option in draft.options] == ["worse", "best"]


class TestVetoes:
    CATALOG = snapshot(
        feature("teams", source(), requires=("accounts",)),
        feature("accounts", source(), requires=("mail",)),
        feature("mail", source()),
        feature("ads", source()),
    )

    def test_a_veto_against_nothing_keeps_it_out_and_is_no_question(self) -> None:
        decisions = plan(
            self.CATALOG,
            wishes=wishes("mail"),
            vetoes=(
                Veto("v", "advertising", slug="ads"),
                Veto("x", "blockchain"),
                Veto("y", "z", slug="tems"),
            ),
        )
        assert decisions.questions == ()
        assert codes(decisions) == ["unknown_feature"]
        assert "Did you mean teams?" in decisions.warnings[0].text
        assert [veto.slugs for veto in decisions.vetoes] == [("ads",), (), ("tems",)]
        assert decisions.vetoes[0].effect == "Keeps out Ads. Nothing that is planned goes against it."

    def test_what_a_veto_hardly_means_is_no_question(self) -> None:
        found = Resolution(LookupBand.CHOOSE, (Match("ads", "Ads", 0.5), Match("mail", "Mail", 0.29)))
        decisions = plan(
            self.CATALOG,
            wishes=wishes("mail"),
            vetoes=(Veto("v", "commercials"),),
            resolutions={"v": found},
        )
        assert (decisions.questions, decisions.vetoes[0].slugs) == ((), ())
        assert decisions.vetoes[0].effect == "Nothing that is planned goes against it."

    @pytest.mark.parametrize(
        ("veto", "resolution"),
        [
            (Veto("v", "x", slug="ads"), None),
            (Veto("v", "ADS"), None),
            (Veto("v", "please, ads."), None),
            (Veto("v", "commercials"), match("ads")),
            (Veto("v", "commercials"), choose("mail", "ads")),
        ],
    )
    def test_a_veto_against_a_wish_is_a_question(self, veto: Veto, resolution: Resolution | None) -> None:
        found = {"v": resolution} if resolution else {}
        wanted = {"wishes": wishes("ads", "teams")[:1], "vetoes": (veto,), "resolutions": found}
        decisions = plan(self.CATALOG, **wanted)  # type: ignore[arg-type]
        (question,) = decisions.questions
        assert (question.id, question.kind) == ("veto:ads", QuestionKind.VETO_AGAINST_NEED)
        assert (question.provisional, [o.id for o in question.options]) == ("keep", ["keep", "drop"])
        assert decided(decisions) == {"ads": OPEN}
        keep = plan(self.CATALOG, answers={"veto:ads": "keep"}, **wanted)  # type: ignore[arg-type]
        assert decided(keep) == {"ads": REUSE}
        drop = plan(self.CATALOG, answers={"veto:ads": "drop"}, **wanted)  # type: ignore[arg-type]
        assert decided(drop) == {"ads": VETOED}
        assert drop.features[0].reason.startswith("Left out: “no ")

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            ("", {"teams": REUSE, "requires:accounts": REUSE, "requires:mail": OPEN}),
            ("keep", {"teams": REUSE, "requires:accounts": REUSE, "requires:mail": REUSE}),
            ("drop-requirer", {"teams": VETOED, "requires:accounts": VETOED, "requires:mail": VETOED}),
            ("without", {"teams": REUSE, "requires:accounts": REUSE, "requires:mail": VETOED}),
        ],
    )
    def test_a_veto_against_a_need_is_a_question(
        self, answer: str, expected: dict[str, FeatureDecision]
    ) -> None:
        decisions = plan(
            self.CATALOG,
            wishes=wishes("teams"),
            vetoes=(Veto("v", "mail"),),
            answers={"veto:requires:mail": answer} if answer else {},
        )
        assert decided(decisions) == expected
        assert len(decisions.questions) == (not answer)
        accounts = by_key(decisions)["requires:accounts"]
        is_without = answer == "without"
        assert ("Works without Mail, which it would require." in accounts.constraints) is is_without
        assert ("without_requirement" in codes(decisions)) is is_without


class TestRequirementsAndConflicts:
    def test_what_is_required_is_added_once_as_strong_as_its_strongest_requirer(self) -> None:
        catalog = snapshot(
            feature("a", requires=("c", "d")),
            feature("b", requires=("c", "gone")),
            feature("c", requires=("e",)),
            feature("d"),
            feature("e"),
        )
        wanted = (
            Wish("a", "A", slug="a", strength=Strength.SHOULD),
            Wish("b", "B", slug="b"),
            Wish("e", "E", slug="e", strength=Strength.SHOULD),
        )
        decisions = plan(catalog, wishes=wanted)
        planned = by_key(decisions)
        assert list(planned) == ["a", "b", "e", "requires:c", "requires:d"]
        assert planned["requires:c"].required_by == ("b", "a")
        assert planned["a"].requires == ("c", "d")
        assert planned["requires:c"].origin is FeatureOrigin.REQUIRED
        assert {key: feature.strength for key, feature in planned.items()} == {
            "a": Strength.SHOULD,
            "b": Strength.MUST,
            "e": Strength.MUST,
            "requires:c": Strength.MUST,
            "requires:d": Strength.SHOULD,
        }
        assert codes(decisions) == ["missing_requirement"]

    def test_circles_of_requirements_end_and_are_said(self) -> None:
        catalog = snapshot(
            feature("a", requires=("b",)), feature("b", requires=("a", "c")), feature("c", requires=("c",))
        )
        decisions = plan(catalog, wishes=wishes("a"))
        assert list(by_key(decisions)) == ["a", "requires:b", "requires:c"]
        (warning,) = decisions.warnings
        assert (warning.code, warning.subjects) == ("requires_cycle", ("a", "requires:b", "requires:c"))

    @pytest.mark.parametrize(
        ("answer", "expected", "warned"),
        [
            ("", {"a": OPEN, "b": OPEN, "c": NEW}, []),
            ("a", {"a": NEW, "b": VETOED, "c": NEW}, ["without_requirement"]),
            ("b", {"a": VETOED, "b": NEW, "c": NEW}, []),
            ("keep-both", {"a": NEW, "b": NEW, "c": NEW}, ["conflict_kept"]),
        ],
    )
    def test_a_conflict_is_a_question(
        self, answer: str, expected: dict[str, FeatureDecision], warned: list[str]
    ) -> None:
        catalog = snapshot(
            feature("a"), feature("b", conflicts=("a", "b", "gone")), feature("c", requires=("b",))
        )
        answers = {"conflict:a:b": answer} if answer else {}
        decisions = plan(catalog, wishes=wishes("a", "b", "c"), answers=answers)
        assert decided(decisions) == expected
        assert codes(decisions) == warned
        assert [question.id for question in decisions.questions] == ([] if answer else ["conflict:a:b"])

    def test_what_became_moot_is_not_asked(self) -> None:
        """The answer to one question takes away what the others are about."""
        catalog = snapshot(feature("a", conflicts=("b",)), feature("b", conflicts=("c",)), feature("c"))
        wanted = wishes("a", "b", "c")
        assert len(plan(catalog, wishes=wanted).questions) == 2
        answered = plan(catalog, wishes=wanted, answers={"conflict:a:b": "a", "conflict:b:c": "b"})
        assert decided(answered) == {"a": NEW, "b": VETOED, "c": NEW}
        assert (answered.questions, codes(answered)) == ((), [])


def test_nothing_is_wanted_of_nothing() -> None:
    decisions = decide(PlanRequest(), snapshot(), {})
    assert (decisions.features, decisions.questions, decisions.warnings) == ((), (), ())
    assert decisions.stack.profile == ""
