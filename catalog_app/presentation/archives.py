"""Files in one ZIP, for a browser that takes and sends one at a time."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from autopack.errors import Refused
from catalog_app.interchange.files import WrittenFile

MOST_FILES = 2_000
MOST_BYTES = 60_000_000
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest that the format knows: the same files make the same archive."""


def pack(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _FIRST_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return buffer.getvalue()


def unpack(name: str, content: bytes, *, suffixes: tuple[str, ...]) -> list[WrittenFile]:
    """The files with one of these endings; nothing is written anywhere.

    Raises Refused (`invalid_archive`): what is no archive, or unpacks to more than we read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and PurePosixPath(entry.filename).suffix.lower() in suffixes
            ]
            # Sizes as the archive states them; reading an entry fails where it turns out larger.
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise _refuse(
                    f"{name} holds more than {MOST_FILES:,} files or {MOST_BYTES // 1_000_000} MB. "
                    "Import it in parts."
                )
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
        raise _refuse(f"{name} cannot be read as a ZIP: {error}") from error


def _refuse(detail: str) -> Refused:
    return Refused(detail, code="invalid_archive")
