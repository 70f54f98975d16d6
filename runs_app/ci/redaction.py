"""Secrets out of what CI steps print: known values, and what looks like a credential.

This guards against accidents. A step that wants to leak what it knows can always spell it differently, so
nothing secret should be given to a step that runs unreviewed code.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

REPLACEMENT = "[redacted]"
MIN_VALUE_LENGTH = 4
"""Shorter values would blacken ordinary text and protect nothing."""
MIN_NAMED_VALUE_LENGTH = 6

_MAX_LITERAL = 4096
_MAX_HOLD = 8 * 1024
_MAX_PEM = 16 * 1024
_MARK = REPLACEMENT.encode()

_SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|passwd|credential|api_?key|private_?key|access_?key|signing_?key"
    r"|(^|_)(key|pat|pwd|auth|dsn|cookie)$|^database_url$|connection_string",
    re.IGNORECASE,
)

# What must occur in a text (in lower case) for the shape to be worth looking for, and the shape.
_TOKENS = (
    ((b"gh",), rb"gh[pousr]_[A-Za-z0-9]{20,255}"),
    ((b"github_pat_",), rb"github_pat_[A-Za-z0-9_]{20,255}"),
    ((b"gl",), rb"gl(?:pat|rt|dt|cbt|ptt|ft|soat)-[A-Za-z0-9_.\-]{16,255}"),
    ((b"akia", b"asia"), rb"(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])"),
    ((b"xox",), rb"xox[abeoprs]-[A-Za-z0-9\-]{10,255}"),
    ((b"sk-",), rb"sk-(?=[A-Za-z_\-]{0,255}[0-9])[A-Za-z0-9_\-]{20,255}"),
    ((b"k_live_", b"k_test_"), rb"[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    ((b"ap_",), rb"ap_(?=[A-Za-z_\-.]{0,255}[0-9])[A-Za-z0-9_\-.]{12,255}"),
    ((b"npm_",), rb"npm_[A-Za-z0-9]{30,255}"),
    ((b"hf_",), rb"hf_[A-Za-z0-9]{30,255}"),
    ((b"pypi-",), rb"pypi-[A-Za-z0-9_\-]{40,512}"),
    ((b"aiza",), rb"AIza[0-9A-Za-z_\-]{35}"),
    ((b"eyj",), rb"eyJ[A-Za-z0-9_\-]{8,2048}\.[A-Za-z0-9_\-]{8,2048}\.[A-Za-z0-9_\-]{8,2048}"),
)
_SHAPES = (
    (
        (b"-----begin",),
        rb"(?P<pem>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"
        rb"(?:[\s\S]{0,16384}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|[A-Za-z0-9+/=\s\\:,.\-]{0,16384}))",
    ),
    *((needles, rb"(?<![A-Za-z0-9_])" + token) for needles, token in _TOKENS),
    (
        (b"authorization", b"x-api-key", b"private-token"),
        rb"(?P<header>(?i:authorization|x-api-key|private-token)[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?"
        rb"(?i:(?:bearer|basic|token|api-key|negotiate)[ \t]{1,8})?)[^\s\"',;]{4,4096}",
    ),
    (
        (b"bearer",),
        rb"(?P<bearer>(?<![A-Za-z0-9_])(?i:bearer)[ \t]{1,8})[A-Za-z0-9._~+/=\-]{16,4096}",
    ),
    ((b"@",), rb"(?P<url>://)(?!git@)[^\s/@\"'<>]{1,1024}@"),
)
_STARTS = (
    *(b"gh%c_" % kind for kind in b"pousr"),
    b"github_pat_",
    *(b"gl%s-" % kind for kind in (b"pat", b"rt", b"dt", b"cbt", b"ptt", b"ft", b"soat")),
    b"AKIA",
    b"ASIA",
    *(b"xox%c-" % kind for kind in b"abeoprs"),
    b"sk-",
    *(b"%ck_%s_" % (kind, mode) for kind in b"rs" for mode in (b"live", b"test")),
    b"ap_",
    b"npm_",
    b"hf_",
    b"pypi-",
    b"AIza",
    b"eyJ",
    b"://",
    b"-----BEGIN ",
)
_WORD_STARTS = (b"authorization", b"x-api-key", b"private-token", b"bearer")
_OPEN_TOKEN = re.compile(
    rb"(?:" + rb"|".join(re.escape(s) for s in _STARTS[:-2]) + rb")[A-Za-z0-9_.\-]{0,7000}\Z"
    rb"|://[^\s/@\"'<>]{0,1024}\Z"
    rb"|(?i:authorization|x-api-key|private-token|bearer)[^\n]{0,4200}\Z"
    rb"|-----BEGIN [A-Z0-9 ]{0,40}-{0,5}\Z"
)
_PEM_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
_PEM_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----")


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is likely to hold a secret."""
    return _SECRET_NAME.search(name) is not None


def list_secret_values(env: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The values of variables with secret names, and the passwords of URLs among all values."""
    values: list[str] = []
    for name, value in env:
        if is_secret_name(name) and len(value) >= MIN_NAMED_VALUE_LENGTH:
            values.append(value)
        if "://" in value and (password := _find_url_password(value)):
            values.append(password)
    return tuple(dict.fromkeys(values))


def mask_steps(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """CI steps as they are configured (JSON), for whoever may see how a project is tested but not its
    secrets: values of variables with secret names are masked, in the others what looks like a credential."""
    return [
        {**step, "env": {name: _mask_value(name, value) for name, value in step["env"].items()}}
        if isinstance(step.get("env"), Mapping)
        else dict(step)
        for step in steps
    ]


def _mask_value(name: str, value: object) -> object:
    if is_secret_name(name):
        return REPLACEMENT
    return redact(value) if isinstance(value, str) else value


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The whole text without the given secrets and without anything that looks like a credential."""
    return Redactor(secrets).redact(text)


class Redactor:
    """Redacts a stream of bytes whose chunks may cut a secret in two.

    `feed` returns what is safe to show; it holds back only a tail that may be the beginning of a secret, at
    most about 16 KB. `release` gives up the doubtful part of it while the stream is idle, so that a prompt
    without a newline is seen; `finish` returns the rest.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._literals = _expand_literals(secrets)
        self._buffer = b""
        self._seen = 0  # 1 once the buffer starts with a byte that was shown already: context of lookbehinds

    def redact(self, text: str) -> str:
        whole = text.encode("utf-8", "surrogateescape")
        return self._choose_pattern(whole).sub(_replace, whole).decode("utf-8", "surrogateescape")

    def feed(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        return self._emit(self._find_hold(keep_doubtful=True))

    def release(self) -> bytes:
        """What was held back only because it might become a secret, not because it nearly is one."""
        return self._emit(self._find_hold(keep_doubtful=False))

    def finish(self) -> bytes:
        return self._emit(len(self._buffer))

    def _emit(self, end: int) -> bytes:
        is_final = end == len(self._buffer)
        shown: list[bytes] = []
        position = self._seen
        for match in self._choose_pattern(self._buffer).finditer(self._buffer, self._seen):
            if match.start() >= end:
                break
            if match.end() > end and not is_final:
                end = max(match.start(), self._seen)
                break
            shown += (self._buffer[position : match.start()], _replace(match))
            position = match.end()
        if end <= self._seen:
            return b""
        shown.append(self._buffer[position:end])
        self._buffer = self._buffer[end - 1 :]
        self._seen = 1
        return b"".join(shown)

    def _choose_pattern(self, text: bytes) -> re.Pattern[bytes]:
        """Only what can occur in `text`: most shapes do not, and the search is some times faster for it."""
        lowered = text.lower()
        parts = [re.escape(literal) for literal in self._literals if literal in text]
        parts += [shape for needles, shape in _SHAPES if any(needle in lowered for needle in needles)]
        return _compile(tuple(parts))

    def _find_hold(self, *, keep_doubtful: bool) -> int:
        """Where the tail begins that must wait for more bytes."""
        buffer = self._buffer
        hold = size = len(buffer)
        limit = max(self._seen, size - _MAX_HOLD)
        if (open_token := _OPEN_TOKEN.search(buffer, limit)) is not None:
            hold = open_token.start()
        for literal in self._literals:
            shortest = 1 if keep_doubtful else MIN_VALUE_LENGTH
            hold = min(hold, size - _count_begun(buffer, literal, self._seen, shortest))
        if keep_doubtful:
            lowered = buffer[-16:].lower()
            for start in _STARTS:
                hold = min(hold, size - _count_begun(buffer, start, self._seen, 1))
            for word in _WORD_STARTS:
                hold = min(hold, size - _count_begun(lowered, word, 0, 1))
        ends = [match.end() for match in _PEM_END.finditer(buffer, self._seen)]
        open_key = _PEM_BEGIN.search(buffer, max(self._seen, size - _MAX_PEM, *ends[-1:]))
        if open_key is not None:
            hold = min(hold, open_key.start())
        return max(hold, self._seen)


@functools.lru_cache(maxsize=256)
def _compile(parts: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(parts) or rb"(?!)")


def _replace(match: re.Match[bytes]) -> bytes:
    kind = match.lastgroup
    if kind in ("header", "bearer"):
        return match[kind] + _MARK
    if kind == "url":
        return b"://" + _MARK + b"@"
    return _MARK


def _count_begun(buffer: bytes, word: bytes, seen: int, shortest: int) -> int:
    """The length of the longest proper beginning of `word` at the end of `buffer`; 0 if below `shortest`."""
    for length in range(min(len(word) - 1, len(buffer) - seen), shortest - 1, -1):
        if buffer.endswith(word[:length]):
            return length
    return 0


def _expand_literals(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Every spelling to look for, longest first: as is, URL-quoted, and the lines of a text of many lines."""
    found: set[bytes] = set()
    for secret in secrets:
        spellings = [secret, secret.strip(), quote(secret, safe="")]
        spellings += [line.strip() for line in secret.splitlines() if len(line.strip()) >= 12]
        for spelling in spellings:
            encoded = spelling.encode("utf-8", "surrogateescape")
            found.update(
                piece
                for start in range(0, len(encoded), _MAX_LITERAL)
                if len(piece := encoded[start : start + _MAX_LITERAL]) >= MIN_VALUE_LENGTH
            )
    return tuple(sorted(found, key=lambda literal: (-len(literal), literal)))


def _find_url_password(value: str) -> str:
    try:
        password = urlsplit(value).password or ""
    except ValueError:
        return ""
    return password if len(password) >= MIN_VALUE_LENGTH else ""
