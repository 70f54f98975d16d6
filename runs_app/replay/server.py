"""The server that a replay talks to: the one that is there, or one started for the duration."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from runs_app.replay.errors import ReplayError

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 180.0
_STOP_SECONDS = 60.0
_GLANCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.2


def default_url(host: str, port: int) -> str:
    """Where a server with these settings is found from this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http://{reachable}:{port}"


def is_answering(url: str) -> bool:
    """Whether Autopack is there and healthy enough to serve. Raises ReplayError for what is not Autopack."""
    try:
        answer = httpx.get(f"{url}/health", timeout=_GLANCE_SECONDS, trust_env=False)
        status = answer.json()["status"]
    except httpx.TransportError:
        return False
    except httpx.InvalidURL as error:
        raise ReplayError(f"{url} is no address: {error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReplayError(
            f"Something answers at {url}, but it is not Autopack. Say --url or set PORT."
        ) from error
    return bool(status != "unhealthy")


@contextmanager
def ensure_server(url: str, *, may_start: bool, log: Path, say: Callable[[str], None]) -> Iterator[bool]:
    """Have a server at `url`; started here, it ends here. Yields whether it was. Raises ReplayError."""
    if is_answering(url):
        yield False
        return
    if not may_start:
        raise ReplayError(f"Nothing answers at {url}. Start Autopack there, or leave --url out.")
    say(f"No server answers at {url}: starting one for the duration (its output: {log}).")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "autopack.launcher"],
            cwd=PROJECT_ROOT,
            env=dict(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the replay, which then stops its server.
            start_new_session=True,
        )
    try:
        _wait_until_healthy(launcher, url, log)
        yield True
    finally:
        _stop(launcher)


def _wait_until_healthy(launcher: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_answering(url):
        if launcher.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise ReplayError(f"The server did not start: {lines[-1] if lines else 'no output'}")
        if time.monotonic() > deadline:
            raise ReplayError(f"The server did not become healthy within {_START_SECONDS:.0f} s; see {log}.")
        time.sleep(_PAUSE_SECONDS)


def _stop(launcher: "subprocess.Popen[bytes]") -> None:
    launcher.terminate()
    try:
        launcher.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()
