"""A home as the first start leaves it, but without an admin. It is made once and copied for every test."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from autopack.embedded.layout import Layout
from tests.support.database_home import Home
from tests.support.waiting import wait_for

_ROOT = Path(__file__).resolve().parent.parent.parent
_PREPARE = """
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
call_command("load_starter_catalog")
"""


def place_prepared(home: Path) -> None:
    """Put tables and the starter catalog into a home that is not there yet. Its next start takes it for one
    that ended before anybody was made admin."""
    home.mkdir(mode=0o700, parents=True)
    # With owners and modes, on which PostgreSQL insists.
    subprocess.run(["cp", "-a", Layout(_make()).cluster, Layout(home).cluster], check=True)


@cache
def _make() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="autopack-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    subprocess.run(
        [sys.executable, str(_ROOT / "manage.py"), "shell", "-c", _PREPARE],
        env={**kept, "AUTOPACK_HOME": str(folder), "AUTOPACK_DATABASE_GRACE_SECONDS": "0"},
        capture_output=True,
        check=True,
    )
    wait_for(Home(folder).is_stopped, "the prepared database to stop", seconds=60)
    return folder
