"""Write the library of templates as files that import to the identical library."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from catalog_app.models import PlanTemplate
from catalog_app.selectors.templates import get_template, list_templates, read_latest_versions
from catalog_app.services.exporting import find_differing, save_export
from catalog_app.services.template_files import export_templates

_ACTOR = system_actor("export_templates")


class Command(LeanCommand):
    help = (
        "Write templates as plans/PROJECT_TYPE/TEMPLATE/plan.md and template.yaml, in their latest version. "
        "Files that say the same are left alone. Exit status with --check: 0 the files are the library, "
        "1 they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="made if missing; gets a folder `plans`")
        parser.add_argument(
            "--template",
            action="append",
            default=[],
            metavar="ID",
            help="this one; may be given again",
        )
        parser.add_argument("--check", action="store_true", help="only say which files differ")

    def handle(self, *_: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            texts = export_templates(read_latest_versions(_choose(options["template"])))
            differing = find_differing(texts, folder) if options["check"] else save_export(texts, folder)
        except AutopackError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if not texts:
            self.stdout.write("There is no template.")
        elif not differing:
            self.stdout.write(f"{folder}: is the library already.")
        elif options["check"]:
            for name in differing:
                self.stderr.write(f"{folder / name}: is not what the template says.")
            sys.exit(1)
        else:
            self.stdout.write(f"{folder}: wrote {', '.join(differing)}.")


def _choose(ids: list[str]) -> list[PlanTemplate]:
    """Those that are named, or all that are not archived."""
    if ids:
        return [get_template(_ACTOR, template_id) for template_id in dict.fromkeys(ids)]
    return list(list_templates(_ACTOR))
