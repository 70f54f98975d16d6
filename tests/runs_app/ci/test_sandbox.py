"""A step sees its workspace and the machine's programs, and nothing else that is worth seeing."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runs_app.ci.errors import CannotHide
from runs_app.ci.sandbox import Mount, plan_mounts
from runs_app.ci.scratch import Scratch
from runs_app.ci.types import Isolation, StepOutcome
from tests.support.ci_bench import Bench, skip_unless_possible

SOURCE_ROOT = Path(__file__).resolve().parents[3]
PYTHONS = (sys.executable, "/usr/bin/python3")
ORDINARY_ID = 12345  # without an entry in /etc/passwd, as in many containers

CONNECT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    try:
        client.connect(sys.argv[1])
    except OSError as error:
        print("refused:", error.strerror)
    else:
        print("connected")
"""


def test_the_root_folder_cannot_be_hidden(isolated_bench: Bench) -> None:
    isolated_bench.hidden_paths = [Path("/")]
    result = isolated_bench.run("true")
    assert result.outcome is StepOutcome.ERRORED
    assert "root folder" in result.detail


def test_hidden_files_are_not_there(isolated_bench: Bench) -> None:
    home = isolated_bench.home
    (home / "key").write_text("the key")
    repository = home.parent / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "config").write_text("the url")
    isolated_bench.hidden_paths = [home, repository]
    isolated_bench.run(f"ls -A {home}; cat {home}/key {repository}/.git/config; ls -A {repository}")
    assert isolated_bench.sink.text.startswith("scratch\nworkspace\n")
    assert "the key" not in isolated_bench.sink.text
    assert "the url" not in isolated_bench.sink.text


def test_a_repository_that_holds_our_home_and_the_workspace_is_not_there(isolated_bench: Bench) -> None:
    repository = isolated_bench.home.parent
    (repository / "config").write_text("the url")
    isolated_bench.hidden_paths = [isolated_bench.home, repository]
    result = isolated_bench.run(f"ls -A {repository} {isolated_bench.home}; touch x && ! touch ../x")
    seen = f"{repository}:\nhome\n\n{isolated_bench.home}:\nscratch\nworkspace\n"
    assert isolated_bench.sink.text.startswith(seen)
    assert result.outcome is StepOutcome.PASSED


def test_what_is_hidden_behind_a_link_or_in_the_workspace_is_not_there(isolated_bench: Bench) -> None:
    workspace = isolated_bench.workspace
    (workspace / "private").mkdir()
    (workspace / "private" / "file").write_text("hidden folder")
    (workspace / "file").write_text("hidden file")
    link = isolated_bench.home / "link"
    link.symlink_to(workspace / "private")
    isolated_bench.hidden_paths = [link, workspace / "file", workspace / "missing"]
    result = isolated_bench.run("cat private/* file; ls -A; touch private/x")
    assert "hidden f" not in isolated_bench.sink.text
    assert result.outcome is StepOutcome.FAILED
    assert (workspace / "file").read_text() == "hidden file"


def test_a_hidden_socket_cannot_be_reached(isolated_bench: Bench) -> None:
    (isolated_bench.workspace / "connect.py").write_text(CONNECT)
    folder = isolated_bench.home / "db"
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        with contextlib.chdir(folder):  # the whole path may be too long for a socket
            server.bind("s")
        server.listen()
        isolated_bench.run("python3 connect.py ../db/s")
        isolated_bench.hidden_paths = []
        isolated_bench.run("python3 connect.py ../db/s")
    assert isolated_bench.sink.text == "refused: No such file or directory\nconnected\n"


def test_temporary_folders_are_private(isolated_bench_in_tmp: Bench) -> None:
    outside = isolated_bench_in_tmp.home.parent / "of-somebody-else"
    outside.write_text("x")
    (isolated_bench_in_tmp.home / "key").touch()
    result = isolated_bench_in_tmp.run(
        f"test ! -e {outside} -a ! -e ../key && touch /tmp/x /var/tmp/x /dev/shm/autopack-x"
    )
    assert result.outcome is StepOutcome.PASSED
    assert not Path("/dev/shm/autopack-x").exists()


def test_the_machine_cannot_be_written(isolated_bench: Bench) -> None:
    beside = isolated_bench.home.parent / "autopack-x"
    targets = ("/autopack-x", "/etc/autopack-x", "/usr/autopack-x", str(beside), "/run/x")
    for target in targets:
        assert isolated_bench.run(f"touch {target}").outcome is StepOutcome.FAILED
        assert not Path(target).exists()


@pytest.mark.parametrize(
    "path", ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/swappiness", "/sys/power/state"]
)
def test_the_kernel_cannot_be_tuned(isolated_bench: Bench, path: str) -> None:
    assert isolated_bench.run(f": >> {path}").outcome is StepOutcome.FAILED


def test_devices_are_the_harmless_ones(isolated_bench: Bench) -> None:
    isolated_bench.run("echo x > /dev/null && head -c 3 /dev/zero | wc -c; ls /dev")
    count, *names = isolated_bench.sink.text.split()
    assert count == "3"
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "core", "fd", "ptmx", "pts", "shm"}
    assert set(names) <= {*harmless, "stdin", "stdout", "stderr", "console"}


def test_other_processes_are_not_there(isolated_bench: Bench) -> None:
    secret = "the-workers-own-secret"
    worker = subprocess.Popen(["sleep", "600"], env={"SECRET_KEY": secret, "PATH": os.environ["PATH"]})
    try:
        isolated_bench.run("cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' ' '; kill -9 -1")
    finally:
        assert worker.poll() is None
        worker.kill()
        worker.wait()
    assert secret not in isolated_bench.sink.text
    assert "sleep 600" not in isolated_bench.sink.text


def test_a_step_has_no_privileges(isolated_bench: Bench) -> None:
    isolated_bench.run(
        "id -u; grep -E '^(Cap|NoNewPrivs)' /proc/self/status; mount -t tmpfs x /mnt; umount /run"
    )
    uid, *lines = isolated_bench.sink.text.splitlines()
    assert uid == str(os.geteuid() or 65534)
    status = dict(line.split(":\t") for line in lines if re.match(r"Cap|NoNew", line))
    assert status.pop("NoNewPrivs") == "1"
    assert set(status.values()) == {"0000000000000000"}


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user may")
def test_root_cannot_make_namespaces_inside(isolated_bench: Bench) -> None:
    assert isolated_bench.run("unshare --user --map-root-user true").outcome is StepOutcome.FAILED


def test_tools_of_the_machine_work(isolated_bench: Bench) -> None:
    commit = "git init -q . && git -c user.name=a -c user.email=b commit -q --allow-empty -m x"
    result = isolated_bench.run(f"{commit} && python3 -c 'import ssl'")
    assert result.outcome is StepOutcome.PASSED, isolated_bench.sink.text


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test shows it")
@pytest.mark.parametrize("isolation", ["bubblewrap", "unshare", "none"])
def test_it_works_as_an_ordinary_user(tmp_path: Path, isolation: str) -> None:
    """In a process of its own: with a home that is its own and an id without a name."""
    skip_unless_possible(Isolation(isolation))
    script = (
        "import sys; from pathlib import Path; from runs_app.ci import local, types\n"
        "home = Path(sys.argv[1]); runner = local.LocalCommandRunner(home / 'scratch', "
        "isolation=types.Isolation(sys.argv[2]))\n"
        "class Sink:\n"
        "    def write(self, chunk): sys.stdout.write(chunk.decode())\n"
        "step = types.StepSpec('s', ('id -u; ls -A ..; touch x',), is_shell=True)\n"
        "print(runner.run_step(step, workspace=home / 'workspace', hidden_paths=[home], sink=Sink(),"
        " is_cancelled=lambda: False).outcome)\n"
    )
    home = tmp_path / "home"
    for folder in (home, home / "scratch", home / "workspace"):
        folder.mkdir()
        os.chown(folder, ORDINARY_ID, ORDINARY_ID)
    (home / "key").touch()
    parents = [home, *home.parents]
    python = _find_python_for_everybody()
    modes = {parent: parent.stat().st_mode for parent in parents if not parent.stat().st_mode & 0o001}
    for parent in modes:
        parent.chmod(modes[parent] | 0o011)
    try:
        done = subprocess.run(
            [python, "-c", script, str(home), isolation],
            cwd=SOURCE_ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            user=ORDINARY_ID,
            group=ORDINARY_ID,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        for parent, mode in modes.items():
            parent.chmod(mode)
    seen = ["key", "scratch", "workspace"] if isolation == "none" else ["scratch", "workspace"]
    assert done.stdout.split() == [str(ORDINARY_ID), *seen, "passed"], done.stderr


def _find_python_for_everybody() -> str:
    """A Python that an ordinary user can start; root's own may lie in a folder that is closed to others."""
    for python in PYTHONS:
        check = [python, "-c", "import sys, pathlib; sys.exit(sys.version_info < (3, 11))"]
        try:
            done = subprocess.run(
                check, user=ORDINARY_ID, group=ORDINARY_ID, extra_groups=[], capture_output=True, check=False
            )
        except OSError:
            continue
        if done.returncode == 0 and os.access(SOURCE_ROOT, os.X_OK):
            return python
    pytest.skip("no Python that an ordinary user can start")


class TestPlan:
    """The order of mounts: outer before inner, and nothing under what is not in sight."""

    def test_the_root_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CannotHide):
            plan_mounts(tmp_path, Scratch(tmp_path), [Path("/")])

    def test_the_workspace_comes_after_the_home_that_hides_it(self, tmp_path: Path) -> None:
        workspace, scratch = tmp_path / "a" / "workspace", Scratch(tmp_path / "a" / "scratch")
        workspace.mkdir(parents=True)
        targets = [mount.target for mount in plan_mounts(workspace, scratch, [])]
        assert targets.index("/tmp") < targets.index(str(workspace))
        assert targets == sorted(targets, key=lambda target: target.count("/"))

    def test_a_workspace_that_is_also_hidden_is_seen(self, tmp_path: Path) -> None:
        mounts = plan_mounts(tmp_path, Scratch(tmp_path / "scratch"), [tmp_path])
        assert Mount("bind", str(tmp_path), str(tmp_path)) in mounts
        assert Mount("hide", "", str(tmp_path)) not in mounts

    def test_what_lies_in_a_hidden_folder_is_not_hidden_again(self, tmp_path: Path) -> None:
        (tmp_path / "home" / "db").mkdir(parents=True)
        workspace = tmp_path / "home" / "workspace"
        workspace.mkdir()
        home = Path("/usr")
        mounts = plan_mounts(workspace, Scratch(tmp_path / "s"), [home, home / "lib"])
        assert [mount.target for mount in mounts if mount.target.startswith("/usr")] == ["/usr"]
