"""Make an API key and print it, once, as the only thing on stdout."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError
from django.utils import timezone

from autopack.actors import Role, system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from autopack.models import Project
from autopack.services.keys import CreatedKey, create_key

_MAX_DAYS = 36_500


class Command(LeanCommand):
    help = "Make an API key. The key is printed once and cannot be had again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(Role)
        parser.add_argument("--role", action="append", default=[], help=f"one of {known}; repeat for more")
        parser.add_argument(
            "--project", action="append", default=[], help="limit the key to this project; repeat for more"
        )
        parser.add_argument("--name", default="", help="what the key is for; shown in the admin")
        parser.add_argument("--expires-days", default="", help="days until the key ends; default: never")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            created = self._create(options)
        except AutopackError as error:
            raise CommandError(error.detail) from error
        except ProgrammingError as error:
            raise CommandError("the database has no tables yet: make run, or manage.py migrate") from error
        self.stdout.write(created.plaintext)

    def _create(self, options: dict[str, Any]) -> CreatedKey:
        roles = _read_roles(options["role"])
        projects = _read_projects(options["project"])
        name = options["name"] or f"{' and '.join(roles)} key"
        return create_key(
            name,
            roles=roles,
            projects=projects,
            expires_at=_read_expiry(str(options["expires_days"])),
            actor=system_actor("create_key"),
        )


def _read_roles(given: list[str]) -> list[Role]:
    known = ", ".join(Role)
    if not given:
        raise CommandError(f"say --role; known are {known}")
    unknown = [name for name in given if name not in set(Role)]
    if unknown:
        raise CommandError(f"unknown role {', '.join(unknown)}; known are {known}")
    return [Role(name) for name in given]


def _read_projects(given: list[str]) -> list[Project]:
    projects = list(Project.objects.filter(project_id__in=given))
    unknown = sorted(set(given) - {project.project_id for project in projects})
    if unknown:
        known = ", ".join(Project.objects.values_list("project_id", flat=True)) or "none"
        raise CommandError(f"unknown project {', '.join(unknown)}; known are {known}")
    return projects


def _read_expiry(days: str) -> datetime | None:
    if not days:
        return None
    if not days.isdecimal() or not 1 <= int(days) <= _MAX_DAYS:
        raise CommandError(f"--expires-days must be a whole number from 1 to {_MAX_DAYS}, not {days!r}")
    return timezone.now() + timedelta(days=int(days))
