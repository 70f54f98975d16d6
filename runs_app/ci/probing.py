"""Which isolation works on this machine, found out by really running something in it."""

import functools
import os
import secrets
import shutil
import sys
from dataclasses import dataclass

from runs_app.ci import sandbox, supervised
from runs_app.ci.errors import CannotStart
from runs_app.ci.scratch import Scratch, scratch_folder
from runs_app.ci.types import Isolation

_PROBE_SECONDS = 15.0
_GOOD_WORD = "sandbox-works"
_PROBE_SCRIPT = (
    'test ! -e "$1/file" && test ! -e /proc/$2 && ! (: >/etc/probe) 2>/dev/null && : >probe'
    f" && : >/tmp/probe && ! (: >>/proc/sys/kernel/core_pattern) 2>/dev/null && echo {_GOOD_WORD}"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The best isolation that works; `reason` says why not a better one (empty for the best)."""

    isolation: Isolation
    reason: str
    bubblewrap: str = ""


@functools.cache
def choose_isolation() -> Choice:
    """Probed once per process, in about a fifth of a second."""
    if not sys.platform.startswith("linux"):
        return Choice(Isolation.NONE, "namespaces exist on Linux only")
    bubblewrap = find_bubblewrap()
    why_not_bubblewrap = "bubblewrap is not installed"
    if bubblewrap:
        problem = probe(Isolation.BUBBLEWRAP, bubblewrap)
        if not problem:
            return Choice(Isolation.BUBBLEWRAP, "", bubblewrap)
        why_not_bubblewrap = f"bubblewrap does not work here ({problem})"
    problem = probe(Isolation.UNSHARE)
    if not problem:
        return Choice(Isolation.UNSHARE, why_not_bubblewrap)
    return Choice(Isolation.NONE, f"{why_not_bubblewrap}; namespaces do not work here ({problem})")


def find_bubblewrap() -> str:
    """The path of `bwrap`, or nothing."""
    return shutil.which("bwrap", path=sandbox.DEFAULT_PATH) or ""


def probe(isolation: Isolation, bubblewrap: str = "") -> str:
    """Run a small script inside that checks what we promise. Returns the problem, or nothing if it works."""
    output = bytearray()
    try:
        with scratch_folder() as scratch:
            ending = _run_probe(isolation, bubblewrap, scratch, output)
    except CannotStart as error:
        return str(error)
    said = output.decode(errors="replace").strip()
    if ending.outcome == "exited" and ending.exit_code == 0 and said.endswith(_GOOD_WORD):
        return ""
    if said:
        return said.splitlines()[-1][:300]
    return ending.detail[:300] or f"the probe {ending.outcome} with code {ending.exit_code}"


def _run_probe(
    isolation: Isolation, bubblewrap: str, scratch: Scratch, output: bytearray
) -> supervised.Ending:
    workspace, hidden = (scratch.root / part for part in ("workspace", "hidden"))
    for folder in (workspace, hidden):
        folder.mkdir()
    (hidden / "file").touch()
    mark = secrets.token_hex(8)
    # Any process of outside will do as the one that it must not see.
    argv = ("/bin/sh", "-c", _PROBE_SCRIPT, "probe", str(hidden), str(os.getpid()))
    command = supervised.Command(
        argv=argv,
        env={"PATH": sandbox.DEFAULT_PATH, supervised.MARK_VARIABLE: mark},
        workspace=workspace,
        timeout_seconds=_PROBE_SECONDS,
        mark=mark,
    )
    job = supervised.make_job(
        command, isolation, scratch=scratch, hidden_paths=[hidden], bubblewrap=bubblewrap
    )
    with supervised.SupervisedCommand(job, mark=mark) as running:
        return running.follow(output.extend, lambda: None)
