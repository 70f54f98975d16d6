"""Bring catalog files into the database, all or nothing."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from catalog_app.errors import InvalidCatalog
from catalog_app.interchange.changes import Action, Change
from catalog_app.interchange.files import WrittenFile
from catalog_app.management.refusing import exit_with_problems
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.services.governing import get_or_create_catalog
from catalog_app.services.importing import ImportSummary, import_files, preview_import

_STDIN = "-"
_SHOWN = 20
_TALKATIVE = 2


class Command(LeanCommand):
    help = (
        "Bring catalog files into the database, all of them or with any error nothing. What is in the "
        "catalog but not in a section of the files is retired. Problems are said as FILE:LINE:COLUMN. Exit "
        "status: 0 done, 1 there are errors and nothing was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help=f"a YAML file; {_STDIN} is stdin")
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"made if missing ({DEFAULT_CATALOG})")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; change nothing")
        parser.add_argument("--keep-missing", action="store_true", help="retire nothing")
        parser.add_argument("--reason", default="", help="why, for the history")

    def handle(self, *_: Any, **options: Any) -> None:
        files = [_read(name) for name in options["files"]]
        try:
            with transaction.atomic():
                summary = _import(files, options)
                transaction.set_rollback(options["dry_run"])
        except InvalidCatalog as error:
            exit_with_problems(self, error)
        except AutopackError as error:
            raise CommandError(error.detail) from error
        for warning in summary.warnings:
            self.stderr.write(str(warning))
        self._report(summary, options)

    def _report(self, summary: ImportSummary, options: dict[str, Any]) -> None:
        head = f"Catalog {options['catalog']}{' (dry run)' if options['dry_run'] else ''}"
        changes = summary.plan.changes
        warnings = len(summary.warnings)
        tail = f"; {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
        if not changes:
            self.stdout.write(f"{head}: nothing changes{tail}.")
            return
        counts = [f"{len(summary.plan.of(action))} {action}" for action in Action if summary.plan.of(action)]
        self.stdout.write(f"{head}: {', '.join(counts)}{tail}.")
        most = len(changes) if options["verbosity"] >= _TALKATIVE else _SHOWN
        for action in Action:
            found = summary.plan.of(action)
            if found:
                self.stdout.write(f"{action.label}:")
                for change in found[:most]:
                    self.stdout.write(f"  {_describe(change)}")
                if len(found) > most:
                    self.stdout.write(f"  and {len(found) - most} more (--verbosity 2 shows all)")


def _import(files: list[WrittenFile], options: dict[str, Any]) -> ImportSummary:
    actor = system_actor("import_catalog")
    catalog = get_or_create_catalog(options["catalog"], actor=actor)
    is_complete = not options["keep_missing"]
    if options["dry_run"]:
        summary = preview_import(catalog, files, is_complete=is_complete)
        if not summary.errors:
            return summary
    # With errors, this refuses in the same way as without --dry-run.
    return import_files(catalog, files, actor=actor, reason=options["reason"], is_complete=is_complete)


def _read(name: str) -> WrittenFile:
    if name == _STDIN:
        return "<stdin>", sys.stdin.buffer.read()
    try:
        return name, Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}") from error


def _describe(change: Change) -> str:
    name = f"{change.kind} {change.name}".strip()
    if change.action in (Action.CHANGED, Action.RESTORED) and change.fields:
        return f"{name}: {', '.join(field.field for field in change.fields)}"
    return name
