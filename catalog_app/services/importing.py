"""Files into a catalog: all of them, or with any error nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autopack.actors import Actor
from catalog_app.errors import InvalidCatalog
from catalog_app.interchange.changes import ChangePlan
from catalog_app.interchange.files import FileProblem, WrittenFile, in_order, read_files
from catalog_app.models import FeatureCatalog
from catalog_app.services.saving import apply_content, plan_changes


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What files change, or would change, and every problem of them in the order of the lines. With an error
    among the problems, nothing is changed."""

    files: tuple[str, ...]
    plan: ChangePlan = field(default_factory=ChangePlan)
    problems: tuple[FileProblem, ...] = ()

    @property
    def errors(self) -> tuple[FileProblem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def warnings(self) -> tuple[FileProblem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_error)


def preview_import(
    catalog: FeatureCatalog, files: Sequence[WrittenFile], *, is_complete: bool = True
) -> ImportSummary:
    """What `import_files` would do, without doing it. The plan has no changes when there are errors."""
    read = read_files(files)
    plan = plan_changes(catalog, read.content, is_complete=is_complete)
    problems = in_order((*read.problems, *read.place(plan.problems)))
    has_errors = any(problem.is_error for problem in problems)
    return ImportSummary(read.names, ChangePlan() if has_errors else plan, problems)


def import_files(
    catalog: FeatureCatalog,
    files: Sequence[WrittenFile],
    *,
    actor: Actor,
    reason: str = "",
    is_complete: bool = True,
) -> ImportSummary:
    """Bring the catalog to what the files say. Unless `is_complete` is false, what they do not name is
    retired, section by section.

    The history says which files it came from, and `reason`, if there is one. Raises InvalidCatalog with
    every error and, as `extra`, every warning, as `describe_file_problem` has them.
    """
    read = read_files(files)
    if any(problem.is_error for problem in read.problems):
        # Those of the catalog as a whole as well: whoever mends the files wants to see all of them.
        plan = plan_changes(catalog, read.content, is_complete=is_complete)
        raise _invalid((*read.problems, *read.place(plan.problems)))
    source = f"Imported from {', '.join(read.names)}"
    why = f"{source}: {reason.strip()}" if reason.strip() else source
    plan = apply_content(catalog, read.content, actor=actor, reason=why, is_complete=is_complete)
    problems = in_order((*read.problems, *read.place(plan.problems)))
    if plan.errors:
        raise _invalid(problems)
    return ImportSummary(read.names, plan, problems)


def _invalid(problems: Sequence[FileProblem]) -> InvalidCatalog:
    errors = [problem for problem in in_order(problems) if problem.is_error]
    count = "There is a problem" if len(errors) == 1 else f"There are {len(errors)} problems"
    return InvalidCatalog(
        f"{count} in {', '.join(dict.fromkeys(problem.file for problem in errors))}; nothing was changed.",
        errors=[describe_file_problem(problem) for problem in errors],
        warnings=[describe_file_problem(problem) for problem in in_order(problems) if not problem.is_error],
    )


def describe_file_problem(problem: FileProblem) -> dict[str, str | int]:
    """As answers of the API show it."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "detail": str(problem),
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "message": problem.message,
        "suggestion": problem.suggestion,
    }
