"""A catalog as files that import to the identical catalog."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from catalog_app.interchange.writing import write_catalog
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.contents import get_content


def export_catalog(catalog: FeatureCatalog) -> dict[str, str]:
    """The texts of feature_catalog.yaml and stack_profiles.yaml, of all that is not retired."""
    return write_catalog(get_content(catalog))


def save_export(texts: Mapping[str, str], folder: Path) -> list[str]:
    """Write the texts into a folder, which is made where it is missing; each file is replaced at once, and
    only if it differs. Names may have folders in them. Returns the names of those that did."""
    differing = find_differing(texts, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in differing:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _replace(folder / name, texts[name].encode())
    return differing


def find_differing(texts: Mapping[str, str], folder: Path) -> list[str]:
    """Names of files that are missing or say something else, or the same in other bytes."""
    return [name for name, text in texts.items() if _read(folder / name) != text.encode()]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(mode)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
