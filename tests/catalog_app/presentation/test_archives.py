"""ZIPs that a browser sends are read within bounds, and ours are the same every time."""

import io
import zipfile

import pytest

from autopack.errors import Refused
from catalog_app.presentation import archives
from catalog_app.presentation.archives import pack, unpack

SUFFIXES = (".yaml", ".md")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"template_id: shop\n"])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read as a ZIP"):
        unpack("lib.zip", content, suffixes=SUFFIXES)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000)
    with pytest.raises(Refused, match="in parts"):
        unpack("lib.zip", pack({"bomb.yaml": "x" * 2_000}), suffixes=SUFFIXES)


def test_a_size_that_lies_is_refused() -> None:
    content = bytearray(pack({"bomb.yaml": "x" * 2_000}))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Refused):
        unpack("lib.zip", bytes(content), suffixes=SUFFIXES)


def test_files_come_back_and_others_are_left_out() -> None:
    files = {"plans/web/shop/template.yaml": "a: ä\n", "plans/web/shop/plan.md": "# Shop\n"}
    packed = pack(files)
    assert packed == pack(dict(reversed(files.items())))
    buffer = io.BytesIO(packed)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("image.png", b"\x89PNG")
        archive.mkdir("empty")
    found = unpack("lib.zip", buffer.getvalue(), suffixes=SUFFIXES)
    assert sorted(found) == sorted((name, text.encode()) for name, text in files.items())
