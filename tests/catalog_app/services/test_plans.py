"""Plans that are kept: made once, put away and taken out again."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from autopack.actors import Actor, ActorKind, Role, system_actor
from autopack.errors import AutopackError, Refused
from autopack.models import Project
from catalog_app.briefing.types import Leftover, Place, Veto, Wish
from catalog_app.errors import (
    DeltaUnclear,
    InvalidPlanRequest,
    PlanArchived,
    PlanConflict,
    PlanExists,
    PlanNotFound,
    PlanVersionNotFound,
)
from catalog_app.models import Feature, FeatureCatalog, Plan, PlanVersion
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import PlanRequest
from catalog_app.selectors import resolving
from catalog_app.selectors.plans import PlanFilter, get_plan, get_plan_version, list_plans
from catalog_app.selectors.resolving import Resolved
from catalog_app.services import planning
from catalog_app.services.planning import draft_plan
from catalog_app.services.plans import (
    Saved,
    archive_plan,
    create_plan,
    restore_plan,
    revise_plan,
)
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START
from tests.support.factories import ProjectFactory
from tests.support.planned import make_catalog

pytestmark = pytest.mark.django_db

ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))
GUEST = Actor(ActorKind.KEY, "key:1", "guest", frozenset({Role.PLANNER}), frozenset({"blog"}))


def request(*wanted: str, title: str = "Shop") -> PlanRequest:
    return PlanRequest(title=title, wishes=tuple(Wish(word, f"Has {word}") for word in wanted))


def create(wanted: PlanRequest, *, actor: Actor = ADA, **options: Any) -> Saved:
    return create_plan(wanted, catalog=make.CatalogFactory.create(), actor=actor, **options)


def refused(kind: type[AutopackError], code: str, *args: Any, **options: Any) -> AutopackError:
    with pytest.raises(kind) as caught:
        create(*args, **options)
    assert caught.value.problem_code == code
    return caught.value


def test_an_empty_request_makes_no_plan() -> None:
    error = refused(InvalidPlanRequest, "empty_request", PlanRequest(leftovers=(Leftover("...", "Dots."),)))

    assert "understood" in error.detail
    assert not Plan.objects.exists()


@pytest.mark.parametrize("plan_id", ["a b", "/", "-x", "x" * 101, "..", "ä"])
def test_ids_that_are_no_names(plan_id: str) -> None:
    refused(Refused, "invalid_plan_id", request("login"), plan_id=plan_id)


def test_an_id_belongs_to_one_request_and_to_those_who_see_it() -> None:
    shop = ProjectFactory.create(project_id="shop")
    create(request("login"), plan_id="one", project=shop)

    error = refused(PlanExists, "plan_exists", request("login", "teams"), plan_id="one", project=shop)
    assert error.extra["allowed"] == ["revise"]
    refused(PlanExists, "plan_exists", request("login"), plan_id="one")
    hidden = refused(PlanExists, "plan_exists", request("login"), plan_id="one", project=shop, actor=GUEST)
    assert hidden.extra["allowed"] == []


def test_what_the_database_refuses_for_another_reason_is_no_taken_id() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_app_planversion ADD CONSTRAINT no_notes CHECK (note = '')")

    with pytest.raises(IntegrityError, match="no_notes"):
        create(request("login"), note="First.")
    with pytest.raises(IntegrityError, match="no_notes"):
        create(request("login"), plan_id="one", form_token="a", note="First.")
    assert not Plan.objects.exists()


def test_unknown_features_are_named_with_what_may_be_meant() -> None:
    catalog = make.CatalogFactory.create()
    make.FeatureFactory.create(slug="login")
    make.FeatureFactory.create(slug="zebra", retired_at=make.START)
    known = Wish("b", "b", slug="login")
    new = Wish("d", "d", slug="zebra", build_new=True)
    wanted = PlanRequest(
        wishes=(Wish("a", "a", places=(Place(pointer="/features/7"),), slug="logn"), known, new),
        vetoes=(Veto("c", "c", slug="zebra"),),
    )

    with pytest.raises(
        InvalidPlanRequest, match=r"has no feature .logn.\. Did you mean login.* And 1 more"
    ) as caught:
        create_plan(wanted, catalog=catalog, actor=ADA)

    first, second = caught.value.errors
    assert (first["pointer"], first["suggestions"]) == ("/features/7", ["login"])
    assert (second["pointer"], second["suggestions"]) == ("/vetoes/0", [])
    plan = create_plan(PlanRequest(wishes=(known, new)), catalog=catalog, actor=ADA).plan
    changes = PlanChanges(
        add=(new, replace(new, build_new=False)), replace=(("login", wanted.wishes[0]),), vetoes=wanted.vetoes
    )
    with pytest.raises(InvalidPlanRequest) as caught:
        revise_plan(plan, changes, actor=ADA)
    places = ["/add/1/slug", "/replace/0/with/slug", "/vetoes/0/slug"]
    assert [error["pointer"] for error in caught.value.errors] == places

    many = PlanRequest(wishes=tuple(Wish(f"{n}", "a", slug=f"no-{n}") for n in range(300)))
    with pytest.raises(InvalidPlanRequest, match="And 299 more") as caught:
        create_plan(many, catalog=catalog, actor=ADA)
    assert len(caught.value.errors) == 100


def test_a_feature_that_is_retired_later_takes_no_plan_away() -> None:
    catalog = make.CatalogFactory.create()
    feature = make.FeatureFactory.create(slug="login")
    wanted = PlanRequest(title="Shop", wishes=(Wish("a", "a", slug="login"),))
    made = create_plan(wanted, catalog=catalog, plan_id="one", actor=ADA)
    Feature.objects.filter(pk=feature.pk).update(retired_at=make.START)

    again = create_plan(wanted, catalog=catalog, plan_id="one", actor=ADA)
    revised = revise_plan(made.plan, PlanChanges(), actor=ADA).version

    assert (again.version, again.is_new) == (made.version, False)
    assert revised.document["warnings"][0]["code"] == "unknown_feature"
    with pytest.raises(InvalidPlanRequest):
        create_plan(wanted, catalog=catalog, plan_id="two", actor=ADA)


def test_the_same_request_again_is_the_same_plan_and_without_an_id_another_one() -> None:
    wanted = request("login", "teams", title="Shop: for *everybody*!")

    made = create(wanted, plan_id="one", note=" First. ")
    again = create(wanted, plan_id="one")
    named = [create(wanted).plan.plan_id for _ in range(3)]
    nameless = create(request("login", title="Магазин")).plan

    assert (made.is_new, again.is_new) == (True, False)
    assert made.version == again.version
    assert named == ["shop-for-everybody", "shop-for-everybody-2", "shop-for-everybody-3"]
    assert (nameless.plan_id, nameless.title) == ("plan", "Магазин")
    assert (made.version.note, made.version.number, made.plan.latest_version) == ("First.", 1, 1)
    assert made.version.created_by == "ada (user:1)"


def test_nobody_can_use_up_the_ids_that_are_made_of_a_title() -> None:
    for plan_id in ("shop", "shop-3", "shop-999999999", "shop-1000000000", f"{'s' * 90}-999999999", "s" * 90):
        create(request("login", title=plan_id), plan_id=plan_id)

    assert [create(request("a")).plan.plan_id for _ in range(2)] == ["shop-2", "shop-4"]
    assert create(request("a", title="s" * 90)).plan.plan_id == f"{'s' * 90}-2"


def test_what_is_kept_is_the_draft_byte_for_byte() -> None:
    wanted = request("login", "teams")
    drafted = draft_plan(wanted, catalog=make.CatalogFactory.create())
    assert not PlanVersion.objects.exists()

    version = create(wanted).version

    version.refresh_from_db()
    assert version.document_text.encode() == drafted.content
    assert (version.digest, version.request_digest) == (drafted.digest, drafted.plan.inputs.request_digest)
    assert version.document == drafted.document
    assert version.outline["features"] == 2


def test_what_is_looked_up_and_what_is_planned_with_are_one_state_of_the_catalog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = PlanRequest(title="Shop", project_type="web_app", wishes=(Wish("a", "login"),))
    make_catalog()
    look = resolving.resolve
    found = []

    def resolve_before_a_change(catalog: FeatureCatalog, asked: PlanRequest) -> Resolved:
        found.append(look(catalog, asked))
        if len(found) == 1:
            Feature.objects.filter(slug="login").update(retired_at=START)
            FeatureCatalog.objects.filter(pk=catalog.pk).update(version=F("version") + 1, digest="e" * 64)
        return found[-1]

    monkeypatch.setattr(planning, "resolve", resolve_before_a_change)
    drafted = draft_plan(wanted, catalog=FeatureCatalog.objects.get())

    assert [resolved.slugs >= {"login"} for resolved in found] == [True, False]
    assert drafted.plan.inputs.catalog_digest == "e" * 64
    assert not any(match.slug == "login" for each in drafted.plan.features for match in each.matches)


def test_lists_show_what_one_may_see_and_has_not_put_away() -> None:
    shop: Project = ProjectFactory.create(project_id="shop")
    for_all, for_shop = create(request("a")).plan, create(request("b"), project=shop).plan
    away = archive_plan(create(request("c", title="Old")).plan, actor=ADA)
    assert archive_plan(away, actor=ADA).archived_at == away.archived_at

    assert list(list_plans(ADA)) == [for_shop, for_all]
    assert list(list_plans(GUEST)) == [for_all]
    assert list(list_plans(ADA, PlanFilter(is_archived=True))) == [away]
    assert list(list_plans(ADA, PlanFilter(is_archived=None, words="OLD ol"))) == [away]
    assert list(list_plans(ADA, PlanFilter(project_id="shop"))) == [for_shop]
    assert get_plan(ADA, away.plan_id) == away
    with pytest.raises(PlanNotFound):
        get_plan(GUEST, for_shop.plan_id)
    for number in (0, 2, -1):
        with pytest.raises(PlanVersionNotFound):
            get_plan_version(for_all, number)
    assert get_plan_version(for_all, 1) == get_plan_version(for_all)
    assert restore_plan(away, actor=system_actor("sweeper")).archived_at is None
    assert [(each.is_archived, each.created_by) for each in away.archive_events.all()] == [
        (False, "sweeper (system:sweeper)"),
        (True, "ada (user:1)"),
    ]


def test_a_form_that_is_sent_twice_makes_one_plan() -> None:
    made = create(request("login"), form_token="x")
    again = create(request("login"), form_token="x")
    assert (again.plan, again.is_new) == (made.plan, False)

    others = [
        create(request("login"), form_token="y"),
        create(request("login", "teams"), form_token="x"),
        create(request("login"), form_token="x", actor=GUEST),
        create(request("login")),
        create(request("login")),
    ]
    assert len({made.plan.pk, *(other.plan.pk for other in others)}) == 6


ADD_TEAMS = PlanChanges(add=(Wish("teams", "Has teams"),))


def test_revisions_that_come_too_late_or_cannot_be_made() -> None:
    plan = create(request("login"), plan_id="one").plan
    revise_plan(plan, ADD_TEAMS, seen_version=1, actor=ADA)

    with pytest.raises(PlanConflict) as caught:
        revise_plan(plan, PlanChanges(title="Other"), seen_version=1, actor=ADA)
    assert caught.value.extra["version"] == 2
    with pytest.raises(PlanConflict):
        revise_plan(plan, ADD_TEAMS, seen_version=1, actor=system_actor("somebody-else"))
    with pytest.raises(InvalidPlanRequest) as refused_change:
        revise_plan(plan, PlanChanges(remove=("logni",)), actor=ADA)
    assert refused_change.value.errors[0]["pointer"] == "/remove/0"
    with pytest.raises(InvalidPlanRequest, match="at least one feature"):
        revise_plan(plan, PlanChanges(remove=("login", "teams")), actor=ADA)
    archive_plan(plan, actor=ADA)
    with pytest.raises(PlanArchived):
        revise_plan(plan, ADD_TEAMS, actor=ADA)
    assert plan.versions.count() == 2


def test_a_revision_is_a_version_and_its_repeat_is_none() -> None:
    plan = create(request("login"), plan_id="one").plan

    nothing = revise_plan(plan, PlanChanges(), actor=ADA)
    made = revise_plan(plan, ADD_TEAMS, seen_version=1, note="With teams.", actor=ADA)
    again = revise_plan(plan, ADD_TEAMS, seen_version=1, actor=ADA)
    renamed = revise_plan(plan, PlanChanges(title="Forum"), actor=ADA)

    assert (nothing.is_new, nothing.version.number) == (False, 1)
    assert (made.is_new, made.version.number, made.version.note) == (True, 2, "With teams.")
    assert (again.is_new, again.version) == (False, made.version)
    assert [feature["key"] for feature in made.version.document["features"]] == ["login", "teams"]
    assert made.version.changes == {"add": [{"key": "teams", "quote": "Has teams"}]}
    assert "teams" in str(made.version.diff["features_added"])
    assert any("teams" in words.lower() for words in made.version.diff["words"])
    plan.refresh_from_db()
    assert (plan.latest_version, plan.title, renamed.version.number) == (3, "Forum", 3)


def test_what_is_said_in_words_is_refused_or_told_and_safe_to_repeat() -> None:
    plan = create(request("login", "teams"), plan_id="one").plan
    for words in ("without teams. Make it blue sky.", "Make it blue sky."):
        with pytest.raises(DeltaUnclear) as caught:
            revise_plan(plan, PlanChanges(words=words), actor=ADA)
        assert [error["pointer"] for error in caught.value.errors] == ["/words"]
        assert "blue sky" in caught.value.detail
    changes = PlanChanges(words="the same, but with Stripe and without teams and no wiki", remove=("teams",))
    with pytest.raises(InvalidPlanRequest):
        revise_plan(plan, replace(changes, remove=("teams", "chat")), actor=ADA)
    assert plan.versions.count() == 1

    made = revise_plan(plan, changes, seen_version=1, actor=ADA)
    again = revise_plan(plan, changes, seen_version=1, actor=ADA)

    assert [feature["quotes"] for feature in made.version.document["features"]] == [["Has login"], ["Stripe"]]
    assert made.notes == ("Nothing here is “wiki”. That it is not wanted is kept.",)
    assert made.version.changes == {"words": changes.words, "remove": ["teams"]}
    assert (again.version, again.is_new) == (made.version, False)
