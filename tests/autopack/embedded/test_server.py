"""The life of the embedded database, with real processes that are really killed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from autopack.embedded.binaries import list_binaries
from autopack.embedded.cluster import ensure_cluster
from autopack.embedded.confined import choose_identity
from tests.support.database_home import Home, begun_home
from tests.support.database_user import PROJECT_ROOT, DatabaseUser
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]
Use = Callable[..., DatabaseUser]


class TestRefusals:
    def test_data_of_a_version_that_is_not_here_names_both(self, new_home: Home, use: Use) -> None:
        new_home.layout.cluster.mkdir(parents=True)
        (new_home.layout.cluster / "PG_VERSION").write_text("14\n")
        said = use(new_home).wait_for_refusal()
        assert "made by PostgreSQL 14" in said
        assert f"PostgreSQL {list_binaries()[0].major}" in said
        assert "DATABASE_URL" in said

    def test_a_folder_that_holds_something_else_is_left_alone(self, new_home: Home, use: Use) -> None:
        new_home.layout.cluster.mkdir(parents=True)
        (new_home.layout.cluster / "thesis.txt").write_text("years of work")
        assert "has no PG_VERSION" in use(new_home).wait_for_refusal()
        assert (new_home.layout.cluster / "thesis.txt").read_text() == "years of work"

    def test_a_server_that_was_started_by_hand_on_the_data_is_left_alone(self, home: Home, use: Use) -> None:
        # What counts is a live process in the data folder whose number the pid file has.
        with subprocess.Popen(["sleep", "600"], cwd=home.layout.cluster) as other:
            (home.layout.cluster / "postmaster.pid").write_text(f"{other.pid}\n")
            said = use(home).wait_for_refusal()
            assert f"Process {other.pid}" in said
            assert other.poll() is None
            other.kill()

    def test_data_that_cannot_be_served_is_said_with_the_end_of_the_log(self, home: Home, use: Use) -> None:
        (home.layout.cluster / "global" / "pg_control").write_bytes(b"")
        said = use(home).wait_for_refusal()
        assert "while starting" in said
        assert "pg_control" in said


class TestStart:
    def test_of_eight_first_starters_all_find_one_server(self, new_home: Home, use: Use) -> None:
        users = [use(new_home) for _ in range(8)]
        started = {user.wait_until_ready().ask("SELECT pg_postmaster_start_time()") for user in users}
        assert len(started) == 1
        assert len(new_home.keepers()) == len(new_home.servers()) == 1

    def test_listens_on_no_network_and_syncs_to_disk(self, home: Home, use: Use) -> None:
        user = use(home).wait_until_ready()
        assert user.ask("SHOW listen_addresses") == ""
        assert user.ask("SHOW fsync") == "on"
        assert user.ask("SELECT lower('ÄÉ')") == "äé"

    def test_a_long_path_moves_the_socket_to_a_private_folder(self, tmp_path: Path, use: Use) -> None:
        home = begun_home(tmp_path / ("long" * 30) / "home")
        user = use(home).wait_until_ready()
        folder = home.layout.socket_folder
        assert not folder.is_relative_to(home.path)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert user.ask("SELECT 7") == "7"
        user.leave()
        wait_for(home.is_stopped, "the database to stop")
        folder.rmdir()

    def test_an_interrupted_creation_is_begun_again(self, new_home: Home, use: Use) -> None:
        half_made = new_home.path / "postgres.new"
        half_made.mkdir(parents=True)
        (half_made / "PG_VERSION").write_text("18\n")
        assert use(new_home).wait_until_ready().ask("SELECT current_database()") == "autopack"
        assert not half_made.exists()

    def test_data_of_an_older_version_is_served_by_that_version(self, new_home: Home, use: Use) -> None:
        older = [binaries for binaries in list_binaries() if binaries.major < list_binaries()[0].major]
        if not older:
            pytest.skip("only one version of PostgreSQL is here")
        new_home.layout.prepare()
        ensure_cluster(new_home.layout, older[0], choose_identity(new_home.layout.cluster))
        assert use(new_home).wait_until_ready().ask("SHOW server_version").startswith(str(older[0].major))

    def test_folders_above_the_home_are_not_touched(self, tmp_path: Path, use: Use) -> None:
        above = tmp_path / "above"
        above.mkdir(mode=0o710)
        before = above.stat()
        home = begun_home(above / "home")
        use(home).wait_until_ready().leave()
        wait_for(home.is_stopped, "the database to stop")
        after = above.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


class TestStop:
    def test_the_last_one_out_stops_it(self, home: Home, use: Use) -> None:
        first, second = use(home).wait_until_ready(), use(home).wait_until_ready()
        first.leave()
        assert second.ask("SELECT 1") == "1"
        second.leave()
        wait_for(home.is_stopped, "the database to stop")
        assert not (home.layout.cluster / "postmaster.pid").exists()

    def test_killing_the_last_one_stops_it_too(self, home: Home, use: Use) -> None:
        use(home).wait_until_ready().kill()
        wait_for(home.is_stopped, "the database to stop")

    def test_a_program_that_a_user_started_does_not_keep_it_running(self, home: Home, tmp_path: Path) -> None:
        pid_file = tmp_path / "pid"
        code = (
            "import subprocess, sys; from pathlib import Path; from autopack.embedded import ensure_running; "
            "ensure_running(Path(sys.argv[1])); "
            "child = subprocess.Popen(['sleep', '600'], start_new_session=True); "
            "Path(sys.argv[2]).write_text(str(child.pid))"
        )
        command = [sys.executable, "-W", "ignore", "-c", code, str(home.path), str(pid_file)]
        subprocess.run(command, cwd=PROJECT_ROOT, check=True, timeout=60)
        survivor = psutil.Process(int(pid_file.read_text()))
        wait_for(home.is_stopped, "the database to stop")
        assert survivor.is_running()
        survivor.kill()


class TestRecovery:
    def test_a_killed_server_is_started_again_with_its_data(self, home: Home, use: Use) -> None:
        user = use(home).wait_until_ready()
        user.ask("CREATE TABLE kept AS SELECT 42 AS value")
        home.kill_server()
        assert user.ask("SELECT value FROM kept") == "42"
        assert len(home.servers()) == 1

    def test_a_killed_keeper_takes_the_server_along_and_the_next_start_is_fresh(
        self, home: Home, use: Use
    ) -> None:
        user = use(home).wait_until_ready()
        user.ask("CREATE TABLE kept AS SELECT 42 AS value")
        (server,) = home.servers()
        home.kill_keeper()
        wait_for(lambda: not server.is_running(), "the server to follow its keeper")
        assert user.ask("SELECT value FROM kept") == "42"
        user.leave()
        wait_for(home.is_stopped, "the database to stop")

    def test_all_killed_at_once_is_recovered_by_the_next_start(self, home: Home, use: Use) -> None:
        user = use(home).wait_until_ready()
        user.ask("CREATE TABLE kept AS SELECT 42 AS value")
        home.kill_keeper()
        home.kill_server()
        user.kill()
        assert use(home).wait_until_ready().ask("SELECT value FROM kept") == "42"

    @pytest.mark.parametrize("is_ours", [True, False], ids=["our own file", "also the socket's"])
    def test_a_stale_pid_file_that_names_a_live_foreign_process_hurts_nobody(
        self, home: Home, use: Use, is_ours: bool
    ) -> None:
        with subprocess.Popen(["sleep", "600"]) as foreign:
            stale = f"{foreign.pid}\n{home.layout.cluster}\n1700000000\n5432\n{home.layout.run}\n\n\nready\n"
            (home.layout.cluster / "postmaster.pid").write_text(stale)
            if not is_ours:
                (home.layout.run / ".s.PGSQL.5432.lock").write_text(stale)
                (home.layout.run / ".s.PGSQL.5432").touch()
            user = use(home).wait_until_ready()
            assert user.ask("SELECT 1") == "1"
            user.leave()
            wait_for(home.is_stopped, "the database to stop")
            assert foreign.poll() is None
            foreign.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes on other identities, which only root may")
class TestIdentities:
    def test_root_needs_no_other_user(self, new_home: Home, use: Use) -> None:
        use(new_home).wait_until_ready()
        (server,) = new_home.servers()
        assert server.uids().real == 0
        assert new_home.layout.cluster.stat().st_uid == 0

    def test_root_without_user_namespaces_becomes_a_system_user(self, open_home: Home, use: Use) -> None:
        prefix = (sys.executable, "-m", "tests.support.without_namespaces")
        user = use(open_home, prefix=prefix).wait_until_ready()
        assert user.ask("SELECT 1") == "1"
        assert open_home.servers()[0].uids().real == open_home.layout.cluster.stat().st_uid != 0
        user.leave()
        wait_for(open_home.is_stopped, "the database to stop")
        # As in a copy of the data folder, or where the socket is in /tmp and that was emptied.
        shutil.rmtree(open_home.layout.run)
        again = use(open_home, prefix=prefix).wait_until_ready()
        assert again.ask("SELECT 1") == "1"
        again.leave()
        wait_for(open_home.is_stopped, "the database to stop again")

    @pytest.mark.parametrize("uid", [1, 54321], ids=["an ordinary user", "one without a name"])
    def test_others_run_it_as_themselves(self, open_home: Home, use: Use, uid: int) -> None:
        python, paths = _python_for(uid)
        os.chown(open_home.path, uid, uid)
        user = use(open_home, uid=uid, python=python, environment={"PYTHONPATH": paths}).wait_until_ready()
        assert user.ask("SELECT 1") == "1"
        assert open_home.servers()[0].uids().real == uid
        user.leave()
        wait_for(open_home.is_stopped, "the database to stop")

    def test_root_serves_the_data_of_another_user_as_that_user(self, open_home: Home, use: Use) -> None:
        python, paths = _python_for(1)
        begun_home(open_home.path)
        subprocess.run(["chown", "-R", "1:1", open_home.path], check=True)
        roots = use(open_home).wait_until_ready()
        assert open_home.servers()[0].uids().real == 1
        roots.leave()
        wait_for(open_home.is_stopped, "the database to stop")
        again = use(open_home, uid=1, python=python, environment={"PYTHONPATH": paths}).wait_until_ready()
        assert again.ask("SELECT 1") == "1"


def _python_for(uid: int) -> tuple[str, str]:
    """A Python that this uid may run, with the module path that makes it ours; skips the test without one."""
    paths = os.pathsep.join([str(PROJECT_ROOT), *(path for path in sys.path if "site-packages" in path)])
    code = (
        "import psycopg, psutil, autopack.embedded as e; from autopack.embedded.binaries import list_binaries"
    )
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            subprocess.run(
                [python, "-c", f"{code}; assert list_binaries()"],
                env={"PYTHONPATH": paths, "PATH": os.defpath},
                user=uid,
                group=uid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, paths
    pytest.skip(f"uid {uid} may run no Python with our packages")
