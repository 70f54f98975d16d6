"""As much of a request as can be read again. Pure."""

from dataclasses import replace

from catalog_app.briefing.gathering import MAX_VETOES, MAX_WISHES, many_vetoes, many_wishes
from catalog_app.briefing.types import Leftover, Place, Veto, Wish
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.wishes import MAX_ENTRIES


def bound_request(request: PlanRequest) -> PlanRequest:
    """What is over the bounds of `read_request`, as where several texts come together, is left over. Of
    leftovers that are too many, the end is counted."""
    leftovers = (
        *request.leftovers,
        *(_leave_over(wish, many_wishes()) for wish in request.wishes[MAX_WISHES:]),
        *(_leave_over(veto, many_vetoes()) for veto in request.vetoes[MAX_VETOES:]),
    )
    if len(leftovers) > MAX_ENTRIES:
        rest = len(leftovers) - (MAX_ENTRIES - 1)
        counted = Leftover(f"{rest:,} more", f"more than {MAX_ENTRIES:,} things", Place())
        leftovers = (*leftovers[: MAX_ENTRIES - 1], counted)
    return replace(
        request,
        wishes=request.wishes[:MAX_WISHES],
        vetoes=request.vetoes[:MAX_VETOES],
        leftovers=leftovers,
    )


def _leave_over(said: Wish | Veto, why: str) -> Leftover:
    return Leftover(said.quote, why, said.places[0] if said.places else Place())
