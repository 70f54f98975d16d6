"""JUnit XML as a step left it. The step is not trusted, so neither are the file's place nor its content.

Read with expat as a stream: libraries for JUnit build a tree of the whole document, which a hostile report
of a few megabytes can make very large.
"""

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from runs_app.ci.errors import ReportError
from runs_app.ci.types import JUnitReport, TestFailure

MAX_REPORT_BYTES = 32 * 1024 * 1024
MAX_FAILURES = 200
MAX_MESSAGE_LENGTH = 2000
MAX_KEY_LENGTH = 300
MAX_TESTS = 1_000_000
_MAX_DEPTH = 64
_READ_BYTES = 64 * 1024

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,16}\b")
_TEMPORARY = re.compile(r"(?:/private)?/(?:var/)?tmp/[^\s:'\"\]),]*|/var/folders/[^\s:'\"\]),]*")
_TIME_OF_DAY = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_DURATION = re.compile(r"\s*\(\d+(?:[.,]\d+)?\s?(?:ms|s|sec|seconds)\)\s*$")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ReportMark:
    """What the report file was before the step, to tell a fresh report from a stale one."""

    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def mark_report(workspace: Path, path: str) -> ReportMark | None:
    """Take the mark before a step starts. None if there is no file that could be taken for its report."""
    try:
        descriptor = _open_inside(workspace, path)
    except ReportError:
        return None
    try:
        return _mark(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def read_report(workspace: Path, path: str, *, before: ReportMark | None) -> JUnitReport:
    """Read the report of a step that has ended.

    Raises ReportError for a file that is missing, reached through a symlink, not regular, too large, not
    JUnit XML, or unchanged since `before` (committed, or left by an earlier try).
    """
    descriptor = _open_inside(workspace, path)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if _mark(status) == before:
            raise ReportError(f"{path} was not written by this try")
        if status.st_size > MAX_REPORT_BYTES:
            raise ReportError(f"{path} is larger than {MAX_REPORT_BYTES} bytes")
        parser = _ReportParser()
        left = MAX_REPORT_BYTES
        while left > 0 and (chunk := stream.read(min(_READ_BYTES, left))):
            left -= len(chunk)
            parser.feed(chunk)
        return parser.finish()


def parse_report(content: bytes) -> JUnitReport:
    """Read a report from memory. Raises ReportError."""
    parser = _ReportParser()
    parser.feed(content)
    return parser.finish()


def make_key(suite: str, class_name: str, name: str) -> str:
    """`suite::class::name` without what differs between runs: addresses, temporary paths, times.

    Parameters in brackets stay. A long key is cut, with a hash of the whole at its end.
    """
    key = "::".join(_normalise(part) for part in (suite, class_name, name))
    if len(key) <= MAX_KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{key[: MAX_KEY_LENGTH - 17]}~{digest}"


def _normalise(part: str) -> str:
    part = _ADDRESS.sub("0x…", part)
    part = _TEMPORARY.sub("<tmp>", part)
    part = _TIME_OF_DAY.sub("<time>", part)
    part = _DURATION.sub("", part)
    return _SPACE.sub(" ", _CONTROL.sub("", part)).strip()


def _mark(status: os.stat_result) -> ReportMark:
    return ReportMark(
        inode=status.st_ino,
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
    )


def _open_inside(workspace: Path, path: str) -> int:
    """Open a regular file below `workspace` without following a single link."""
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
        raise ReportError(f"{path} is not a path inside the workspace")
    folder = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = _open_part(part, os.O_DIRECTORY, folder, path)
            os.close(folder)
            folder = inner
        descriptor = _open_part(parts[-1], os.O_NONBLOCK, folder, path)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReportError(f"{path} is not a regular file")
    return descriptor


def _open_part(part: str, flags: int, folder: int, path: str) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise ReportError(f"{path} was not written") from error
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise ReportError(f"{path} leads through a symlink or a file") from error
        raise ReportError(f"{path} cannot be read: {error.strerror}") from error


@dataclass(slots=True)
class _Case:
    suite: str
    class_name: str
    name: str
    result: str = "passed"
    message: str = ""


class _ReportParser:
    """Streams through the XML with expat. Document types are refused, so there are no entities to expand;
    nothing but the failures is kept."""

    def __init__(self) -> None:
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._open: list[str] = []
        self._suites: list[str] = []
        self._case: _Case | None = None
        self._takes_text = False
        self._counts = {"passed": 0, "failure": 0, "error": 0, "skipped": 0}
        self._failed: dict[str, TestFailure] = {}

    def feed(self, chunk: bytes) -> None:
        self._run(chunk, is_final=False)

    def finish(self) -> JUnitReport:
        self._run(b"", is_final=True)
        return JUnitReport(
            tests=sum(self._counts.values()),
            failures=self._counts["failure"],
            errors=self._counts["error"],
            skipped=self._counts["skipped"],
            failed=tuple(self._failed.values()),
        )

    def _run(self, chunk: bytes, *, is_final: bool) -> None:
        try:
            self._expat.Parse(chunk, is_final)
        except expat.ExpatError as error:
            raise ReportError(f"the JUnit report is not well-formed XML: {error}") from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know, or not as bytes
            raise ReportError(f"the JUnit report cannot be decoded: {error}") from error

    def _refuse_doctype(self, *_: object) -> None:
        raise ReportError("the JUnit report has a document type, which is not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2].lower()
        if not self._open and tag not in ("testsuites", "testsuite"):
            raise ReportError(f"the JUnit report starts with <{tag[:50]}>, not with <testsuites>")
        if len(self._open) >= _MAX_DEPTH:
            raise ReportError("the JUnit report is nested too deeply")
        self._open.append(tag)
        if tag == "testsuite":
            self._suites.append(attributes.get("name", ""))
        elif tag == "testcase":
            self._case = _Case(
                suite=self._suites[-1] if self._suites else "",
                class_name=attributes.get("classname", ""),
                name=attributes.get("name", ""),
            )
        elif self._case is not None and tag in ("failure", "error", "skipped"):
            self._take_result(self._case, tag, attributes)

    def _take_result(self, case: _Case, tag: str, attributes: dict[str, str]) -> None:
        if case.result in ("passed", "skipped"):
            case.result = tag
            case.message = attributes.get("message", "")[:MAX_MESSAGE_LENGTH]
            if kind := attributes.get("type", "")[:200]:
                case.message = f"{kind}: {case.message}" if case.message else kind
            case.message += "\n"
            self._takes_text = tag != "skipped"

    def _text(self, text: str) -> None:
        case = self._case
        if case is not None and self._takes_text and len(case.message) < MAX_MESSAGE_LENGTH:
            case.message += text[: MAX_MESSAGE_LENGTH - len(case.message)]

    def _end(self, tag: str) -> None:
        tag = self._open.pop()
        if tag == "testsuite":
            self._suites.pop()
        elif tag == "testcase" and self._case is not None:
            self._finish_case(self._case)
            self._case = None
        elif tag in ("failure", "error"):
            self._takes_text = False

    def _finish_case(self, case: _Case) -> None:
        self._counts[case.result] += 1
        if sum(self._counts.values()) > MAX_TESTS:
            raise ReportError(f"the JUnit report has more than {MAX_TESTS} tests")
        if case.result in ("failure", "error"):
            key = make_key(case.suite, case.class_name, case.name)
            if key not in self._failed and len(self._failed) < MAX_FAILURES:
                name = _CONTROL.sub("", case.name)[:MAX_KEY_LENGTH]
                message = _CONTROL.sub("", case.message).strip()
                self._failed[key] = TestFailure(key=key, name=name, message=message)
