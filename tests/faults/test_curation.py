"""`kill -9` of the worker in the middle of a curation run: every repository is looked at all the same, and
nothing is in the catalog before it is accepted."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.test_scan import find_fetch
from tests.support.live import LiveAutopack
from tests.support.repos import FileContents, make_repo
from tests.support.waiting import wait_for

KILLS = 2
REPOSITORIES = 4
MEGABYTES = 8

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(360)]

_PLANT = """
from tests.support.catalog_factories import CatalogFactory
CatalogFactory.create(slug="planted")
"""
_REPORT = """
import json
from catalog_app.models import CurationCandidate, Feature, SourceScan
candidates = CurationCandidate.objects.order_by("position")
print(json.dumps({
    "candidates": list(candidates.values_list("state", "commit", "times_started")),
    "features": list(Feature.objects.filter(catalog__slug="planted").values_list("slug", flat=True)),
    "scans": SourceScan.objects.filter(source__feature__catalog__slug="planted").count(),
}))
"""


def test_a_curation_run_survives_kill_9_of_its_worker(live: LiveAutopack) -> None:
    repos = []
    for number in range(REPOSITORIES):
        # So much that cannot be compressed takes git more than a moment to fetch.
        heavy = {f"{part}.bin": os.urandom(1 << 20) for part in range(MEGABYTES)}
        files: FileContents = {
            "LICENSE": Path("LICENSE").read_text(),
            "README.md": f"# Shop {number}\n",
            **heavy,
        }
        repos.append(make_repo(live.home.parent / "upstream" / f"shop-{number}", files))
    planted = live.run("shell", "-c", _PLANT)
    assert planted.returncode == 0, planted.stderr
    call = _caller(live)
    listed = "\n".join(str(repo.path) for repo in repos)
    run = call("post", "runs?catalog=planted", {"title": "Shops", "repositories": listed})
    for _ in range(KILLS):
        wait_for(lambda: find_fetch(live), "a fetch to interrupt", seconds=60)
        live.kill("worker")
    address = f"runs/{run['id']}"
    page = wait_for(lambda: _ready(call("get", address)), "every repository to be looked at", seconds=120)
    before = _report(live)
    decisions = [
        {"candidate": candidate["id"], "action": "accept", "reason": "Good."} for candidate in page["results"]
    ]
    decided = call("post", f"{address}/decide", {"decisions": decisions})
    after = _report(live)
    assert [found[:2] for found in before["candidates"]] == [["ready", repo.head()] for repo in repos]
    starts = sum(found[2] for found in before["candidates"])
    assert REPOSITORIES < starts <= REPOSITORIES + 2 * KILLS
    assert (before["features"], before["scans"]) == ([], 0)
    assert (decided["run"]["state"], decided["run"]["counts"]["accepted"]) == ("closed", REPOSITORIES)
    assert sorted(after["features"]) == [f"shop-{number}" for number in range(REPOSITORIES)]
    assert after["scans"] == REPOSITORIES


def _caller(live: LiveAutopack) -> Callable[..., Any]:
    """REST as a curator. Any: the answer's JSON."""
    headers = {"Authorization": f"Bearer {live.make_key('curator')}"}

    def call(method: str, path: str, body: Any = None) -> Any:
        url = f"{live.url}/api/v1/catalog/curation/{path}"
        answer = httpx.request(method, url, json=body, headers=headers, timeout=60, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    return call


def _ready(page: Any) -> Any:
    return page if page["run"]["state"] == "ready" else None


def _report(live: LiveAutopack) -> Any:
    report = live.run("shell", "-c", _REPORT)
    assert report.returncode == 0, report.stderr
    return json.loads(report.stdout.splitlines()[-1])
