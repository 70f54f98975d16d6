"""Plan a brief. Nothing is kept."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from autopack.selectors import get_project
from autopack.yaml_reader import UnreadableDocument, read_yaml
from catalog_app.choices import PlanMode
from catalog_app.errors import DeltaUnclear, InvalidPlanRequest
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.plan_files.content import PLAN_FILE
from catalog_app.planning.changes import read_changes
from catalog_app.planning.composing import compose_request
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.changing import Changed, draft_changed
from catalog_app.services.exporting import save_export
from catalog_app.services.planning import Drafted, draft_plan, ensure_plannable, ensure_read

_UNSETTLED = 1
_REFUSED = 2
_ACTOR = system_actor("plan")
_JSON_FILE = "plan.json"


class Command(LeanCommand):
    help = (
        "Make a plan of a brief in markdown and print it. Nothing is kept. Exit status: 0 a run of it could "
        "start, 1 something is to be answered or verified first, 2 it could not be planned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("brief", metavar="FILE", help="markdown; - reads standard input")
        parser.add_argument(
            "--answers",
            metavar="FILE",
            help="YAML or JSON with what is to be otherwise, as `revise` takes it: words, answers, pins …",
        )
        parser.add_argument(
            "--mode", choices=list(PlanMode), default=PlanMode.ZERO_INTERVENTION, help="(zero_intervention)"
        )
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"({DEFAULT_CATALOG})")
        parser.add_argument("--project", default="", help="whose licence policy decides")
        parser.add_argument(
            "--output", type=Path, metavar="DIR", help=f"write {PLAN_FILE} and {_JSON_FILE} there instead"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            changed = _plan(options)
            self._write(changed.drafted, options["output"])
        except (InvalidPlanRequest, DeltaUnclear) as error:
            lines = [str(problem["detail"]) for problem in error.errors] or [error.detail]
            raise CommandError("\n".join(lines), returncode=_REFUSED) from error
        except AutopackError as error:
            raise CommandError(error.detail, returncode=_REFUSED) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=_REFUSED) from error
        self._report(changed)

    def _write(self, drafted: Drafted, folder: Path | None) -> None:
        if folder is None:
            self.stdout.write(drafted.markdown, ending="")
            return
        texts = {PLAN_FILE: drafted.markdown, _JSON_FILE: drafted.content.decode()}
        written = save_export(texts, folder)
        done = f"wrote {', '.join(written)}" if written else "is this plan already"
        self.stdout.write(f"{folder}: {done}.")

    def _report(self, changed: Changed) -> None:
        plan, state = changed.drafted.plan, changed.drafted.lookup
        for note in changed.notes:
            self.stderr.write(note)
        if state is not None and not state.is_complete:
            self.stderr.write(
                f"Lookup has {state.done_count} of {state.total_count} texts; it finds more once it has all."
            )
        for question in plan.questions:
            options = ", ".join(option.id for option in question.options)
            self.stderr.write(f"{question.id}: {question.text} ({options})")
        blocked = sum(feature.is_blocked for feature in plan.features)
        if blocked:
            what = "1 source is" if blocked == 1 else f"{blocked} sources are"
            self.stderr.write(f"{what} to be verified before a run may start.")
        if plan.questions or blocked:
            sys.exit(_UNSETTLED)


def _plan(options: dict[str, Any]) -> Changed:
    said = {"text": _read(options["brief"]), "mode": options["mode"]}
    request, problems = compose_request(said)
    ensure_read(problems)
    catalog = get_catalog(options["catalog"])
    ensure_plannable(request, catalog=catalog)
    project = get_project(_ACTOR, options["project"]) if options["project"] else None
    drafted = draft_plan(request, catalog=catalog, project=project)
    if not options["answers"]:
        return Changed(drafted, notes=())
    changes, problems = read_changes(_read_answers(options["answers"]))
    ensure_read(problems)
    return draft_changed(
        drafted.request, drafted.plan, changes, catalog=drafted.catalog, project=drafted.project
    )


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: is no text in UTF-8", returncode=_REFUSED) from error


def _read_answers(name: str) -> object:
    try:
        return read_yaml(_read(name)).value
    except UnreadableDocument as error:
        raise CommandError(f"{name}:{error}", returncode=_REFUSED) from error
