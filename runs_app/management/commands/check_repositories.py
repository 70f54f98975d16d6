"""Look at every project's repository and say which cannot be used, and what to do about it."""

import sys
from argparse import ArgumentParser
from typing import Any

from autopack.choices import RepositoryStatus
from autopack.management.lean import LeanCommand
from runs_app.services.repositories import check_all_repositories


class Command(LeanCommand):
    help = "Look at the repositories of all active projects. Each that cannot be used is a line on stderr."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--exit-code", action="store_true", help="end with status 1 if there is any")

    def handle(self, *_: Any, **options: Any) -> None:
        unusable = [
            project
            for project in check_all_repositories()
            if project.repository_status == RepositoryStatus.UNUSABLE
        ]
        for project in unusable:
            self.stderr.write(
                f"Project {project}: the repository cannot be used ({project.repository_problem_code}): "
                f"{project.repository_problem_detail}"
            )
        if unusable and options["exit_code"]:
            sys.exit(1)
