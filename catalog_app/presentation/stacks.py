"""A stack profile as a row of the list and as a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.models import PreferredRepo, SourceRepo, StackProfile


@dataclass(frozen=True, slots=True)
class Slot:
    """Such as `cache` and `redis`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class StackRow:
    """`suited` features have a source for this stack, `usable` ones one that a plan may take."""

    stack: StackProfile
    slots: Sequence[Slot]
    suited: int
    usable: int
    dangling_count: int


@dataclass(frozen=True, slots=True)
class Preferred:
    """`repo` is None where the catalog does not know it: a dangling reference."""

    repo_ref: str
    repo: SourceRepo | None
    source_count: int


def describe_stack(stack: StackProfile, *, suited: Mapping[str, int], usable: Mapping[str, int]) -> StackRow:
    """A stack with its `preferred_repos`, and counts of features by its slug."""
    return StackRow(
        stack=stack,
        slots=list_slots(stack),
        suited=suited.get(stack.slug, 0),
        usable=usable.get(stack.slug, 0),
        dangling_count=sum(1 for entry in stack.preferred_repos.all() if entry.repo_id is None),
    )


def list_slots(stack: StackProfile) -> list[Slot]:
    """The four named ones, then the others by name."""
    named = (
        ("backend", stack.backend),
        ("database", stack.db),
        ("vector database", stack.vector_db),
        ("frontend", stack.frontend),
    )
    further = ((name.replace("_", " "), _spoken(value)) for name, value in sorted(stack.slots.items()))
    return [Slot(name, value) for name, value in (*named, *further) if value]


def describe_preferred(preferred: Iterable[PreferredRepo], *, counts: Mapping[int, int]) -> list[Preferred]:
    """`counts` are numbers of sources by repository."""
    return [
        Preferred(entry.repo_ref, entry.repo, counts.get(entry.repo_id, 0) if entry.repo_id else 0)
        for entry in preferred
    ]


def _spoken(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
