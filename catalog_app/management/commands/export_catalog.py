"""Write a catalog as files that import to the identical catalog."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from autopack.management.lean import LeanCommand
from catalog_app.errors import CatalogNotFound
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.exporting import export_catalog, find_differing, save_export


class Command(LeanCommand):
    help = (
        "Write a catalog as feature_catalog.yaml and stack_profiles.yaml. Files that say the same are left "
        "alone. Exit status with --check: 0 the files are the catalog, 1 they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="made if missing")
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"({DEFAULT_CATALOG})")
        parser.add_argument("--check", action="store_true", help="only say which files differ")

    def handle(self, *_: Any, **options: Any) -> None:
        folder: Path = options["output"]
        try:
            texts = export_catalog(get_catalog(options["catalog"]))
            differing = find_differing(texts, folder) if options["check"] else save_export(texts, folder)
        except CatalogNotFound as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if not differing:
            self.stdout.write(f"{folder}: is catalog {options['catalog']} already.")
        elif options["check"]:
            for name in differing:
                self.stderr.write(f"{folder / name}: is not what catalog {options['catalog']} says.")
            sys.exit(1)
        else:
            self.stdout.write(f"{folder}: wrote {', '.join(differing)}.")
