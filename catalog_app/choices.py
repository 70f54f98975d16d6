"""States and kinds of the catalog, without Django so that the pure cores can use them.

Each member has a `label` and a badge `colour` (a Tabler colour name). Groups of states are methods of the
enum that owns them.
"""

from typing import Self

from autopack.choices import Choice


class CatalogChoice(Choice):
    """A stored value of this app, with the label and colour that people see."""

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.value, "secondary")


_COLOURS = {
    "allowed": "green",
    "review": "yellow",
    "denied": "red",
    "own": "blue",
}


class LicenseDecision(CatalogChoice):
    """What a policy says of a licence, from the mildest to the strictest."""

    ALLOWED = "allowed"
    REVIEW = "review"
    DENIED = "denied"

    @property
    def label(self) -> str:
        return "Needs review" if self is LicenseDecision.REVIEW else super().label

    @property
    def strictness(self) -> int:
        """0 for allowed, growing. The order of the members; their values are text and sort as text."""
        return list(LicenseDecision).index(self)

    @classmethod
    def strictest(cls, *decisions: Self) -> Self:
        return max(decisions, key=lambda decision: decision.strictness)

    @classmethod
    def mildest(cls, *decisions: Self) -> Self:
        return min(decisions, key=lambda decision: decision.strictness)


class Ownership(CatalogChoice):
    """Whose a repository is. Its licence is not asked of its own owner."""

    OWN = "own"
    THIRD_PARTY = "third_party"


class Use(CatalogChoice):
    """How a plan takes from a source: its files are copied, or it is installed and stays apart."""

    COPY = "copy"
    DEPENDENCY = "dependency"
