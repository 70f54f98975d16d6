"""Plans that are kept: made once, put away and taken out again, their sources verified."""

from typing import Any

import pytest

from autopack.actors import Actor, ActorKind, Role
from autopack.errors import AutopackError, Refused
from autopack.models import Project
from catalog_app.briefing.types import Leftover, Veto, Wish
from catalog_app.errors import InvalidPlanRequest, PlanExists, PlanNotFound, PlanVersionNotFound
from catalog_app.models import Plan, PlanVersion
from catalog_app.planning.request import PlanRequest
from catalog_app.selectors.plans import PlanFilter, get_plan, get_plan_version, list_plans
from catalog_app.services.planning import draft_plan, ensure_known_features
from catalog_app.services.plans import Saved, archive_plan, create_plan, restore_plan
from tests.support import catalog_factories as make
from tests.support.factories import ProjectFactory

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


def test_unknown_features_are_named_with_what_may_be_meant() -> None:
    catalog = make.CatalogFactory.create()
    make.FeatureFactory.create(slug="login")
    make.FeatureFactory.create(slug="zebra", retired_at=make.START)
    said: dict[str, Wish | Veto] = {
        "/features/0": Wish("a", "a", slug="logn"),
        "/features/1": Wish("b", "b", slug="login"),
        "/vetoes/0": Veto("c", "c", slug="zebra"),
    }

    with pytest.raises(InvalidPlanRequest) as caught:
        ensure_known_features(catalog, said)

    first, second = caught.value.errors
    assert (first["pointer"], first["suggestions"]) == ("/features/0", ["login"])
    assert (second["pointer"], second["suggestions"]) == ("/vetoes/0", [])
    ensure_known_features(catalog, {"/features/1": said["/features/1"]})


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


def test_what_is_kept_is_the_draft_byte_for_byte() -> None:
    wanted = request("login", "teams")
    drafted = draft_plan(wanted, catalog=make.CatalogFactory.create())
    assert not PlanVersion.objects.exists()

    version = create(wanted).version

    version.refresh_from_db()
    assert version.document_text.encode() == drafted.content
    assert (version.digest, version.request_digest) == (drafted.digest, drafted.request_digest)
    assert version.document == drafted.document
    assert version.outline["features"] == 2


def test_lists_show_what_one_may_see_and_has_not_put_away() -> None:
    shop: Project = ProjectFactory.create(project_id="shop")
    for_all, for_shop = create(request("a")).plan, create(request("b"), project=shop).plan
    away = archive_plan(create(request("c", title="Old")).plan)
    assert archive_plan(away).archived_at == away.archived_at

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
    assert restore_plan(away).archived_at is None
