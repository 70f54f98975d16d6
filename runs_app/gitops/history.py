"""Reading commits, files and differences. Nothing here writes or reads the repository's configuration."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from autopack.git.errors import GitCommandFailed
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import UnknownRevision
from runs_app.gitops.names import ensure_object_id
from runs_app.gitops.objects import SUBMODULE_MODE
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import DiffText, Identity, LogEntry, ObjectId

_SIGNATURE: Final = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<seconds>-?\d+) (?P<zone>[+-]\d{4})")
_DIFF_OPTIONS: Final = (
    "-r",
    "-p",
    "-M",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "-l2000",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def is_contained(
    engine: GitEngine, repository: Repository, ancestor: ObjectId, descendant: ObjectId | None
) -> bool:
    """Is `ancestor` the other commit or in its history? Raises UnknownRevision for what is no commit."""
    if descendant is None or ancestor == descendant:
        return ancestor == descendant
    args = ["merge-base", "--is-ancestor", ensure_object_id(ancestor), ensure_object_id(descendant)]
    try:
        output = engine.runner.run(engine.object_place(repository), args, accept=(0, 1))
    except GitCommandFailed as error:
        raise UnknownRevision(error.stderr) from error
    return output.exit_code == 0


def read_file(
    engine: GitEngine, repository: Repository, commit: ObjectId, path: str, max_bytes: int
) -> bytes:
    """See `History.read_file`."""
    name = path.encode(errors="surrogateescape")
    if b"" in name.split(b"/"):
        raise UnknownRevision(f"{path!r} is no path of a file")
    tree_id = engine.read_commit_tree(repository, ensure_object_id(commit))
    tree = engine.open_tree(repository, tree_id, [name])
    entry = tree.find_file(name)
    if entry is None or entry.mode == SUBMODULE_MODE:
        raise UnknownRevision(f"{commit} has no file {path}")
    object_id = entry.object_id.hex()
    known = engine.size(repository, object_id)
    if known is None or known[1] > max_bytes:
        size = known[1] if known else "no"
        raise UnknownRevision(f"{path} has {size} bytes; at most {max_bytes} are read")
    (found,) = engine.read(repository, [object_id])
    if found is None:
        raise UnknownRevision(f"{path} is missing from the repository")
    return found.body


def diff(engine: GitEngine, repository: Repository, old: ObjectId, new: ObjectId, max_bytes: int) -> DiffText:
    """See `History.diff`. A cut ends with a whole line."""
    for commit in (old, new):
        engine.read_commit(repository, ensure_object_id(commit))
    content, is_truncated = engine.runner.run_bounded(
        engine.object_place(repository), ["diff-tree", *_DIFF_OPTIONS, old, new], max_bytes=max_bytes
    )
    if is_truncated:
        content = content[: content.rfind(b"\n") + 1]
    return DiffText(content, is_truncated)


def list_commits(
    engine: GitEngine, repository: Repository, since: ObjectId, until: ObjectId, limit: int | None = None
) -> list[ObjectId]:
    """Commits of `until` that `since` does not have, newest first."""
    bound = [] if limit is None else [f"--max-count={max(0, limit)}"]
    args = ["rev-list", "--topo-order", *bound, ensure_object_id(until), f"^{ensure_object_id(since)}", "--"]
    try:
        output = engine.runner.run(engine.object_place(repository), args)
    except GitCommandFailed as error:
        raise UnknownRevision(error.stderr) from error
    return [ObjectId(line) for line in output.stdout.decode().split()]


def log(
    engine: GitEngine, repository: Repository, since: ObjectId, until: ObjectId, limit: int
) -> tuple[LogEntry, ...]:
    """See `History.log`."""
    commits = list_commits(engine, repository, since, until, limit)
    bodies = engine.read(repository, commits)
    return tuple(
        parse_commit(commit, found.body) for commit, found in zip(commits, bodies, strict=True) if found
    )


def parse_commit(commit: ObjectId, body: bytes) -> LogEntry:
    """A commit object as a value. Odd dates of old tools become the epoch; no text is refused."""
    head, _, message = body.partition(b"\n\n")
    parents: list[ObjectId] = []
    author = b""
    encoding = "utf-8"
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(ObjectId(value.decode()))
        elif key == b"author":
            author = value
        elif key == b"encoding":
            encoding = value.decode(errors="replace")
    identity, authored_at = _parse_signature(_decode(author, encoding))
    return LogEntry(commit, tuple(parents), identity, authored_at, _decode(message, encoding))


def parse_parents(body: bytes) -> tuple[ObjectId, ...]:
    head = body.partition(b"\n\n")[0]
    lines = (line for line in head.split(b"\n") if line.startswith(b"parent "))
    return tuple(ObjectId(line[len(b"parent ") :].decode()) for line in lines)


def _parse_signature(text: str) -> tuple[Identity, datetime]:
    match = _SIGNATURE.fullmatch(text)
    if match is None:
        return Identity(text, ""), datetime.fromtimestamp(0, UTC)
    zone = match["zone"]
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    try:
        at = datetime.fromtimestamp(int(match["seconds"]), timezone(-offset if zone[0] == "-" else offset))
    except (ValueError, OverflowError):
        at = datetime.fromtimestamp(0, UTC)
    return Identity(match["name"], match["email"]), at


def _decode(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding, errors="replace")
    except LookupError:
        return text.decode(errors="replace")
