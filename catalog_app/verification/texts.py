"""Bytes and paths of a repository as texts that can be read, stored and shown."""


def decode(content: bytes) -> str | None:
    """A file's text, None for one that is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:8_000]:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def shown(path: str) -> str:
    """A path that can be stored and shown, whatever bytes it has."""
    text = path.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL, and bytes that were no UTF-8."""
    return text.encode("utf-8", errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
