"""`git apply --cached` on an index of the touched files alone, and what its complaints mean."""

import re
import signal
from collections.abc import Mapping
from typing import Final

from autopack.git.errors import GitTimedOut
from autopack.git.runner import GitRunner, redact
from runs_app.gitops.errors import PatchRefused
from runs_app.gitops.indexfile import IndexUnreadable, decode_index, encode_index
from runs_app.gitops.inspection import Inspection
from runs_app.gitops.objects import Entry
from runs_app.gitops.quarantine import Quarantine
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import Refusal, RefusalCode

_FAILED_HUNK: Final = re.compile(r"error: patch failed: (?P<path>.+):(?P<start>\d+)")
_FAILED_FILE: Final = re.compile(r"error: (?P<path>.+): (?P<reason>[^:]+)")
_BAD_LINE: Final = re.compile(r"error: (?P<reason>.*) (?:at|on|\(line) (?:line )?(?P<line>\d+)\)?(?:: .*)?")
_OTHER: Final = re.compile(r"(?:error|fatal): (?P<reason>.+)")
_GLOB: Final = re.compile(rb"[*?\[\]\\]")
_CRASHES: Final = tuple(-number for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS))
"""Statuses of a git that the patch brings down, and would again. SIGKILL is the machine's doing."""

_WORDS_LIMIT: Final = 1_000_000
"""Enough for a line or two about every file of a large patch."""

_REPEATED: Final = "patch does not apply"
_REASONS: Final = {
    "does not exist in index": "the file does not exist",
    "already exists in index": "the file exists already",
}


def run_apply(
    runner: GitRunner,
    quarantine: Quarantine,
    before: Mapping[bytes, Entry],
    patch: bytes,
    repository: Repository,
    inspection: Inspection,
    *,
    is_isolated: bool = False,
    only: bytes | None = None,
) -> dict[bytes, Entry]:
    """The entries of the touched files afterwards. Raises PatchRefused with file and hunk.

    `is_isolated` hides the repository's objects, `only` leaves out every other file of the patch.
    """
    quarantine.index.write_bytes(encode_index(before, repository.object_format))
    place = quarantine.isolated_place if is_isolated else quarantine.place
    args = ["apply", "--cached", "--whitespace=nowarn", "--no-ignore-whitespace", "-p1"]
    if only is not None:
        args.append("--include=" + _GLOB.sub(rb"\\\g<0>", only).decode())
    try:
        output = runner.run(place, [*args, "-"], stdin=patch, accept=(0, 1, 128, *_CRASHES))
    except GitTimedOut as error:
        # The same patch would take as long the next time: a retry is no way out.
        detail = f"git needs longer than {runner.timeout_seconds:g} s to apply the patch"
        raise PatchRefused([Refusal(RefusalCode.PATCH_TOO_LARGE, detail)]) from error
    if output.exit_code in _CRASHES:
        raise PatchRefused([Refusal(RefusalCode.PATCH_MALFORMED, "git crashes over the patch")])
    if output.exit_code:
        raise PatchRefused(_explain(redact(output.stderr, limit=_WORDS_LIMIT), inspection))
    try:
        return decode_index(quarantine.index.read_bytes(), repository.object_format)
    except IndexUnreadable as error:
        raise PatchRefused([Refusal(RefusalCode.PATCH_DOES_NOT_APPLY, str(error))]) from error


def changed_entries(before: Mapping[bytes, Entry], after: Mapping[bytes, Entry]) -> dict[bytes, Entry | None]:
    """Path to its new entry, None for a file that is gone."""
    changes: dict[bytes, Entry | None] = {path: None for path in before if path not in after}
    changes.update((path, entry) for path, entry in after.items() if before.get(path) != entry)
    return changes


def _explain(stderr: str, inspection: Inspection) -> list[Refusal]:
    refusals: dict[Refusal, None] = {}
    failed: set[str] = set()
    for line in stderr.splitlines():
        if match := _FAILED_HUNK.fullmatch(line):
            path, start = match["path"], int(match["start"])
            failed.add(path)
            place = inspection.hunk_lines.get((path, start), inspection.header_lines.get(path))
            detail = f"the hunk for line {start} does not match the file"
            refusals[Refusal(RefusalCode.PATCH_DOES_NOT_APPLY, detail, path, place)] = None
        elif (match := _FAILED_FILE.fullmatch(line)) and (
            match["path"] in inspection.header_lines or not _BAD_LINE.fullmatch(line)
        ):
            path, reason = match["path"], match["reason"]
            if reason != _REPEATED or path not in failed:
                detail = _REASONS.get(reason, reason)
                place = inspection.header_lines.get(path)
                refusals[Refusal(RefusalCode.PATCH_DOES_NOT_APPLY, detail, path, place)] = None
        elif match := _BAD_LINE.fullmatch(line):
            detail, number = match["reason"], int(match["line"])
            refusals[Refusal(RefusalCode.PATCH_MALFORMED, detail, line=number)] = None
        elif (match := _OTHER.fullmatch(line)) and not refusals:
            refusals[Refusal(RefusalCode.PATCH_DOES_NOT_APPLY, match["reason"])] = None
    return list(refusals) or [Refusal(RefusalCode.PATCH_DOES_NOT_APPLY, "git cannot apply the patch")]
