"""What a plan that is being put together comes to: its features, stack, questions and phases."""

from dataclasses import replace
from typing import Any

from autopack.models import Project
from catalog_app.choices import PlanMode
from catalog_app.models import FeatureCatalog
from catalog_app.planning.markdown import write_markdown
from catalog_app.presentation.markdown_text import render_markdown
from catalog_app.presentation.plans import (
    count_figures,
    count_unverified,
    describe_questions,
    describe_runs,
    list_blocked,
)
from catalog_app.presentation.stretches import cut
from catalog_app.presentation.worksheet_rows import (
    list_project_types,
    list_required_rows,
    list_slot_fields,
    list_stack_picks,
    list_wish_rows,
)
from catalog_app.selectors import stacks
from catalog_app.services.planning import draft_plan
from catalog_app.views.plan_form import PlanForm

ROWS = 100
MOST_LIVE = 150
"""Features up to which everything is planned with every step; beyond, those that are shown."""
MOST_SHOWN = 50
MOST_RUNS = 8


def describe_board(form: PlanForm, *, catalog: FeatureCatalog, project: Project | None) -> dict[str, Any]:
    """What the page shows of the form. Any: a template's context.

    With many features, only those that are shown are looked up, until the whole is asked for.
    """
    sheet = form.sheet
    rows = cut(sheet.request.wishes, number=form.page, size=ROWS)
    is_whole = len(sheet.wanted.wishes) <= MOST_LIVE or form.step == "all"
    wanted = sheet.wanted
    if not is_whole:
        shown = tuple(wish for wish in rows.items if wish.key not in sheet.removed)
        wanted = replace(wanted, wishes=shown)
    drafted = draft_plan(wanted, catalog=catalog, project=project) if wanted.wishes or wanted.given else None
    document = drafted.plan if drafted else None
    profiles = list(stacks.list_stacks(catalog))
    context = {
        "form": form,
        "request_of_plan": sheet.request,
        "catalog": catalog,
        "page": rows,
        "rows": list_wish_rows(sheet, rows.items, document),
        "required": list_required_rows(sheet, document),
        "is_whole": is_whole,
        "document": document,
        "lookup": drafted.lookup if drafted else None,
        "figures": count_figures(document) if document else None,
        "stack_picks": list_stack_picks(profiles, sheet.request.stack),
        "slot_fields": list_slot_fields(document.stack if document else None, sheet.request.slots),
        "project_types": list_project_types(
            profiles, catalog.project_type_mapping, sheet.request.project_type
        ),
        "modes": list(PlanMode),
        "leftovers": sheet.request.leftovers[:MOST_SHOWN],
    }
    if drafted and document:
        context |= {
            "questions": [view for view in describe_questions(document) if not _is_in_row(view.question.id)][
                :MOST_SHOWN
            ],
            "warnings": document.warnings[:MOST_SHOWN],
            "blocked": list_blocked(document),
            "unverified": 0 if document.mode is PlanMode.DRAFT else count_unverified(document),
        }
        if is_whole and form.show == "text":
            context |= {"text": render_markdown(write_markdown(drafted.document))}
        elif is_whole:
            context |= {"runs": describe_runs(document)[:MOST_RUNS]}
    return context


def _is_in_row(question_id: str) -> bool:
    """Which feature is meant is asked where the feature stands."""
    return question_id.startswith("which:")
