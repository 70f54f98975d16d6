"""Replay the last commits of a repository through the governed path, by HTTP and with a real key."""

import logging
import signal
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import CommandError
from rich.console import Console

from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from runs_app.replay.errors import ReplayError
from runs_app.replay.session import Options, Wish, resume_replay, start_replay

_DIFFERENT = 1
_FAILED = 2
_INTERRUPTED = 130
_TALKATIVE = 2


class Command(LeanCommand):
    help = (
        "Play the last commits of a local repository as the phases of a run, and compare what comes out "
        "with upstream, byte for byte. Exit status: 0 equal, 1 something differs, 2 could not be done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--repo", type=Path, help="a local git repository, bare or not")
        what.add_argument("--resume", metavar="RUN_ID", help="go on with a run that a replay has left")
        parser.add_argument("--commits", type=_count, default=20, help="how many commits to play (20)")
        parser.add_argument("--ci", default="", metavar="CMD", help="shell command that tests every commit")
        parser.add_argument("--workers", type=_count, default=1, help="builders that race for claims (1)")
        parser.add_argument("--url", default="", help="address of the server (default: from HOST and PORT)")
        parser.add_argument("--mirror", action="store_true", help="play in a copy below AUTOPACK_HOME")
        parser.add_argument("--run-id", default="", help="name of the run, and of its branch autonomous/…")
        parser.add_argument("--branch", default="", help="branch whose commits to play (default: HEAD)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["verbosity"] < _TALKATIVE:
            logging.getLogger("autopack").setLevel(logging.WARNING)
        # To be told to stop is to be interrupted: the run is left in order, and a server of ours is stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # Lines are rich's business, a progress bar has none.
        self.stdout.ending = ""
        console = Console(file=cast(IO[str], self.stdout), highlight=False)
        how = Options(workers=options["workers"], url=options["url"], json_file=options["json"])
        try:
            if options["resume"]:
                is_good = resume_replay(options["resume"], how, console)
            else:
                is_good = start_replay(_read_wish(options), how, console)
        except (ReplayError, AutopackError) as error:
            raise CommandError(str(error), returncode=_FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped before the run was started.", returncode=_INTERRUPTED) from None
        if not is_good:
            raise CommandError("The replay does not equal upstream.", returncode=_DIFFERENT)


def _read_wish(options: dict[str, Any]) -> Wish:
    return Wish(
        repo=options["repo"].absolute(),
        commits=options["commits"],
        ci=options["ci"],
        is_mirrored=options["mirror"],
        run_id=options["run_id"],
        branch=options["branch"],
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to 100000")
    return int(text)
