"""Ids that are made of titles."""

import pytest
from django.db import IntegrityError

from catalog_app.models import Plan, PlanTemplate
from catalog_app.services.keeping import broken_constraint, free_id
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db


def keep_plans(*plan_ids: str) -> None:
    catalog = make.CatalogFactory.create()
    for plan_id in plan_ids:
        Plan.objects.create(
            plan_id=plan_id, title="A", catalog=catalog, created_at=make.START, updated_at=make.START
        )


def test_an_error_of_no_constraint_names_none() -> None:
    assert broken_constraint(IntegrityError("Something.")) == ""


def test_an_error_names_its_constraint() -> None:
    keep_plans("shop")
    with pytest.raises(IntegrityError) as caught:
        keep_plans("shop")
    assert broken_constraint(caught.value) == "catalog_app_plan_plan_id_key"


def test_the_lowest_number_that_is_free() -> None:
    keep_plans("shop", "shop-2", "shop-4", "shopping")

    assert free_id(Plan, "Shop!") == "shop-3"
    assert free_id(Plan, "Sho") == "sho"
    assert free_id(PlanTemplate, "Shop!") == "shop"


def test_a_title_without_letters_of_an_id() -> None:
    keep_plans("plan")

    assert free_id(Plan, "Магазин") == "plan-2"
    assert free_id(PlanTemplate, "Магазин") == "template"


def test_a_long_title_leaves_room_for_a_number() -> None:
    keep_plans("a" * 90)

    assert free_id(Plan, "a" * 200) == "a" * 90 + "-2"
