"""Files that are refused, on the command line."""

import sys
from typing import NoReturn

from django.core.management.base import BaseCommand

from catalog_app.errors import InvalidCatalog, InvalidTemplate


def exit_with_problems(command: BaseCommand, error: InvalidCatalog | InvalidTemplate) -> NoReturn:
    """A line for each warning and each error, then what became of the files. Exit status 1."""
    for problem in (*error.extra["warnings"], *error.errors):
        command.stderr.write(str(problem["detail"]))
    command.stderr.write(error.detail)
    sys.exit(1)
