"""The best isolation that works is chosen, and the report says why it is not a better one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs_app.ci import probing
from runs_app.ci.types import Isolation
from tests.support.ci_bench import skip_unless_possible


@pytest.fixture(autouse=True)
def _probe_anew() -> Iterator[None]:
    probing.choose_isolation.cache_clear()
    yield
    probing.choose_isolation.cache_clear()


def test_no_isolation_does_not_pass_the_probe() -> None:
    assert "exited with code" in probing.probe(Isolation.NONE)


def test_a_bubblewrap_that_does_not_work_fails_with_its_own_words(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    broken = tmp_path_factory.mktemp("bin") / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    assert probing.probe(Isolation.BUBBLEWRAP, str(broken)) == "bwrap: No permissions to create new namespace"


def test_without_namespaces_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "find_bubblewrap", lambda: "")
    monkeypatch.setattr(probing, "probe", lambda *_: "unshare: Operation not permitted")
    choice = probing.choose_isolation()
    assert choice.isolation is Isolation.NONE
    assert choice.reason == (
        "bubblewrap is not installed; namespaces do not work here (unshare: Operation not permitted)"
    )


def test_where_the_kernel_forbids_namespaces_there_is_none() -> None:
    """As in most containers. Here by the limit on namespaces, set to zero in one."""
    skip_unless_possible(Isolation.UNSHARE)
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    python = "from runs_app.ci.probing import *; c = choose_isolation(); print(c.isolation, c.reason)"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh", sys.executable, "-c", python],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("none bubblewrap ")
    assert "namespaces do not work here (setting up the step: unshare: No space left" in done.stdout


def test_without_bubblewrap_our_own_namespaces_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_unless_possible(Isolation.UNSHARE)
    monkeypatch.setattr(probing, "find_bubblewrap", lambda: "")
    choice = probing.choose_isolation()
    assert (choice.isolation, choice.reason) == (Isolation.UNSHARE, "bubblewrap is not installed")


def test_bubblewrap_is_the_first_choice() -> None:
    skip_unless_possible(Isolation.BUBBLEWRAP)
    choice = probing.choose_isolation()
    assert (choice.isolation, choice.reason) == (Isolation.BUBBLEWRAP, "")
    assert choice.bubblewrap.endswith("/bwrap")


def test_it_is_probed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = probing.choose_isolation()
    monkeypatch.setattr(probing, "probe", lambda *_: pytest.fail("probed again"))
    assert probing.choose_isolation() is first
