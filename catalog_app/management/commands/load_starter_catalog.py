"""Load the starter catalog where there is no catalog at all."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from autopack.actors import system_actor
from autopack.management.lean import LeanCommand
from catalog_app.errors import InvalidCatalog
from catalog_app.services.starting import load_starter_catalog


class Command(LeanCommand):
    help = "Load the starter catalog where there is no catalog at all; a catalog is never overwritten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=settings.BASE_DIR / "catalog")

    def handle(self, *_: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            loaded = load_starter_catalog(folder, actor=system_actor("load_starter_catalog"))
        except InvalidCatalog as error:
            raise CommandError("\n".join(str(problem["detail"]) for problem in error.errors)) from error
        except OSError as error:
            # Nothing to start with is no reason not to start.
            self.stderr.write(f"No starter catalog: {error.filename}: {error.strerror}.")
            return
        if loaded is not None:
            self.stdout.write(
                f"Starter catalog: {loaded.feature_count} features, {loaded.source_count} sources and "
                f"{loaded.stack_count} stack profiles, declared and not verified."
            )
