"""What is typed or pasted while a plan is put together: features, or what is to be otherwise."""

from dataclasses import replace

from autopack.models import Project
from catalog_app.briefing.deltas import Delta
from catalog_app.briefing.items import read_items
from catalog_app.briefing.reading import read_text
from catalog_app.briefing.types import Brief
from catalog_app.models import FeatureCatalog
from catalog_app.planning import worksheets
from catalog_app.planning.types import PlannedFeature
from catalog_app.planning.worded_changes import find_refused, may_change
from catalog_app.services.planning import draft_plan
from catalog_app.services.understanding import understand_delta, understand_line
from catalog_app.views.plan_board import MOST_LIVE
from catalog_app.views.plan_form import PlanForm

LAST_PAGE = 10**5


def take_line(form: PlanForm, *, catalog: FeatureCatalog, project: Project | None) -> PlanForm:
    """What is unclear stays in the line."""
    words = _Words(form, catalog, project)
    changed = words.take_change(form.line)
    if changed is None:
        brief, problems = read_items([form.line])
        unclear = tuple(f"“{form.line}” {problem.message}." for problem in problems)
        changed = replace(form, unclear=unclear) if unclear else words.take_brief(brief)
    return changed if changed.unclear else replace(changed, line="", page=LAST_PAGE)


def take_text(form: PlanForm, *, catalog: FeatureCatalog, project: Project | None) -> PlanForm:
    """The same of a text that was pasted."""
    words = _Words(form, catalog, project)
    changed = words.take_change(form.text)
    if changed is None:
        changed = words.take_brief(read_text(form.text))
    return changed if changed.unclear else replace(changed, text="", page=1)


class _Words:
    def __init__(self, form: PlanForm, catalog: FeatureCatalog, project: Project | None) -> None:
        self._form, self._catalog, self._project = form, catalog, project

    def take_change(self, text: str) -> PlanForm | None:
        """None: nothing of what is there is to be otherwise."""
        if not may_change(text):
            return None
        features = self._plan()
        said = understand_line(text, self._form.sheet.wanted, features, catalog=self._catalog)
        if said is None:
            return None
        changes = said.changes
        is_plain = not (changes.remove or changes.replace or changes.add or said.unclear)
        if is_plain:
            return None
        unclear = tuple(problem.message for problem in said.unclear)
        sheet = self._form.sheet if unclear else worksheets.change(self._form.sheet, changes, features)
        return replace(self._form, sheet=sheet, notes=() if unclear else said.notes, unclear=unclear)

    def take_brief(self, brief: Brief) -> PlanForm:
        """What is refused and was wanted before goes; the rest is added. Where it is
        not certain that something is meant which is there, it stays a veto."""
        form = self._form
        refused = find_refused(brief) if form.sheet.wanted.wishes else ()
        features = self._plan() if refused else ()
        for veto in refused:
            delta = Delta(remove=(veto,))
            said = understand_delta(delta, form.sheet.wanted, features, catalog=self._catalog)
            if said.changes.remove:
                form = replace(form, sheet=worksheets.change(form.sheet, said.changes, features))
                brief = replace(brief, vetoes=tuple(each for each in brief.vetoes if each != veto))
        return replace(form, sheet=worksheets.add_brief(form.sheet, brief))

    def _plan(self) -> tuple[PlannedFeature, ...]:
        """What the words are about, with what lookup has found for it; of very much, its own words do."""
        wanted = self._form.sheet.wanted
        if not wanted.wishes or len(wanted.wishes) > MOST_LIVE:
            return ()
        return draft_plan(wanted, catalog=self._catalog, project=self._project).plan.features
