"""`kill -9` of the worker while it scans: the scan is taken up, nothing is half-written or written twice."""

import json
import os
import subprocess
from contextlib import suppress

import psutil
import pytest

from tests.support.license_texts import license_text
from tests.support.live import LiveAutopack
from tests.support.repos import GitRepo, make_repo
from tests.support.waiting import wait_for

KILLS = 2
MEGABYTES = 8
"""So much that cannot be compressed takes git more than a moment to fetch."""

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(360)]

_PLANT = """
from tests.support.catalog_factories import CatalogFactory, FeatureFactory, RepoFactory, SourceFactory
catalog = CatalogFactory.create(slug="scanned")
SourceFactory.create(
    feature=FeatureFactory.create(catalog=catalog, slug="cart"),
    repo=RepoFactory.create(repo_id="planted-shop", fetch_from={path!r}),
    declared_text="BSD-3-Clause",
)
"""
_REPORT = """
import json
from catalog_app.models import FeatureSource, SourceScan
source = FeatureSource.objects.get(repo__repo_id="planted-shop")
scans = SourceScan.objects.filter(source=source)
print(json.dumps({
    "scans": [[scan.state, scan.outcome, scan.commit, scan.times_started] for scan in scans],
    "source": [source.status, source.pinned_commit, source.effective_license],
    "changes": source.history.filter(history_user_id__startswith="scanner").count(),
}))
"""


def test_a_scan_survives_kill_9_of_its_worker(live: LiveAutopack) -> None:
    files = {f"{number}.bin": os.urandom(1 << 20) for number in range(MEGABYTES)}
    upstream = live.home.parent / "upstream" / "scanned"
    repo = make_repo(upstream, {"LICENSE": license_text("BSD-3-Clause"), **files})
    planted = live.run("shell", "-c", _PLANT.format(path=str(repo.path)))
    assert planted.returncode == 0, planted.stderr
    mirrors = live.home / "mirrors"
    before = set(mirrors.glob("*.git"))
    verify = subprocess.Popen(
        live.manage("verify", "cart", "--catalog", "scanned", "--wait"),
        env=live.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(KILLS):
            wait_for(lambda: find_fetch(live), "a fetch to interrupt", seconds=60)
            live.kill("worker")
        said, _ = verify.communicate(timeout=120)
    finally:
        verify.kill()
        verify.wait()
    assert verify.returncode == 0, said
    report = live.run("shell", "-c", _REPORT)
    assert report.returncode == 0, report.stderr
    found = json.loads(report.stdout.splitlines()[-1])
    assert found == {
        "scans": [["done", "verified", repo.head(), KILLS + 1]],
        "source": ["verified", repo.head(), "BSD-3-Clause"],
        "changes": 1,
    }
    (mirror,) = set(mirrors.glob("*.git")) - before
    assert not list(mirror.rglob("tmp_*"))
    GitRepo(mirror, is_bare=True).fsck()


def find_fetch(live: LiveAutopack) -> psutil.Process | None:
    """The git that the worker of now fetches with."""
    worker = live.find("worker")
    if worker is None:
        return None
    with suppress(psutil.Error):
        for child in worker.children(recursive=True):
            if child.name() == "git" and "fetch" in child.cmdline():
                return child
    return None
