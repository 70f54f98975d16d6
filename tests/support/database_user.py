"""A real process that uses the embedded database, for tests that kill it or what it talks to.

`python -m tests.support.database_user HOME` becomes a user, says `ready`, and answers each line of SQL on
stdin with one line: the first value of the first row.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import psycopg

from autopack.embedded import EmbeddedDatabaseError, settings_for
from autopack.embedded.users import wait_until_accepting

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent


class DatabaseUser:
    """Starts the process; `wait_until_ready` waits for its first word. A context manager that ends it."""

    def __init__(
        self,
        home: Path,
        *,
        prefix: tuple[str, ...] = (),
        python: str = sys.executable,
        uid: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            [*prefix, python, "-m", "tests.support.database_user", str(home)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
            env={**os.environ, "AUTOPACK_DATABASE_GRACE_SECONDS": "0.3", **(environment or {})},
        )

    def wait_until_ready(self) -> Self:
        answer = self._read()
        assert answer == "ready", answer
        return self

    def wait_for_refusal(self) -> str:
        """What the process said instead of becoming ready."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        assert self.process.stdout.read() == ""
        return self.process.stderr.read()

    def ask(self, sql: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{sql}\n")
        self.process.stdin.flush()
        return self._read()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """End as a well-behaved process does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def _answer(home: Path, sql: str) -> str:
    entry = settings_for(home)
    wait_until_accepting(home)
    with psycopg.connect(
        host=entry["HOST"], port=entry["PORT"], dbname=entry["NAME"], user=entry["USER"], autocommit=True
    ) as connection:
        cursor = connection.execute(sql.encode())
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else "done"


def main() -> int:
    home = Path(sys.argv[1])
    try:
        wait_until_accepting(home)
    except EmbeddedDatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{_answer(home, line)}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
