"""The jobs of the catalog; each is queued if and only if the caller's rows commit."""

from autopack.queue import defer_once
from catalog_app.models import CurationCandidate
from catalog_app.services.fetching import place_rules
from catalog_app.verification.errors import PlaceRefused
from catalog_app.verification.mirror import mirror_name
from catalog_app.verification.places import check_place

SURVEY_CANDIDATE = "catalog_app.survey_candidate"
BUILD_INDEX = "catalog_app.build_index"


def defer_index(catalog_pk: int) -> bool:
    """Queue the look for texts without a vector. False: it is queued already."""
    name = f"lookup_index:{catalog_pk}"
    return defer_once(BUILD_INDEX, lock=name, queueing_lock=name, catalog_pk=catalog_pk)


def defer_survey(candidate: CurationCandidate) -> bool:
    """Queue the look at a candidate. False: it is queued already.

    Jobs of one repository go one after the other, scans of sources among them: they share its mirror. A
    place that is not allowed any more has none; the job says so.
    """
    try:
        place = check_place(candidate.fetch_from or candidate.url, place_rules())
    except PlaceRefused:
        lock = f"candidate:{candidate.pk}"
    else:
        lock = f"mirror:{mirror_name(place.key)}"
    queueing_lock = f"candidate:{candidate.pk}"
    return defer_once(SURVEY_CANDIDATE, lock=lock, queueing_lock=queueing_lock, candidate_pk=candidate.pk)
