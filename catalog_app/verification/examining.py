"""One look at a repository, from fetching to facts, and these facts as plain JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from autopack.git.errors import GitCommandFailed
from catalog_app.verification.detection import LicenseDetector
from catalog_app.verification.errors import UnknownRevision
from catalog_app.verification.inspection import Inspection, inspect_source
from catalog_app.verification.measures import Measures, measure
from catalog_app.verification.mirror import Mirror
from catalog_app.verification.quality import Quality
from catalog_app.verification.reading import MirrorReader
from catalog_app.verification.texts import storable
from catalog_app.verification.watching import Watch


class Stage(StrEnum):
    FETCHING = "fetching"
    INSPECTING = "inspecting"
    MEASURING = "measuring"


def _pass_over(stage: Stage) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Question:
    """What to look at: `paths` (none: all of it) at `revision` (empty: the head of `default_branch`, which if
    empty is the branch of the remote's HEAD). `with_head`: look at the head too, if it is another commit."""

    paths: Sequence[str] = ()
    revision: str = ""
    default_branch: str = ""
    with_head: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """`measures` is None if a path is not there; `head` if it was not asked for or is the same commit."""

    commit: str
    head_commit: str
    found: Inspection
    head: Inspection | None
    measures: Measures | None


def examine(
    mirror: Mirror,
    question: Question,
    detector: LicenseDetector,
    *,
    watch: Watch | None = None,
    on_stage: Callable[[Stage], None] = _pass_over,
) -> Examination:
    """Fetch and look. Safe to call again after a crash: what was fetched is not fetched again.

    Raises VerificationError, or GitError if git itself fails.
    """
    watch = watch or Watch()
    try:
        return _examine(mirror, question, detector, watch, on_stage)
    except GitCommandFailed:
        # The mirror is damaged, in a way that only reading shows. It is a cache: once more, from the start.
        mirror.discard(watch)
        return _examine(mirror, question, detector, watch, on_stage)


def _examine(
    mirror: Mirror,
    question: Question,
    detector: LicenseDetector,
    watch: Watch,
    on_stage: Callable[[Stage], None],
) -> Examination:
    on_stage(Stage.FETCHING)
    upstream = mirror.fetch(watch)
    reader = MirrorReader(mirror, Watch(is_cancelled=watch.is_cancelled))
    head_commit = upstream.head_commit
    if question.default_branch:
        head_commit = reader.resolve(f"refs/heads/{question.default_branch}")
    if not head_commit and not question.revision:
        raise UnknownRevision(
            "The repository's HEAD names no branch that exists. Say which branch to look at."
        )
    commit = reader.resolve(question.revision) if question.revision else head_commit
    on_stage(Stage.INSPECTING)
    found = inspect_source(reader, commit, question.paths, detector)
    head = None
    if question.with_head and head_commit and head_commit != commit:
        head = inspect_source(reader, head_commit, question.paths, detector)
    on_stage(Stage.MEASURING)
    measures = None if found.missing_paths else measure(reader, commit, found.paths)
    return Examination(commit, head_commit, found, head, measures)


def evidence_as_json(examination: Examination) -> dict[str, Any]:
    """What the inspection found, with what the head has instead, as it can be stored."""
    found = asdict(examination.found)
    if examination.head is not None:
        head = asdict(examination.head)
        found["head"] = {key: head[key] for key in ("commit", "detected", "effective", "reason", "paths")}
    return _storable_object(found)


def measures_as_json(measures: Measures | None) -> dict[str, Any]:
    return {} if measures is None else _storable_object(asdict(measures))


def quality_as_json(quality: Quality) -> dict[str, Any]:
    return _storable_object(asdict(quality))


def _storable_object(value: Mapping[str, Any]) -> dict[str, Any]:
    return {storable(str(key)): _storable(item) for key, item in value.items()}


def _storable(value: Any) -> Any:
    # Any: JSON.
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return _storable_object(value)
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
