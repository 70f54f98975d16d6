"""Files of labelled requests that commands are given."""

from pathlib import Path

from django.core.management.base import CommandError

from catalog_app.lookup.labelled import BadLabels, LabelledRequest, read_labelled
from catalog_app.models import Feature, FeatureCatalog


def read_labelled_file(path: Path, catalog: FeatureCatalog) -> list[LabelledRequest]:
    """Raises CommandError with every problem and its line."""
    known = Feature.objects.active().filter(catalog=catalog).values_list("slug", flat=True)
    try:
        return read_labelled(path.read_text(encoding="utf-8"), known=frozenset(known))
    except BadLabels as error:
        raise CommandError("\n".join(f"{path}: {problem}" for problem in error.problems)) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: is not UTF-8.") from error
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
