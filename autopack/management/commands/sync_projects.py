"""Bring the projects of autopack.yaml into the database, all or nothing."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from autopack.actors import system_actor
from autopack.errors import ConfigurationError
from autopack.management.lean import LeanCommand
from autopack.services.projects import SyncSummary, sync_projects


class Command(LeanCommand):
    help = "Bring the projects of autopack.yaml (or AUTOPACK_CONFIG) into the database, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        path = Path(settings.AUTOPACK_CONFIG)
        is_check = bool(options["check"])
        try:
            summary = sync_projects(path, actor=system_actor("sync_projects"), is_check=is_check)
        except ConfigurationError as error:
            for problem in error.errors:
                self.stderr.write(str(problem["detail"]))
            sys.exit(1)
        self._report(path, summary, is_check=is_check)
        if not is_check:
            call_command("check_repositories", stderr=self.stderr)

    def _report(self, path: Path, summary: SyncSummary, *, is_check: bool) -> None:
        if not summary.is_file_found:
            self.stdout.write(f"No {path}: projects are managed in the admin.")
            return
        parts = [
            f"{len(ids)} {outcome}" + (f" ({', '.join(ids)})" if ids and outcome != "unchanged" else "")
            for outcome, ids in (
                ("created", summary.created),
                ("updated", summary.updated),
                ("unchanged", summary.unchanged),
                ("deactivated", summary.deactivated),
            )
        ]
        self.stdout.write(f"{path.name}{' (check only)' if is_check else ''}: {', '.join(parts)}")
