"""A feature while a plan is being decided."""

from dataclasses import dataclass, field

from catalog_app.briefing.types import Pin, Place
from catalog_app.choices import FeatureOrigin, Strength
from catalog_app.planning.snapshot import FeatureFacts, Match
from catalog_app.planning.wording import shorten


@dataclass(slots=True)
class Item:
    """What is known of one wish, or of one feature that others require, so far.

    `same_as` is the item that is planned for both, or leads to it. `facts` None: nothing of the catalog is
    meant. `match_reason` says how the catalog's feature was found, or why none was. `left_out` says why it is
    not planned after all. `required_by` are slugs. What was said twice may be in its lists twice.
    """

    key: str
    quotes: list[str]
    strength: Strength
    slug: str = ""
    facts: FeatureFacts | None = None
    origin: FeatureOrigin = FeatureOrigin.UNMATCHED
    confidence: float = 0.0
    match_reason: str = ""
    matches: tuple[Match, ...] = ()
    constraints: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    pin: Pin | None = None
    is_built_new: bool = False
    same_as: "Item | None" = None
    left_out: str = ""
    required_by: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.same_as is None and not self.left_out

    @property
    def head(self) -> "Item":
        """The item that is planned for this one: itself, if nothing else."""
        item = self
        while item.same_as is not None:
            item = item.same_as
        return item

    @property
    def title(self) -> str:
        return self.facts.title if self.facts else shorten(self.quotes[0])

    @property
    def requires(self) -> tuple[str, ...]:
        return self.facts.requires if self.facts else ()
