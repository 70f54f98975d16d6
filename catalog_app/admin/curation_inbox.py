"""The inbox of one curation run: what it shows, and what its form does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.forms.utils import ErrorDict
from django.http import HttpRequest

from autopack.authentication import get_actor
from autopack.errors import AutopackError, NotFound, Refused, WrongState
from autopack.numbers import parse_count
from catalog_app.admin.curation_forms import CandidateForm, candidate_form
from catalog_app.choices import CandidateState, CurationState
from catalog_app.curation.drafts import Edits
from catalog_app.models import CurationCandidate, CurationRun
from catalog_app.presentation.candidates import CandidateRow, describe_candidates
from catalog_app.selectors.curation import CandidateCounts, counts_of, list_candidates
from catalog_app.selectors.features import list_categories
from catalog_app.services.accepting import CandidateDecision, decide_candidates, edit_candidate
from catalog_app.services.deciding import terms_of

PAGE_SIZE = 25
MOST_AT_ONCE = 500
_OPEN = (*CandidateState.live(), *CandidateState.decidable())


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    count: int
    is_chosen: bool


@dataclass(slots=True)
class Row:
    """A candidate with its form. `errors` are of what was sent, by field; the empty one is of all."""

    row: CandidateRow
    form: CandidateForm
    is_picked: bool = False
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def candidate(self) -> CurationCandidate:
        return self.row.candidate


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the form was not carried out, and what it said."""

    detail: str
    picked: frozenset[int]
    reason: str
    errors: Mapping[int, Mapping[str, Sequence[str]]]
    forms: Mapping[int, CandidateForm]


def describe(request: HttpRequest, run: CurationRun, refusal: Refusal | None) -> dict[str, Any]:
    """The context of the page, or of its update: then only the rows that the page has as live."""
    counts = counts_of(run)
    tab, words = _chosen_tab(request, run), request.GET.get("q", "").strip()
    found = list_candidates(run, states=_STATES_OF[tab], words=words)
    page: Page[CurationCandidate] | None = None
    if "live" in request.GET:
        shown = list(list_candidates(run).filter(pk__in=_numbers(request.GET["live"])))
    else:
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("p"))
        shown = list(page)
    rows = [
        _row(described, refusal)
        for described in describe_candidates(shown, terms_of(run.catalog.license_policy))
    ]
    return {
        "run": run,
        "state": CurationState(run.state),
        "counts": counts,
        "is_live": counts.live > 0,
        "is_open": run.state in (CurationState.SCANNING.value, CurationState.READY.value),
        "tabs": _tabs(counts, tab),
        "tab": tab,
        "words": words,
        "page": page,
        "rows": rows,
        "live_ids": ",".join(str(row.candidate.pk) for row in rows if row.row.is_live),
        "categories": list_categories(run.catalog) if page is not None else [],
        "decidable_count": found.decidable().count() if page is not None else 0,
        "refusal": refusal,
    }


def decide(request: HttpRequest, run: CurationRun) -> Refusal | None:
    """Carry out what the form says, and say so. None if it was."""
    picked, is_accepted = _read_choice(request, run)
    reason = request.POST.get("reason", "")
    forms = {pk: CandidateForm(request.POST, prefix=str(pk)) for pk in picked if f"{pk}-slug" in request.POST}
    wrong = {pk: form.errors for pk, form in forms.items() if is_accepted and not form.is_valid()}
    if not picked:
        detail = "Nothing is selected: tick the candidates that you decide about."
        return Refusal(detail, frozenset(), reason, {}, {})
    if wrong:
        errors = {pk: _texts(found) for pk, found in wrong.items()}
        return Refusal("Nothing was decided: see what is marked.", picked, reason, errors, forms)
    decisions = [
        CandidateDecision(
            pk, is_accepted, reason, forms[pk].edits() if is_accepted and pk in forms else Edits()
        )
        for pk in sorted(picked)
    ]
    try:
        decided = decide_candidates(run, decisions, actor=get_actor(request))
    except (Refused, WrongState, NotFound) as refusal:
        return Refusal(f"Nothing was decided. {refusal.detail}", picked, reason, _errors_of(refusal), forms)
    messages.success(request, _said(decided, is_accepted=is_accepted))
    return None


def edit(request: HttpRequest, candidate: CurationCandidate) -> dict[str, Any]:
    """Keep what was changed in a row. The context of what is to be said about it."""
    form = CandidateForm(request.POST, prefix=str(candidate.pk))
    errors: Mapping[str, Sequence[str]] = {}
    if form.is_valid():
        try:
            kept = edit_candidate(candidate, form.edits())
            candidate.edits = kept.edits
        except (Refused, WrongState) as refusal:
            errors = _errors_of(refusal).get(candidate.pk, {"": [refusal.detail]})
    else:
        errors = _texts(form.errors)
    row = CandidateRow(candidate, terms_of(candidate.run.catalog.license_policy))
    return {"row": Row(row, form, errors=errors), "is_kept": not errors}


_STATES_OF: Mapping[str, Sequence[CandidateState]] = {
    "open": _OPEN,
    "failed": (CandidateState.FAILED,),
    "accepted": (CandidateState.ACCEPTED,),
    "rejected": (CandidateState.REJECTED,),
    "all": (),
}


def _tabs(counts: CandidateCounts, chosen: str) -> list[Tab]:
    labels = {
        "open": ("To decide", counts.undecided + counts.live),
        "failed": ("Failed", counts.by_state[CandidateState.FAILED]),
        "accepted": ("Accepted", counts.accepted),
        "rejected": ("Rejected", counts.rejected),
        "all": ("All", counts.total),
    }
    return [Tab(name, label, count, name == chosen) for name, (label, count) in labels.items()]


def _chosen_tab(request: HttpRequest, run: CurationRun) -> str:
    wanted = request.GET.get("tab", "")
    if wanted in _STATES_OF:
        return wanted
    return "open" if run.state in (CurationState.SCANNING.value, CurationState.READY.value) else "all"


def _row(described: CandidateRow, refusal: Refusal | None) -> Row:
    pk = described.candidate.pk
    if refusal is None:
        return Row(described, candidate_form(described))
    form = refusal.forms.get(pk) or candidate_form(described)
    return Row(described, form, pk in refusal.picked, refusal.errors.get(pk, {}))


def _read_choice(request: HttpRequest, run: CurationRun) -> tuple[frozenset[int], bool]:
    """Which candidates, and whether they are accepted. A button of one row is for that row alone."""
    verb, _, only = request.POST.get("do", "").partition(":")
    if only:
        picked = _numbers(only)
    elif "across" in request.POST:
        tab, words = _chosen_tab(request, run), request.GET.get("q", "").strip()
        found = list_candidates(run, states=_STATES_OF[tab], words=words).decidable()
        picked = frozenset(found.values_list("pk", flat=True)[:MOST_AT_ONCE])
    else:
        picked = _numbers(",".join(request.POST.getlist("candidate")))
    return picked, verb == "accept"


def _texts(errors: ErrorDict) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in errors.items()}


def _errors_of(refusal: AutopackError) -> dict[int, dict[str, list[str]]]:
    """By candidate and field."""
    errors: dict[int, dict[str, list[str]]] = {}
    for error in refusal.errors:
        if "candidate" in error and error.get("field") != "reason":
            by_field = errors.setdefault(int(error["candidate"]), {})
            by_field.setdefault(str(error.get("field", "")), []).append(str(error["detail"]))
    return errors


def _said(decided: Sequence[CurationCandidate], *, is_accepted: bool) -> str:
    if not decided:
        return "That was decided before; nothing has changed."
    what = decided[0].url if len(decided) == 1 else f"{len(decided)} candidates"
    if not is_accepted:
        return f"Rejected: {what}."
    sources = [candidate.source for candidate in decided if candidate.source is not None]
    slugs = list(dict.fromkeys(source.feature.slug for source in sources))
    into = ", ".join(slugs[:3]) + (f" and {len(slugs) - 3} more" if len(slugs) > 3 else "")
    verb = "is" if len(decided) == 1 else "are"
    rest = "" if any(source.repo.is_whitelisted for source in sources) else ", not whitelisted yet"
    return f"Accepted: {what} {verb} in the catalog now ({into}){rest}."


def _numbers(text: str) -> frozenset[int]:
    return frozenset(number for part in text.split(",") if (number := parse_count(part)) is not None)
