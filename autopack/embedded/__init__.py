"""Autopack's own PostgreSQL: started when somebody needs it, stopped when nobody does.

Every process that uses the database (web, worker, command, test) holds a shared lock for its life. One small
*keeper* process is the parent of PostgreSQL: it restarts a server that died, stops it when the last holder of
the lock is gone (also by `kill -9`), and takes it along when it is killed itself. Nothing here trusts a
process id that is written in a file, and the keeper signals nothing but its own child.

    layout        where things are, and that they are ours
    binaries      which PostgreSQL to run
    confined      exec as an identity that PostgreSQL accepts, dying with the parent
    cluster       the data folder: creation, version, stale pid files, command line
    keeper        the parent of PostgreSQL
    users         the lock of those who use it, and `ensure_running`
    backend       the Django database backend, which does all of it by itself

This package is imported by the keeper, so nothing but `backend` imports Django.
"""

from autopack.embedded.errors import EmbeddedDatabaseError
from autopack.embedded.users import ensure_running, release, settings_for, wait_until_stopped

__all__ = ["EmbeddedDatabaseError", "ensure_running", "release", "settings_for", "wait_until_stopped"]
