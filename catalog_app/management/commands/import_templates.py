"""Bring files of templates into the library, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from autopack.selectors import get_project
from catalog_app.errors import InvalidTemplate
from catalog_app.interchange.files import WrittenFile
from catalog_app.management.refusing import exit_with_problems
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.plan_files.content import PLAN_FILE, TEMPLATE_FILE
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.template_files import TemplateImport, import_templates

_ACTOR = system_actor("import_templates")


class Command(LeanCommand):
    help = (
        "Bring templates into the library, all of them or with any error nothing. What the files do not name "
        "stays. Problems are said as FILE:LINE:COLUMN. Exit status: 0 done, 1 there are errors and nothing "
        "was kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, metavar="DIR", help=f"every {TEMPLATE_FILE} below it, or one YAML file"
        )
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"to plan on ({DEFAULT_CATALOG})")
        parser.add_argument("--project", default="", help="that new templates belong to; else to all")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; change nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            imported = import_templates(
                _read(options["path"]),
                catalog=get_catalog(options["catalog"]),
                project=get_project(_ACTOR, options["project"]) if options["project"] else None,
                is_dry_run=options["dry_run"],
                actor=_ACTOR,
            )
        except InvalidTemplate as error:
            exit_with_problems(self, error)
        except AutopackError as error:
            raise CommandError(error.detail) from error
        self._report(imported, is_dry_run=options["dry_run"])

    def _report(self, imported: TemplateImport, *, is_dry_run: bool) -> None:
        for warning in imported.warnings:
            self.stderr.write(str(warning))
        for each in imported.templates:
            name, number = each.version.template.template_id, each.version.number
            dry = " (dry run)" if is_dry_run else ""
            self.stdout.write(f"{name}: {each.action}, version {number}{dry}")


def _read(path: Path) -> list[WrittenFile]:
    try:
        if not path.is_dir():
            return [(str(path), path.read_bytes())]
        names = sorted(path.rglob(TEMPLATE_FILE))
        names += [page for name in names if (page := name.with_name(PLAN_FILE)).is_file()]
        return [(str(name.relative_to(path)), name.read_bytes()) for name in names]
    except OSError as error:
        raise CommandError(f"{error.filename}: cannot be read: {error.strerror}") from error
