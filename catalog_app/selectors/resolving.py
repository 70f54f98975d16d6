"""What lookup says of the wishes and vetoes that name no feature."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_app.choices import LookupBand
from catalog_app.lookup.results import LookupState
from catalog_app.models import FeatureCatalog
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Resolution


@dataclass(frozen=True, slots=True)
class Resolved:
    """`resolutions` by the key of the wish or veto. `engine` and `state` are those of the lookup; "" and None
    where nothing had to be looked up."""

    resolutions: Mapping[str, Resolution]
    engine: str = ""
    state: LookupState | None = None

    @property
    def slugs(self) -> set[str]:
        """Every feature that could be meant."""
        return {match.slug for found in self.resolutions.values() for match in found.matches}


def resolve(catalog: FeatureCatalog, request: PlanRequest) -> Resolved:  # noqa: ARG001
    """Look up what names no feature, in one go."""
    wanted = [wish.key for wish in request.wishes if not wish.slug]
    wanted += [veto.key for veto in request.vetoes if not veto.slug]
    return Resolved(dict.fromkeys(wanted, Resolution(LookupBand.NONE, reason="It was not looked up.")))
