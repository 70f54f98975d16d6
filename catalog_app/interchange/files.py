"""Files with what curators say: their bytes to content, and every problem with its line. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autopack.documents import Problem
from autopack.yaml_reader import PlacedDocument, UnreadableDocument, read_yaml
from catalog_app.interchange.entries import CatalogContent, EntryProblem, Origin, Severity
from catalog_app.interchange.reading import merge_contents, read_document

MAX_BYTES = 20_000_000
MAX_NODES = 1_000_000

WrittenFile = tuple[str, bytes]
"""Its name, for people, and its content."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A problem with its place. Line and column count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    path: str
    message: str
    suggestion: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        subject = f"{self.path}: " if self.path else ""
        hint = f"; suggestion: {self.suggestion}" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {subject}{self.message}{hint}"


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """What the files say together, and what was wrong with reading them."""

    content: CatalogContent
    problems: tuple[FileProblem, ...]
    documents: Mapping[str, PlacedDocument]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.documents)

    def place(self, problems: Iterable[EntryProblem]) -> tuple[FileProblem, ...]:
        """Problems of the content with their places in the files."""
        return tuple(place_problem(problem, self.documents) for problem in problems)


def read_files(files: Sequence[WrittenFile]) -> ReadFiles:
    """Read all files and put together what they say. With errors, the content has what is free of them."""
    documents: dict[str, PlacedDocument] = {}
    contents: list[CatalogContent] = []
    found: list[EntryProblem] = []
    unreadable: list[FileProblem] = []
    for name, written in distinct_names(files):
        if len(written) > MAX_BYTES:
            message = f"has {len(written):,} bytes; at most {MAX_BYTES:,} are read"
            unreadable.append(FileProblem(name, 1, 1, Severity.ERROR, "too_large", "", message))
            continue
        try:
            document = read_yaml(written, max_nodes=MAX_NODES)
        except UnreadableDocument as error:
            place = (error.line, error.column)
            unreadable.append(FileProblem(name, *place, Severity.ERROR, "unreadable", "", error.message))
            continue
        documents[name] = document
        content, problems = read_document(document.value, document=name)
        contents.append(content)
        found += [*repeated_keys(document, name), *problems]
    content, problems = merge_contents(contents)
    placed = [*unreadable, *(place_problem(problem, documents) for problem in (*found, *problems))]
    return ReadFiles(content, in_order(placed), documents)


def in_order(problems: Iterable[FileProblem]) -> tuple[FileProblem, ...]:
    """Each once, file by file, in the order of the lines."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.column, not p.is_error)))


def place_problem(problem: EntryProblem, documents: Mapping[str, PlacedDocument]) -> FileProblem:
    """The problem with its line, where its document is one of these."""
    origin = problem.origin
    message = problem.message
    if problem.other is not None and problem.other.document in documents:
        line, column = documents[problem.other.document].place_of(problem.other.path)
        message = f"{message} ({problem.other.document}:{line}:{column})"
    line, column = (
        documents[origin.document].place_of(origin.path) if origin.document in documents else (1, 1)
    )
    return FileProblem(
        file=origin.document,
        line=line,
        column=column,
        severity=problem.severity,
        code=problem.code,
        path=origin.path,
        message=message,
        suggestion=problem.suggestion,
    )


def repeated_keys(document: PlacedDocument, name: str) -> list[EntryProblem]:
    """Keys that are there twice. `name` is the document's."""
    return [_repeated_key(problem, name) for problem in document.problems]


def _repeated_key(problem: Problem, name: str) -> EntryProblem:
    # The path of the second is one step: only its place is of interest.
    return EntryProblem(Severity.ERROR, "same_key", Origin(name, (problem.path,)), problem.message)


def distinct_names(files: Iterable[WrittenFile]) -> Iterable[WrittenFile]:
    """A file that has the name of an earlier one gets one of its own."""
    seen: dict[str, int] = {}
    for name, written in files:
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), written
