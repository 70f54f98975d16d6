"""What can be said of the image without building it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.containers import ROOT, find_health_check, list_environment_names, read_dockerfile

FOREIGN_NAMES = {"PATH", "PYTHONUNBUFFERED"}
NOT_IN_THE_IMAGE = {
    "tests",
    "docs",
    "repositories",
    "build",
    "dist",
    "staticfiles",
    "node_modules",
    "__pycache__",
}


def test_the_base_is_the_builders_choice_and_all_stages_stand_on_it() -> None:
    instructions = read_dockerfile()
    assert instructions[0].name == "ARG"
    assert instructions[0].value.startswith("BASE=python:3")
    stages = [i.value for i in instructions if i.name == "FROM"]
    assert stages == ["${BASE} AS base", "base AS build", "base"]


def test_it_runs_as_a_user_by_number_who_owns_nothing_of_the_code() -> None:
    """By number, so that a cluster can see that it is not root."""
    last = max(i.stage for i in read_dockerfile())
    final = [i for i in read_dockerfile() if i.stage == last]
    defaults = dict(i.value.split("=") for i in final if i.name == "ARG")
    (user,) = (i.value for i in final if i.name == "USER")
    assert user == "${USER_ID}:${GROUP_ID}"
    assert int(defaults["USER_ID"]) > 0
    assert int(defaults["GROUP_ID"]) > 0
    assert not [i for i in final if i.name == "COPY" and "--chown" in i.value]
    after_user = [i.name for i in final[[i.name for i in final].index("USER") :]]
    assert "RUN" not in after_user
    assert "COPY" not in after_user


def test_git_is_trusted_with_no_folder_by_configuration() -> None:
    """Ownership is settled per repository and call; a wildcard would settle it for all."""
    assert "safe.directory" not in (ROOT / "Dockerfile").read_text()
    assert "git config" not in (ROOT / "Dockerfile").read_text()


def test_nothing_is_downloaded_but_packages_and_nothing_is_secret() -> None:
    for instruction in read_dockerfile():
        assert instruction.name != "ADD"
        assert "://" not in instruction.value.replace("http://127.0.0.1", "")
        if instruction.name in {"ENV", "ARG"}:
            assert not any(
                word in instruction.value for word in ("SECRET", "PASSWORD", "TOKEN", "DATABASE_URL")
            )


def test_every_variable_it_sets_is_one_that_the_code_reads() -> None:
    names = {
        assignment.partition("=")[0]
        for instruction in read_dockerfile()
        if instruction.name == "ENV"
        for assignment in instruction.value.split()
    }
    assert {"HOST", "PORT", "AUTOPACK_HOME", "AUTOPACK_CONFIG"} <= names
    assert names - FOREIGN_NAMES <= list_environment_names()


def test_the_build_sees_what_it_needs_and_nothing_else() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    admitted = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    needed = {"requirements.txt", "requirements-models.txt", "manage.py", "autopack", "catalog"}
    assert needed | {"catalog_app", "runs_app"} <= admitted
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert found - NOT_IN_THE_IMAGE <= admitted, "a new folder: does the image need it?"
    assert all((ROOT / name).exists() for name in admitted)
    assert not admitted & {".git", ".venv", ".autopack", "autopack.yaml", ".env", "tests"}


@pytest.fixture
def web() -> Iterator[tuple[int, list[int]]]:
    """A server on a free port, which answers /health with the status that is put into the list."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses[0] if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, statuses
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "exit_code"), [(503, 1), (400, 1), (200, 0)])
def test_the_health_check_believes_only_200_and_asks_no_proxy(
    web: tuple[int, list[int]], status: int, exit_code: int
) -> None:
    port, statuses = web
    statuses.append(status)
    assert _run_health_check(port) == exit_code


def test_the_health_check_fails_where_nobody_answers(tmp_path: Path) -> None:
    assert _run_health_check(1) == 1


def _run_health_check(port: int) -> int:
    command = find_health_check()
    assert command[0] == "python"
    return subprocess.run(
        [sys.executable, *command[1:]],
        env={**os.environ, "PORT": str(port), "http_proxy": "http://127.0.0.1:9", "no_proxy": ""},
        capture_output=True,
        check=False,
        timeout=20,
    ).returncode
