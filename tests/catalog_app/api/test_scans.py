"""Asking for scans by REST, and calling them off."""

from collections.abc import Callable
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import FeatureCatalog, FeatureSource, SourceScan
from tests.support import catalog_factories as make

Get = Callable[..., Any]
Send = Callable[..., Any]


def test_what_is_not_there_is_not_verified(catalog: FeatureCatalog, send: Send) -> None:
    for path, body, code in [
        ("sources/0/verify", {}, "source_not_found"),
        ("scans/0/cancel", {}, "scan_not_found"),
        ("verify", {"sources": [1, 2**62]}, "source_not_found"),
        ("verify?catalog=other", {"filter": {}}, "catalog_not_found"),
    ]:
        answer = send("post", path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    assert not SourceScan.objects.live().exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"from": "ext::sh -c x"}, "transport_refused"),
        ({"from": "/etc"}, "outside_roots"),
        ({"from": "https://ada:hunter2@github.com/a/b"}, "credentials_in_url"),
        ({"from": "https://evil.example.com/a"}, "host_refused"),
        ({"at": "a\tb"}, "invalid_revision"),
        ({"at": "x" * 256}, "invalid_body"),
        ({"at": ["main"]}, "invalid_body"),
        ({"from": "\0"}, "invalid_body"),
        ({"repin": "perhaps"}, "invalid_body"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    source: FeatureSource, send: Send, body: dict[str, Any], code: str
) -> None:
    answer = send("post", f"sources/{source.pk}/verify", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "hunter2" not in answer.content.decode()
    assert not SourceScan.objects.live().exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"sources": [1], "filter": {}}, ""),
        ({"sources": ["x"]}, "/sources/0"),
        ({"sources": [2**70]}, "/sources/0"),
        ({"sources": list(range(1, 502))}, "/sources"),
        ({"filter": {"status": ["verifed"]}}, "/filter/status/0"),
        ({"filter": {"q": "\0"}}, "/filter/q"),
        ({"filter": {}, "limit": 0}, "/limit"),
        ({"filter": []}, "/filter"),
    ],
)
def test_many_are_asked_for_by_a_list_or_a_filter(
    catalog: FeatureCatalog, send: Send, body: dict[str, Any], pointer: str
) -> None:
    answer = send("post", "verify", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_retired_source_is_not_verified(source: FeatureSource, send: Send) -> None:
    FeatureSource.objects.filter(pk=source.pk).update(retired_at=make.START)
    answer = send("post", f"sources/{source.pk}/verify")
    assert (answer.status_code, answer.json()["code"]) == (422, "source_retired")


def test_a_scan_is_queued_and_can_be_followed(source: FeatureSource, send: Send, get: Get) -> None:
    body = {"at": "v2.0", "reason": "A release.", "from": "https://github.com/fork/lib"}
    answer = send("post", f"sources/{source.pk}/verify", body)
    assert answer.status_code == 200
    scan = answer.json()

    assert (scan["state"], scan["revision"], scan["is_repin"]) == ("queued", "v2.0", True)
    assert (scan["reason"], scan["feature"]) == ("A release.", "login")
    assert scan["requested_by"].startswith("Cursor (key:")
    assert get(f"scans/{scan['id']}").json() == scan
    assert get(f"sources/{source.pk}").json()["live_scan"]["id"] == scan["id"]
    assert ProcrastinateJob.objects.filter(task_name="catalog_app.execute_scan").count() == 1


def test_the_same_again_gets_the_same_scan_and_something_else_is_refused(
    source: FeatureSource, send: Send
) -> None:
    path = f"sources/{source.pk}/verify"
    first = send("post", path, {"at": "main"}).json()

    assert send("post", path, {"at": "main"}).json()["id"] == first["id"]
    for other in ({}, {"repin": True}, {"at": "v1"}, {"at": "main", "from": "https://github.com/fork/lib"}):
        answer = send("post", path, other)
        assert (answer.status_code, answer.json()["code"]) == (409, "scan_running"), other
        assert answer.json()["scan_id"] == first["id"]
    assert SourceScan.objects.live().count() == 1


def test_a_scan_that_waits_is_called_off_once(source: FeatureSource, send: Send) -> None:
    scan = send("post", f"sources/{source.pk}/verify").json()

    cancelled = send("post", f"scans/{scan['id']}/cancel", {"reason": "Too early."})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert "Too early." in cancelled.json()["detail"]
    assert send("post", f"scans/{scan['id']}/cancel").json() == cancelled.json()
    assert FeatureSource.objects.get(pk=source.pk).status == SourceStatus.VERIFIED


def test_a_scan_that_has_ended_is_not_called_off(source: FeatureSource, send: Send) -> None:
    answer = send("post", f"scans/{source.last_scan_id}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (409, "done")


def test_a_scan_that_runs_is_asked_to_stop(source: FeatureSource, send: Send) -> None:
    scan = make.ScanFactory.create(source=source, state=ScanState.FETCHING.value)
    asked = send("post", f"scans/{scan.pk}/cancel").json()
    assert (asked["state"], asked["is_cancel_requested"]) == ("fetching", True)


def test_many_are_verified_the_oldest_first_and_the_rest_next_time(
    catalog: FeatureCatalog, source: FeatureSource, send: Send
) -> None:
    declared = FeatureSource.objects.get(feature__slug="search")
    first = send("post", "verify", {"filter": {}, "limit": 1, "reason": "The first look."})
    assert first.status_code == 200
    assert [scan["source_id"] for scan in first.json()["scans"]] == [declared.pk]
    assert first.json()["remaining"] == 1
    assert first.json()["catalog"]["slug"] == "main"

    second = send("post", "verify", {"filter": {}, "limit": 1}).json()
    assert ([scan["source_id"] for scan in second["scans"]], second["remaining"]) == ([source.pk], 0)
    assert send("post", "verify", {"filter": {}}).json()["scans"] == []


def test_many_are_found_by_what_is_known_of_them(
    catalog: FeatureCatalog, source: FeatureSource, send: Send
) -> None:
    body = {"filter": {"status": ["verified"], "usable": True, "repo": ["lib"], "feature": ["login"]}}
    found = send("post", "verify", body | {"repin": True}).json()
    (scan,) = found["scans"]
    assert (scan["source_id"], scan["is_repin"]) == (source.pk, True)
    assert send("post", "verify", {"filter": {"license_decision": ["denied"]}}).json()["scans"] == []


def test_one_that_is_refused_does_not_keep_the_others(
    catalog: FeatureCatalog, source: FeatureSource, send: Send
) -> None:
    vague = make.RepoFactory.create(repo_id="vague", url="https://github.com/...", url_key="")
    placeless = make.SourceFactory.create(feature=source.feature, repo=vague)
    retired = make.SourceFactory.create(feature=source.feature, retired_at=make.START)

    found = send("post", "verify", {"sources": [source.pk, placeless.pk, retired.pk]}).json()
    assert [scan["source_id"] for scan in found["scans"]] == [source.pk]
    assert {(refused["source_id"], refused["code"]) for refused in found["refused"]} == {
        (placeless.pk, "repository_without_address"),
        (retired.pk, "source_retired"),
    }
