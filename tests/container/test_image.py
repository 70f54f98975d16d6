"""The image, really built and run. Opt in with AUTOPACK_IMAGE_TEST=1 where buildah is installed, as root.

AUTOPACK_IMAGE_BASE is the base to build on (default: the Dockerfile's own), AUTOPACK_IMAGE_BUILD_OPTIONS what
else `buildah build` is told, for example volumes with the configuration of a package index.
"""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.containers import ROOT, find_health_check
from tests.support.repos import GitRepo, make_repo
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        os.environ.get("AUTOPACK_IMAGE_TEST") != "1" or not shutil.which("buildah") or os.geteuid() != 0,
        reason="opt in with AUTOPACK_IMAGE_TEST=1, with buildah, as root",
    ),
]

TAG = "localhost/autopack-test"
OWNER_UID = 4242
IMAGE_UID = 1000


def buildah(*arguments: str) -> str:
    done = subprocess.run(
        ["buildah", *arguments], capture_output=True, text=True, check=False, timeout=900, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip()


@dataclass
class Container:
    name: str
    options: list[str]
    port: int
    log: Path

    def command(self, *argv: str) -> list[str]:
        return ["buildah", "run", "--isolation", "chroot", *self.options, self.name, "--", *argv]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*argv), capture_output=True, text=True, check=False, timeout=120)

    def is_healthy(self) -> bool:
        return self.run(*find_health_check()).returncode == 0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not below pytest's own, which the container's user may not enter."""
    made = Path(tempfile.mkdtemp(prefix="autopack-image-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def repo(folder: Path) -> GitRepo:
    """Of another user than the image's, who lets its group write."""
    repo = make_repo(folder / "shop", {"app.py": "print('hi')\n"})
    repo.git("config", "core.sharedRepository", "group")
    for path in (repo.path, *repo.path.rglob("*")):
        os.chown(path, OWNER_UID, IMAGE_UID)
        path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))
    return repo


@pytest.fixture(scope="module")
def container(folder: Path, repo: GitRepo) -> Iterator[Container]:
    """Running, with one good repository and three that are mounted wrongly."""
    base = os.environ.get("AUTOPACK_IMAGE_BASE")
    options = shlex.split(os.environ.get("AUTOPACK_IMAGE_BUILD_OPTIONS", ""))
    options += ["--build-arg", f"BASE={base}"] if base else []
    buildah("build", "--format", "docker", "--layers", *options, "--tag", TAG, ".")
    foreign = make_repo(folder / "foreign")
    for path in (foreign.path, *foreign.path.rglob("*")):
        os.chown(path, OWNER_UID, OWNER_UID)
    (folder / "empty").mkdir()
    config = folder / "autopack.yaml"
    names = ["shop", "foreign", "readonly", "empty", "elsewhere"]
    config.write_text(
        "projects:\n"
        + "".join(f"  {name}: {{repo_path: /repositories/{name}}}\n" for name in names)
        + "  checked:\n    repo_path: /repositories/shop\n"
        + "    ci: {normal: [{name: compile, run: [python3, -m, compileall, -q, .]}]}\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mounts = [f"{config}:/etc/autopack/autopack.yaml:ro", f"{repo.path}:/repositories/readonly:ro"]
    mounts += [f"{folder / name}:/repositories/{name}" for name in ("shop", "foreign", "empty")]
    name = buildah("from", TAG)
    try:
        arguments = [word for mount in mounts for word in ("--volume", mount)] + ["--env", f"PORT={port}"]
        made = Container(name, arguments, port, folder / "log")
        with made.log.open("wb") as log:
            running = subprocess.Popen(
                made.command("tini", "--", "python", "-m", "autopack.launcher"), stdout=log, stderr=log
            )
        try:
            wait_for(made.is_healthy, "a healthy container", seconds=120)
            yield made
        finally:
            running.terminate()
            running.wait(60)
    finally:
        buildah("rm", name)


def test_it_runs_as_its_own_user(container: Container) -> None:
    assert container.run("id", "--user").stdout.strip() == str(IMAGE_UID)
    assert container.run("touch", "/app/file").returncode != 0


@pytest.mark.parametrize(
    ("project", "code"),
    [
        ("foreign", "not_writable"),
        ("readonly", "not_writable"),
        ("empty", "not_a_repository"),
        ("elsewhere", "missing"),
    ],
)
def test_a_wrong_mount_is_said_at_start(container: Container, project: str, code: str) -> None:
    assert f"Project {project}: the repository cannot be used ({code})" in container.log.read_text()


def test_the_four_git_calls_work_on_a_repository_of_another_user(container: Container, repo: GitRepo) -> None:
    dubious = container.run("git", "-C", "/repositories/shop", "status")
    assert "dubious ownership" in dubious.stderr, "else this test shows nothing"
    roles = ["--role", "planner", "--role", "builder", "--role", "auditor"]
    key = container.run("python", "manage.py", "create_key", *roles).stdout.strip()
    headers = {"Authorization": f"Bearer {key}"}
    patch = (
        "diff --git a/app.py b/app.py\n--- a/app.py\n+++ b/app.py\n"
        "@@ -1 +1 @@\n-print('hi')\n+print('hello')\n"
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{container.port}", headers=headers, timeout=60) as client:
        run = {"run_id": "r1", "project_id": "checked"}
        tier = {"tier_id": "t1", "tier_index": 0, "name": "One"}
        phase = {"phase_id": "p1", "phase_index": 0, "tier_id": "t1", "name": "Greet"}
        started = client.post("/runs/start", json={"run": run, "tiers": [tier], "phases": [phase]})
        assert started.status_code == 201, started.text
        ids = {"run_id": "r1", "phase_id": "p1"}
        result = {**ids, "status": "needs_review", "patch_content": patch}
        built = client.post("/runs/r1/phases/p1/builder_result", json=result)
        assert built.status_code == 200, built.text
        asked = client.post("/runs/r1/phases/p1/auditor_request", json={**ids, "tier_id": "t1"})
        assert asked.status_code == 200, asked.text
        verdict = {**ids, "review_notes": "Read.", "recommendation": "approve"}
        judged = client.post("/runs/r1/phases/p1/auditor_result", json=verdict)
        assert judged.status_code == 200, judged.text
        wait_for(lambda: client.get("/runs/r1").json()["state"] == "DONE_SUCCESS", "the end of the run")
        status = client.get("/runs/r1/integration_status").json()
        isolation = client.get("/api/v1/runs/r1").json()["isolation"]
    trust = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
    trust["GIT_CONFIG_VALUE_0"] = str(repo.path)
    tip = repo.git("rev-parse", "autonomous/r1", env=trust).decode().strip()
    assert status["tip"] == built.json()["commit_sha"] == tip
    assert status["commits_ahead"] == 1
    assert isolation == "none", "a chroot forbids namespaces, and the run says what that means"
    repo.git("fsck", "--strict", "--full", env=trust)
