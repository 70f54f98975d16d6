"""Bring the database up to date, before web and worker start."""

import os
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from autopack.launcher.errors import LaunchError
from autopack.launcher.preparation import await_preparation, prepare
from autopack.launcher.tether import tether
from autopack.management.lean import LeanCommand
from autopack.models import ApiKey, Project


class Command(LeanCommand):
    help = (
        "Apply migrations, sync autopack.yaml, make the first admin (password from AUTOPACK_ADMIN_PASSWORD "
        "or generated). Prints how to sign in and what to do next."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait", action="store_true", help="do nothing but wait until another process has done it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        tether()
        try:
            with redirect_stdout(sys.stderr):
                if options["wait"]:
                    await_preparation()
                    return
                password = prepare()
        except LaunchError as error:
            raise CommandError(error.detail) from error
        self._say_what_is_next(password)

    def _say_what_is_next(self, password: str | None) -> None:
        if password:
            self.stdout.write(f"Sign in as admin with the password {password} (it is shown only this once).")
        elif os.environ.get("AUTOPACK_ADMIN_PASSWORD"):
            self.stdout.write("Sign in as admin with AUTOPACK_ADMIN_PASSWORD, unless it was changed since.")
        else:
            self.stdout.write("Sign in with the account you have.")
        command = f"{Path(sys.executable).parent / 'python'} manage.py"
        if not Project.objects.exists():
            self.stdout.write(
                f"Next: name your repository in {settings.AUTOPACK_CONFIG} (the README shows how), then\n"
                f"      {command} sync_projects"
            )
        elif not ApiKey.objects.exists():
            self.stdout.write(f"Next: create a key for your agent: {command} create_key --role builder")
