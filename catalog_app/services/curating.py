"""Curation runs: started from a list, cancelled, tried again, and closed once every candidate is decided.

Nothing of a run is part of a catalog until `accepting` makes it one.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import Refused, WrongState
from catalog_app.choices import CandidateState, CurationState
from catalog_app.curation.intake import Lead, read_intake
from catalog_app.errors import CandidateNotFound, CurationRunNotFound
from catalog_app.models import CurationCandidate, CurationRun, FeatureCatalog
from catalog_app.models.curation import MOST_STARTS
from catalog_app.services.fetching import place_rules
from catalog_app.services.queue import defer_survey
from catalog_app.services.recording import ensure_reason, signature
from catalog_app.verification.errors import CredentialsInUrl, MalformedPlace, PlaceRefused
from catalog_app.verification.places import ANY_PUBLIC_HOST, PlaceRules, check_place, url_key

_MAX_TITLE = 200


def start_curation_run(catalog: FeatureCatalog, text: str, *, title: str, actor: Actor) -> CurationRun:
    """Have every repository of a pasted list, or of GitHub's search as JSON, looked at by the worker.

    Raises Refused (`invalid_curation_list`); its errors name every line or element that is not acceptable.
    """
    intake = read_intake(text)
    rules = place_rules()
    problems = [{"code": p.code, "place": p.place, "detail": p.detail} for p in intake.problems]
    problems += [problem for lead in intake.leads for problem in _complaints(lead, rules)]
    name = " ".join(title.split())
    if not 0 < len(name) <= _MAX_TITLE:
        detail = f"Give the run a title of 1 to {_MAX_TITLE} characters."
        problems.append({"code": "invalid_title", "place": "title", "detail": detail})
    if problems:
        first, more = problems[0], len(problems) - 1
        where = f"{first['place']}: " if first["place"] else ""
        raise Refused(
            f"The list is not acceptable: {where}{first['detail']}" + (f" And {more} more." if more else ""),
            code="invalid_curation_list",
            errors=problems,
        )
    with transaction.atomic():
        run = CurationRun.objects.create(
            catalog=catalog, title=name, origin=intake.origin.value, requested_by=signature(actor)
        )
        candidates = CurationCandidate.objects.bulk_create(
            CurationCandidate(
                run=run,
                position=position,
                url=lead.url,
                url_key=url_key(lead.url),
                fetch_from=lead.fetch_from,
                facts=dict(lead.facts),
            )
            for position, lead in enumerate(intake.leads, start=1)
        )
        for candidate in candidates:
            defer_survey(candidate)
    return run


def cancel_curation_run(run: CurationRun, *, actor: Actor, reason: str) -> CurationRun:
    """Stop looking, and leave undecided what is undecided. What was accepted stays in the catalog.

    A worker that is at it notices within seconds. Raises ReasonRequired; WrongState for a closed run.
    """
    why = ensure_reason(reason, "cancellation")
    with transaction.atomic():
        locked = lock_curation_run(run.pk)
        if locked.state == CurationState.CANCELLED.value:
            return locked
        if locked.state == CurationState.CLOSED.value:
            raise WrongState("Every candidate of the run has been decided.", state=locked.state, allowed=[])
        open_states = [*CandidateState.live(), *CandidateState.decidable()]
        locked.candidates.filter(state__in=[state.value for state in open_states]).update(
            state=CandidateState.CANCELLED.value, step=""
        )
        locked.state = CurationState.CANCELLED.value
        locked.cancelled_by, locked.cancel_reason = signature(actor), why
        locked.finished_at = timezone.now()
        locked.save(update_fields=["state", "cancelled_by", "cancel_reason", "finished_at"])
    return locked


def retry_candidate(candidate: CurationCandidate) -> CurationCandidate:
    """Have a repository looked at again that could not be, or has changed since. What was found stays until
    then. Raises WrongState for what is being looked at or decided."""
    with transaction.atomic():
        run = lock_curation_run(candidate.run_id)
        (locked,) = lock_candidates(run, [candidate.pk])
        if CandidateState(locked.state) not in CandidateState.decidable():
            raise WrongState(
                f"{locked.url} is {CandidateState(locked.state).words_inside}.",
                state=locked.state,
                allowed=[],
            )
        locked.state = CandidateState.QUEUED.value
        locked.step, locked.progress_percent = "", 0
        locked.give_up_after = locked.times_started + MOST_STARTS
        locked.save(update_fields=["state", "step", "progress_percent", "give_up_after"])
        defer_survey(locked)
        settle_curation_run(run)
    return locked


def settle_curation_run(run: CurationRun) -> None:
    """Bring a locked run's state in line with its candidates'."""
    states = set(run.candidates.values_list("state", flat=True).distinct())
    if run.state == CurationState.CANCELLED.value:
        return
    if states & set(CandidateState.live()):
        state = CurationState.SCANNING
    elif states & set(CandidateState.decidable()):
        state = CurationState.READY
    else:
        state = CurationState.CLOSED
    if run.state != state.value:
        run.state = state.value
        run.finished_at = timezone.now() if state is CurationState.CLOSED else None
        run.save(update_fields=["state", "finished_at"])


def lock_curation_run(run_pk: int) -> CurationRun:
    """Raises CurationRunNotFound."""
    runs = CurationRun.objects.select_for_update(of=("self",)).select_related("catalog__license_policy")
    run = runs.filter(pk=run_pk).first()
    if run is None:
        raise CurationRunNotFound(f"There is no curation run {run_pk}.")
    return run


def lock_candidates(run: CurationRun, pks: list[int]) -> list[CurationCandidate]:
    """Candidates of the run, in its order. Raises CandidateNotFound, naming those that it does not have."""
    found = list(run.candidates.select_for_update().filter(pk__in=pks).order_by("position"))
    missing = sorted(set(pks) - {candidate.pk for candidate in found})
    if missing:
        listed = ", ".join(str(pk) for pk in missing)
        raise CandidateNotFound(f"Curation run {run.pk} has no candidate {listed}.")
    return found


def _complaints(lead: Lead, rules: PlaceRules) -> list[dict[str, str]]:
    """What is wrong with where a repository is, as Autopack is set up."""
    try:
        _ensure_address(lead.url, rules)
        check_place(lead.fetch_from or lead.url, rules)
    except PlaceRefused as error:
        return [{"code": error.code, "place": lead.place, "detail": str(error)}]
    if url_key(lead.url):
        return []
    detail = f"{lead.url} is not the address of one repository."
    return [{"code": "no_repository", "place": lead.place, "detail": detail}]


def _ensure_address(url: str, rules: PlaceRules) -> None:
    """An address need not be fetched from to be kept and shown. Raises MalformedPlace, CredentialsInUrl."""
    try:
        check_place(url, replace(rules, hosts=rules.hosts | {ANY_PUBLIC_HOST}))
    except (MalformedPlace, CredentialsInUrl):
        raise
    except PlaceRefused:
        pass
