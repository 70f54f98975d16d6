"""Names that git and the rules accept, checked before any of them reaches a command line. Pure."""

import re

from runs_app.gitops.errors import InvalidName, UnknownRevision
from runs_app.gitops.types import ObjectId

BRANCH_NAMESPACE = "autonomous"
CANDIDATE_NAMESPACE = "refs/autopack/candidates"

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_REVISION_SUFFIX = re.compile(r"(?:~\d{0,9}|\^\d{0,3})*")


def ensure_identifier(value: str, what: str) -> str:
    """A run or phase id: `[A-Za-z0-9][A-Za-z0-9._-]{0,99}`, without `..`, not ending in `.lock` or a dot."""
    if not _IDENTIFIER.fullmatch(value) or ".." in value or value.endswith((".lock", ".")):
        raise InvalidName(f"{value!r} is no {what}: letters, digits, '.', '_' and '-', at most 100")
    return value


def ensure_object_id(value: str) -> ObjectId:
    """A full object id, never all zeros: git reads an empty or zero value as "delete"."""
    if not _OBJECT_ID.fullmatch(value) or not value.strip("0"):
        raise UnknownRevision(f"{value[:80]!r} is no full object id")
    return ObjectId(value)


def ensure_ref_name(name: str, what: str) -> str:
    """A short branch or tag name by the rules of `git check-ref-format --branch`."""
    parts = name.split("/")
    is_bad = (
        not name
        or len(name.encode(errors="surrogatepass")) > 250
        or name in ("@", "HEAD")
        or name.startswith("-")
        or name.endswith((".", "/"))
        or _REF_FORBIDDEN.search(name)
        or any(not part or part.startswith(".") or part.endswith(".lock") for part in parts)
    )
    if is_bad:
        raise InvalidName(f"{name[:120]!r} is no {what} that git accepts")
    return name


def split_revision(revision: str) -> tuple[str, str]:
    """`main~2` into `main` and `~2`. Raises UnknownRevision for what is no branch, tag or id (`:/x`)."""
    cut = min((at for at in (revision.find("~"), revision.find("^")) if at >= 0), default=len(revision))
    name, suffix = revision[:cut], revision[cut:]
    if not _REVISION_SUFFIX.fullmatch(suffix):
        raise UnknownRevision(f"{revision[:120]!r} is no branch, tag or commit")
    if name != "HEAD":
        try:
            ensure_ref_name(name, "revision")
        except InvalidName as error:
            raise UnknownRevision(str(error)) from error
    return name, suffix


def integration_branch(run_id: str) -> str:
    return f"{BRANCH_NAMESPACE}/{ensure_identifier(run_id, 'run id')}"


def candidate_prefix(run_id: str, phase_id: str | None = None) -> str:
    prefix = f"{CANDIDATE_NAMESPACE}/{ensure_identifier(run_id, 'run id')}"
    return prefix if phase_id is None else f"{prefix}/{ensure_identifier(phase_id, 'phase id')}"


def candidate_ref(run_id: str, phase_id: str, attempt: int) -> str:
    if attempt < 0:
        raise InvalidName(f"{attempt} is no attempt number")
    return f"{candidate_prefix(run_id, phase_id)}/{attempt}"
