"""The catalog that an installation starts with."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from autopack.actors import Actor
from catalog_app.interchange.changes import Action, Kind
from catalog_app.interchange.writing import FEATURES_FILE, STACKS_FILE
from catalog_app.models import FeatureCatalog
from catalog_app.services.governing import get_or_create_catalog
from catalog_app.services.importing import import_files


@dataclass(frozen=True, slots=True)
class LoadedStarter:
    feature_count: int
    source_count: int
    stack_count: int


def load_starter_catalog(folder: Path, *, actor: Actor) -> LoadedStarter | None:
    """Import the two files of a folder as the default catalog. Where there is any catalog, even an empty one,
    nothing is done and None is returned: it is curated from now on.

    Raises InvalidCatalog; OSError where a file cannot be read, as with an installation that ships none.
    """
    if FeatureCatalog.objects.exists():
        return None
    files = [(name, (folder / name).read_bytes()) for name in (FEATURES_FILE, STACKS_FILE)]
    with transaction.atomic():
        catalog = get_or_create_catalog(actor=actor, reason="The catalog that Autopack starts with")
        plan = import_files(catalog, files, actor=actor).plan
    return LoadedStarter(*(len(plan.of(Action.ADDED, k)) for k in (Kind.FEATURE, Kind.SOURCE, Kind.STACK)))
