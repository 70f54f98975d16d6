from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_app.briefing.deltas import Delta, read_delta
from catalog_app.briefing.types import Leftover, Veto, Wish
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.planner import make_plan
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.said_changes import SaidChanges, find_unnamed, settle_delta
from catalog_app.planning.snapshot import FeatureFacts, Snapshot
from catalog_app.planning.types import PlanDocument

FEATURES = {
    "login": FeatureFacts("login", "Login"),
    "teams": FeatureFacts("teams", "Team workspaces", requires=("login",)),
    "billing": FeatureFacts("billing", "Subscription billing"),
    "invites": FeatureFacts("invites", "Invite links"),
    "search": FeatureFacts("search", "Full-text search"),
    "export": FeatureFacts("export", "Data export"),
}
SNAPSHOT = Snapshot("main", "1" * 64, "default", "2" * 64, FEATURES, (), known_slugs=frozenset(FEATURES))
REQUEST = PlanRequest(
    title="Shop",
    wishes=(
        Wish("sign-in", "People sign in", slug="login"),
        Wish("teams", "Teams", slug="teams"),
        Wish("pay", "Customers pay by card", slug="billing"),
        Wish("invite-people", "Invite people", slug="invites"),
    ),
)


def plan_of(request: PlanRequest) -> PlanDocument:
    return make_plan(request, SNAPSHOT, {})


def settle(
    words: str, request: PlanRequest = REQUEST, meant: Mapping[str, Collection[str]] | None = None
) -> SaidChanges:
    return settle_delta(read_delta(words), request, plan_of(request).features, meant)


def slugs_after(said: SaidChanges, request: PlanRequest = REQUEST) -> list[str]:
    changed, problems = apply_changes(request, said.changes, features=plan_of(request).features)
    assert not problems
    return [wish.slug or wish.quote for wish in changed.wishes]


def test_what_may_mean_several_things_is_not_done() -> None:
    said = settle("the same, but without people")
    assert said.changes == PlanChanges()
    assert [problem.code for problem in said.unclear] == ["ambiguous_feature"]
    assert "“People sign in” (sign-in) and “Invite people” (invite-people)" in said.unclear[0].message


def test_what_was_not_understood_is_said() -> None:
    delta = Delta(leftovers=(Leftover("blue sky", "no change that could be recognised"),))
    said = settle_delta(delta, REQUEST, plan_of(REQUEST).features)
    assert [(p.code, p.message) for p in said.unclear] == [
        ("not_understood", "“blue sky”: no change that could be recognised")
    ]


def test_what_is_not_there_is_kept_as_not_wanted() -> None:
    said = settle("the same, but without a wiki")
    assert [veto.quote for veto in said.changes.vetoes] == ["wiki"]
    assert said.notes == ("Nothing here is “wiki”. That it is not wanted is kept.",)
    replaced = settle("replace the wiki with a forum")
    assert [wish.quote for wish in replaced.changes.add] == ["forum"]
    assert replaced.notes == ("Nothing here is “wiki”, so “forum” replaces nothing: it is added.",)


def test_the_same_but_with_one_thing_and_without_another() -> None:
    said = settle("the same, but with Stripe and without teams")
    assert (said.unclear, said.notes) == ((), ())
    assert said.changes.remove == ("teams",)
    # A line of the delta is none of the brief.
    assert [wish.places for wish in said.changes.add] == [()]
    assert slugs_after(said) == ["login", "billing", "invites", "Stripe"]


def test_a_replacement_stands_where_the_old_one_stood() -> None:
    said = settle("use Paddle instead of subscription billing")
    assert slugs_after(said) == ["login", "teams", "Paddle", "invites"]


def test_what_others_still_need_is_vetoed_as_well() -> None:
    said = settle("without login")
    assert said.changes.remove == ("sign-in",)
    assert [(veto.quote, veto.slug) for veto in said.changes.vetoes] == [("login", "login")]
    # Only required, and no wish of its own.
    request = PlanRequest(wishes=REQUEST.wishes[1:])
    required = settle("without login", request)
    assert required.changes.remove == ()
    assert [veto.slug for veto in required.changes.vetoes] == ["login"]


def test_lookup_may_know_what_is_meant() -> None:
    delta = read_delta("without payments")
    (veto,) = find_unnamed(delta, REQUEST, plan_of(REQUEST).features)
    assert find_unnamed(read_delta("without teams"), REQUEST, plan_of(REQUEST).features) == ()
    said = settle("without payments", meant={veto.key: ["billing"]})
    assert (said.changes.remove, said.notes) == (("pay",), ("“payments” was taken for billing.",))
    unsure = settle("without payments", meant={veto.key: ["billing", "teams"]})
    assert unsure.changes == PlanChanges()
    assert [problem.message for problem in unsure.unclear] == [
        "“payments” may mean billing, teams; say which"
    ]


def test_what_was_merged_goes_with_the_first() -> None:
    request = PlanRequest(wishes=(*REQUEST.wishes, Wish("pay-2", "Card payments", slug="billing")))
    said = settle("without subscription billing", request)
    assert said.changes.remove == ("pay",)
    assert "billing" not in slugs_after(said, request)


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.sampled_from(sorted(wish.key for wish in REQUEST.wishes)), max_size=3),
    st.sets(st.sampled_from(["search", "export"])),
)
def test_a_delta_changes_exactly_what_it_says(removed: set[str], added: set[str]) -> None:
    delta = Delta(
        tuple(Wish(slug, FEATURES[slug].title, slug=slug) for slug in sorted(added)),
        tuple(Veto(f"no-{key}", key) for key in sorted(removed)),
    )
    before = plan_of(REQUEST)
    said = settle_delta(delta, REQUEST, before.features)
    changed, problems = apply_changes(REQUEST, said.changes, features=before.features)
    after = plan_of(changed)

    assert not said.unclear
    assert not problems
    kept = {feature.key: feature for feature in before.features if feature.key not in removed}
    # What is vetoed and still needed is a question, and planned until it is answered.
    assert {feature.key for feature in after.features} - {"requires:login"} == kept.keys() | added
    for feature in after.features:
        if feature.key in kept and not said.changes.vetoes:
            assert replace(feature, required_by=()) == replace(kept[feature.key], required_by=())


@pytest.mark.parametrize("words", ["", "the same", "Exactly the same."])
def test_no_delta_changes_nothing(words: str) -> None:
    said = settle(words)
    assert said == SaidChanges(PlanChanges())
    assert apply_changes(REQUEST, said.changes)[0] == REQUEST
