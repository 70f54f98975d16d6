"""compose.yaml says nothing that the code does not know, and leaves nothing open."""

import subprocess
import sys
from typing import Any

import pytest

from autopack.launcher.launcher import Part
from tests.support.containers import ROOT, interpolations, list_environment_names, read_compose

Service = dict[str, Any]  # as YAML gives it
OURS = ["web", "worker"]


@pytest.fixture
def services() -> dict[str, Service]:
    found: dict[str, Service] = read_compose()["services"]
    return found


def test_secrets_have_no_default(services: dict[str, Service]) -> None:
    text = (ROOT / "compose.yaml").read_text()
    operators = interpolations(text)
    secret = {name for name in operators if "SECRET" in name or name == "POSTGRES_PASSWORD"}
    assert secret == {"POSTGRES_PASSWORD", "AUTOPACK_SECRET_KEY"}
    assert {operators[name] for name in secret} == {":?"}
    assert operators["AUTOPACK_ADMIN_PASSWORD"] == ":-", "empty: one is generated, and printed once"


def test_every_variable_of_ours_is_one_that_the_code_reads(services: dict[str, Service]) -> None:
    known = list_environment_names()
    for name in OURS:
        assert set(services[name]["environment"]) <= known
        assert {"DATABASE_URL", "AUTOPACK_SECRET_KEY"} <= set(services[name]["environment"])


@pytest.mark.parametrize("name", OURS)
def test_each_part_runs_alone(services: dict[str, Service], name: str) -> None:
    assert services[name]["command"] == ["python", "-m", "autopack.launcher", Part(name).value]
    assert services[name]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_both_parts_have_the_same_repositories_and_configuration_and_may_write_only_the_first(
    services: dict[str, Service],
) -> None:
    binds = [[m for m in services[name]["volumes"] if isinstance(m, dict)] for name in OURS]
    assert binds[0] == binds[1]
    repositories, configuration = binds[0]
    assert repositories["target"] == "/repositories"
    assert not repositories.get("read_only", False)
    assert configuration["target"] == "/etc/autopack/autopack.yaml"
    assert configuration["read_only"] is True
    for bind in binds[0]:
        assert bind["bind"] == {"create_host_path": False}, "a wrong path is an error, not an empty folder"


@pytest.mark.parametrize("name", OURS)
def test_no_part_has_more_rights_than_it_needs(services: dict[str, Service], name: str) -> None:
    service = services[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert "/var/run/docker.sock" not in str(service["volumes"])
    assert service["user"] == "${AUTOPACK_UID:-1000}:${AUTOPACK_GID:-1000}"


def test_only_web_is_reached_from_outside_and_by_default_only_from_this_machine(
    services: dict[str, Service],
) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"web"}
    assert services["web"]["ports"] == ["${AUTOPACK_PUBLISH:-127.0.0.1:8000}:8000"]


def test_only_the_worker_may_make_the_namespaces_that_isolate_ci(services: dict[str, Service]) -> None:
    options = {"seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"}
    assert options <= set(services["worker"]["security_opt"])
    assert not options & set(services["web"]["security_opt"])


@pytest.mark.parametrize(("program", "exit_code"), [("run_something", 1), ("run_worker", 0)])
def test_the_check_of_the_worker_looks_for_its_process(
    services: dict[str, Service], program: str, exit_code: int
) -> None:
    verb, python, option, script = services["worker"]["healthcheck"]["test"]
    assert (verb, python, option) == ("CMD", "python", "-c")
    # Below a process of this test instead of a container's first one.
    setting = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'input()', {program!r}], stdin=-1)"
    )
    script = script.replace("Process(1)", "Process()")
    command = [sys.executable, "-c", f"{setting}\n{script}"]
    assert subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == exit_code


def test_volumes_that_are_used_are_declared(services: dict[str, Service]) -> None:
    named = {
        mount.partition(":")[0]
        for service in services.values()
        for mount in service.get("volumes", [])
        if isinstance(mount, str)
    }
    assert named == set(read_compose()["volumes"])
