"""How well a source fits the chosen stack beyond whether it may be used there. Pure.

A source that the catalog ties to no stack is a service, a tool or a whole application (catalog/README.md).
"""

from catalog_app.choices import Ownership
from catalog_app.planning.admission import stacks_of
from catalog_app.planning.mentions import split_values
from catalog_app.planning.snapshot import FeatureFacts, SourceFacts, StackFacts
from catalog_app.planning.tiers import STANDALONE

_ON_OWN_DATA = frozenset(("accounts", "auth", "commerce", "community", "messaging", "payments", "search"))
"""Categories of features that work on an application's own users, orders, money and records."""


def slot_of(source: SourceFacts, stack: StackFacts) -> str:
    """The slot of the stack that the source's repository is; "" for none."""
    name = source.repo_id.casefold()
    return next((slot for slot, value in stack.slots.items() if name in split_values(value)), "")


def why_not_unasked(feature: FeatureFacts, source: SourceFacts, stack: StackFacts | None) -> str:
    """Why a plan does not take a source by itself that it may take, "" where it does: who pins it has it.

    What is a library for some stack works on the application's own data. A product that does the same for any
    stack would keep a second copy of them, in a second system to run.
    """
    if stack is None or STANDALONE in feature.tags or feature.category not in _ON_OWN_DATA:
        return ""
    if stacks_of(feature, source) or source.ownership is not Ownership.THIRD_PARTY:
        return ""
    if source.repo_id in stack.preferred_repos or slot_of(source, stack):
        return ""
    if not any(other.compatible_stacks for other in feature.sources):
        return ""
    return (
        "It is tied to no stack: it would run beside the application, with a copy of its data. "
        "Pin it to take it all the same."
    )
