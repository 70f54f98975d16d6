"""Decisions over one row or many: nothing without a reason, nothing by a GET, nothing by a reader."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog_app.models import SourceRepo, SourceScan
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

BULK: list[tuple[str, Callable[[], models.Model]]] = [
    ("whitelist", make.RepoFactory.create),
    ("unlist", lambda: make.RepoFactory.create(is_whitelisted=True)),
    ("whitelist", make.SourceFactory.create),
    ("retire", make.SourceFactory.create),
    ("restore", lambda: make.SourceFactory.create(retired_at=timezone.now())),
    ("whitelist", lambda: make.SourceFactory.create().feature),
    ("retire", make.FeatureFactory.create),
    ("restore", lambda: make.FeatureFactory.create(retired_at=timezone.now())),
    ("retire", make.StackFactory.create),
    ("retire", make.CombinationFactory.create),
    ("restore", lambda: make.CombinationFactory.create(retired_at=timezone.now())),
]
SINGLE: list[tuple[str, Callable[[], models.Model]]] = [
    ("whitelist_one", make.RepoFactory.create),
    ("retire_one", make.SourceFactory.create),
    ("retire_one", make.FeatureFactory.create),
    ("retire_one", make.StackFactory.create),
    ("retire_one", make.CombinationFactory.create),
    ("set_pin_of", make.SourceFactory.create),
    ("judge", make.SourceFactory.create),
    ("verify_one", make.SourceFactory.create),
    ("repin", make.SourceFactory.create),
    ("verify_one", lambda: make.SourceFactory.create().feature),
    ("cancel", make.ScanFactory.create),
]


def list_of(row: models.Model) -> str:
    return reverse(f"admin:catalog_app_{row._meta.model_name}_changelist")


def action_of(row: models.Model, name: str) -> str:
    return reverse(f"admin:catalog_app_{row._meta.model_name}_{name}", args=[row.pk])


def state_of(row: models.Model) -> list[dict[str, Any]]:
    """The row, and the repositories and scans that the decisions would change."""
    rows: list[Any] = [*type(row)._default_manager.filter(pk=row.pk).values()]
    rows += SourceScan.objects.order_by("pk").values("pk", "state", "is_cancel_requested")
    return rows + list(SourceRepo.objects.order_by("pk").values())


def choose(row: models.Model, action: str, **said: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [row.pk], "select_across": "0", **said}


@pytest.mark.parametrize(("action", "make_row"), SINGLE)
def test_an_address_that_names_no_row_is_not_found(
    ada: Client, action: str, make_row: Callable[[], models.Model]
) -> None:
    row = make_row()
    for odd in ("x", "0", "9" * 30, f"{row.pk}_2F", "%00"):
        address = action_of(row, action).replace(f"/{row.pk}/", f"/{odd}/")
        assert ada.get(address).status_code == 404
        assert ada.post(address, {"confirmed": "1", "reason": "Because."}).status_code == 404


def test_the_history_of_no_scan_is_not_found(ada: Client) -> None:
    assert ada.get(reverse("admin:catalog_app_sourcescan_history", args=["x"])).status_code == 404


@pytest.mark.parametrize(("action", "make_row"), BULK)
def test_a_reader_decides_nothing(bob: Client, action: str, make_row: Callable[[], models.Model]) -> None:
    row = make_row()
    before = state_of(row)

    bob.post(f"{list_of(row)}?retired=all", choose(row, action, confirmed="1", reason="Because."))

    assert state_of(row) == before


@pytest.mark.parametrize(("action", "make_row"), SINGLE)
def test_a_reader_decides_nothing_on_a_page(
    bob: Client, action: str, make_row: Callable[[], models.Model]
) -> None:
    row = make_row()
    before = state_of(row)
    said = {"confirmed": "1", "reason": "Because.", "commit": "a" * 40, "judgement": "0.5", "note": "n"}

    assert bob.get(action_of(row, action)).status_code == 403
    assert bob.post(action_of(row, action), said).status_code == 403

    assert state_of(row) == before


@pytest.mark.parametrize(("action", "make_row"), BULK)
def test_without_a_reason_nothing_changes_and_the_page_asks_for_one(
    ada: Client, action: str, make_row: Callable[[], models.Model]
) -> None:
    row = make_row()
    before = state_of(row)
    url = f"{list_of(row)}?retired=all" if hasattr(row, "retired_at") else list_of(row)

    asked = ada.post(url, choose(row, action))
    refused = ada.post(url, choose(row, action, confirmed="1", reason="  "))

    assert asked.context["count"] == 1
    assert all(outcome.is_change for outcome in asked.context["outcomes"])
    assert refused.context["form"].errors == {"reason": ["Give a reason for this change."]}
    assert state_of(row) == before

    done = ada.post(url, choose(row, action, confirmed="1", reason="Looked at it."))

    assert done.status_code == 302
    assert state_of(row) != before


@pytest.mark.parametrize(("action", "make_row"), SINGLE)
def test_a_get_writes_nothing(ada: Client, action: str, make_row: Callable[[], models.Model]) -> None:
    row = make_row()
    before = state_of(row)

    said = "confirmed=1&reason=x&commit=&judgement=1&note=x"
    assert ada.get(f"{action_of(row, action)}?{said}").status_code == 200

    assert state_of(row) == before


def test_a_refusal_of_the_service_is_shown_and_nothing_is_whitelisted(ada: Client) -> None:
    fine = make.RepoFactory.create()
    placeless = make.RepoFactory.create(url="https://github.com/...", url_key="")
    said = {"action": "whitelist", "_selected_action": [fine.pk, placeless.pk], "reason": "Ours."}

    response = ada.post(list_of(fine), {**said, "confirmed": "2"})

    assert placeless.repo_id in response.content.decode()
    fine.refresh_from_db()
    assert not fine.is_whitelisted


def test_rows_that_joined_the_selection_since_bring_the_page_back(ada: Client) -> None:
    first = make.RepoFactory.create()
    said = {"action": "whitelist", "_selected_action": [first.pk], "select_across": "1", "reason": "Ours."}
    shown = ada.post(list_of(first), said)
    make.RepoFactory.create()

    again = ada.post(list_of(first), {**said, "confirmed": str(shown.context["count"])})

    assert (shown.context["count"], again.context["count"]) == (1, 2)
    assert not SourceRepo.objects.filter(is_whitelisted=True).exists()


@pytest.mark.parametrize("commit", ["main", "abc1234"])
def test_a_pin_that_is_no_object_name_is_refused_with_its_rule(ada: Client, commit: str) -> None:
    source = make.SourceFactory.create()

    response = ada.post(
        action_of(source, "set_pin_of"), {"confirmed": "1", "commit": commit, "reason": "Known good."}
    )

    assert "40 or 64 hexadecimal digits" in str(response.context["form"].errors)
    source.refresh_from_db()
    assert source.pinned_commit == ""


def test_a_pin_and_a_judgement_are_set_with_their_reasons(ada: Client) -> None:
    source = make.SourceFactory.create()

    pinned = ada.post(
        action_of(source, "set_pin_of"), {"confirmed": "1", "commit": "A" * 40, "reason": "Known good."}
    )
    ada.post(action_of(source, "judge"), {"confirmed": "1", "judgement": "0.9", "note": "Used it for years."})

    assert pinned["location"] == reverse("admin:catalog_app_featuresource_change", args=[source.pk])
    source.refresh_from_db()
    assert source.pinned_commit == "a" * 40
    assert (source.judgement, source.judgement_note) == (Decimal("0.90"), "Used it for years.")
    reasons = [row.history_change_reason for row in source.history.all()]
    assert reasons[:2] == ["Used it for years.", "Known good."]
    assert source.history.first().history_user.startswith("ada (user:")


def test_a_page_offers_what_would_change_something(ada: Client) -> None:
    repo = make.RepoFactory.create()
    change = reverse("admin:catalog_app_sourcerepo_change", args=[repo.pk])

    page = ada.get(change).content.decode()

    assert action_of(repo, "whitelist_one") in page
    assert action_of(repo, "unlist_one") not in page


def test_sources_are_queued_for_verification_and_the_retired_left_alone(ada: Client) -> None:
    source = make.SourceFactory.create()
    retired = make.SourceFactory.create(feature=source.feature, retired_at=timezone.now())
    said = {"action": "verify", "_selected_action": [source.pk, retired.pk], "select_across": "0"}
    url = f"{list_of(source)}?retired=all"

    asked = ada.post(url, said)
    done = ada.post(url, {**said, "confirmed": "2", "reason": "First look."}, follow=True)

    assert {outcome.is_change for outcome in asked.context["outcomes"]} == {True, False}
    scan = SourceScan.objects.get()
    assert (scan.source, scan.reason) == (source, "First look.")
    assert "1 scan waits for the worker. 1 source was left out" in done.content.decode()


def test_the_sources_of_features_are_queued_for_verification(ada: Client) -> None:
    source = make.SourceFactory.create()

    ada.post(list_of(source.feature), choose(source.feature, "verify", confirmed="1"))

    assert SourceScan.objects.get().source == source


def test_a_place_that_is_not_fetched_from_is_refused_and_nothing_is_queued(ada: Client) -> None:
    source = make.SourceFactory.create()

    refused = ada.post(action_of(source, "verify_one"), {"confirmed": "1", "fetch_from": "/etc"})

    assert refused.status_code == 200
    assert refused.context["form"].errors
    assert not SourceScan.objects.exists()


def test_moving_a_pin_asks_for_a_reason(ada: Client) -> None:
    source = make.verified_source()
    scans = SourceScan.objects.count()

    refused = ada.post(action_of(source, "repin"), {"confirmed": "1", "revision": "v2"})
    assert refused.context["form"].errors == {"reason": ["Give a reason for this change."]}
    assert SourceScan.objects.count() == scans

    ada.post(action_of(source, "repin"), {"confirmed": "1", "revision": "v2", "reason": "Their fix."})

    scan = SourceScan.objects.order_by("-pk")[0]
    assert (scan.revision, scan.is_repin, scan.reason) == ("v2", True, "Their fix.")


def test_a_scan_that_waits_is_called_off(ada: Client) -> None:
    scan = make.ScanFactory.create()

    ada.post(action_of(scan, "cancel"), {"confirmed": "1", "reason": "Not needed."})

    scan.refresh_from_db()
    assert scan.state == "cancelled"
    page = ada.get(reverse("admin:catalog_app_sourcescan_change", args=[scan.pk])).content.decode()
    assert action_of(scan, "cancel") not in page
