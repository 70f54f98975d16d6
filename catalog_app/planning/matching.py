"""Which feature of the catalog each wish means, and which wishes mean the same. Pure."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from catalog_app.briefing.types import Wish
from catalog_app.choices import FeatureOrigin, LookupBand, QuestionKind, Strength
from catalog_app.planning.items import Item
from catalog_app.planning.questions import BUILD_NEW, Asking, which_id
from catalog_app.planning.snapshot import Match, Resolution, Snapshot
from catalog_app.planning.spelling import Speller, did_you_mean
from catalog_app.planning.types import Option, PlanWarning, Question
from catalog_app.planning.wording import same_words, shorten

MOST_OPTIONS = 5


class Suggestions:
    """Slugs of the catalog that may be meant by one that it does not have."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._speller = Speller()

    def near(self, slug: str) -> tuple[str, ...]:
        return self._speller.nearest_few(slug, self._names) if slug else ()

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self._snapshot.known_slugs | set(self._snapshot.features))


def match_wishes(
    wishes: Sequence[Wish],
    snapshot: Snapshot,
    resolutions: Mapping[str, Resolution],
    asking: Asking,
    suggestions: Suggestions,
) -> tuple[list[Item], list[PlanWarning]]:
    """One item for each wish, in their order. Of those that mean the same feature the first is planned.

    What is certain is settled first, so that no guess takes a feature away from somebody who named it.
    """
    warnings: list[PlanWarning] = []
    items = [_start(wish) for wish in wishes]
    heads: dict[str, Item] = {}
    said: dict[str, Item] = {}
    undecided: list[Item] = []
    for wish, item in zip(wishes, items, strict=True):
        words = same_words(wish.quote)
        twin = item if wish.slug or not words else said.setdefault(words, item)
        if twin is not item:
            _merge(item, twin.head, warnings)
            continue
        if wish.slug:
            _name(item, wish, snapshot, suggestions, warnings)
        elif not _match(item, snapshot, resolutions.get(wish.key), asking):
            undecided.append(item)
            continue
        _head_or_merge(item, heads, warnings)
    for item in undecided:
        _ask_which(item, heads, snapshot, asking)
        _head_or_merge(item, heads, warnings)
    return items, warnings


def _start(wish: Wish) -> Item:
    return Item(
        key=wish.key,
        quotes=[wish.quote],
        strength=wish.strength,
        constraints=list(wish.constraints),
        places=list(wish.places),
        terms=list(wish.terms),
        pin=wish.pin,
        is_built_new=wish.build_new,
    )


def _name(
    item: Item, wish: Wish, snapshot: Snapshot, suggestions: Suggestions, warnings: list[PlanWarning]
) -> None:
    if wish.slug in snapshot.features:
        _settle(item, wish.slug, snapshot, FeatureOrigin.NAMED, 1.0, "Named in the request.")
        return
    text = f"The catalog has no feature {wish.slug}.{did_you_mean(*suggestions.near(wish.slug))}"
    item.match_reason = text
    warnings.append(PlanWarning("unknown_feature", text, (item.key,)))


def _match(item: Item, snapshot: Snapshot, resolution: Resolution | None, asking: Asking) -> bool:
    """False: it has to be asked."""
    known = (
        tuple(match for match in resolution.matches if match.slug in snapshot.features) if resolution else ()
    )
    item.matches = known
    answer = asking.hear(which_id(item.key))
    if answer in snapshot.features:
        _settle(item, answer or "", snapshot, FeatureOrigin.ANSWERED, 1.0, "Chosen in an answer.")
        return True
    if answer == BUILD_NEW:
        item.match_reason = "Chosen in an answer: none of the catalog's features is meant."
        item.origin = FeatureOrigin.ANSWERED
        return True
    if item.is_built_new:
        item.match_reason = "To be built new, as the request says."
        return answer is None
    if resolution is None or not known or resolution.band is LookupBand.NONE:
        reason = resolution.reason if resolution else ""
        item.match_reason = reason or "No feature of the catalog fits."
        return answer is None
    if resolution.band is LookupBand.MATCH and answer is None:
        best = known[0]
        reason = resolution.reason or "Lookup is sure of it."
        _settle(item, best.slug, snapshot, FeatureOrigin.MATCHED, best.confidence, reason)
        return True
    return False


def _ask_which(item: Item, heads: Mapping[str, Item], snapshot: Snapshot, asking: Asking) -> None:
    """The provisional answer is the likeliest: it may join what is planned already, or be built new."""
    shown = item.matches[:MOST_OPTIONS]
    likeliest = _likeliest(shown, heads)
    options = [
        Option(match.slug, match.title, _effect(match, heads.get(match.slug)), match.slug) for match in shown
    ]
    options.append(Option(BUILD_NEW, "Build it new", "None of these is meant; it is built for this project."))
    quote = shorten(item.quotes[0])
    text = f"Which feature is meant by “{quote}”?" if shown else f"Is “{quote}” to be built new?"
    question = Question(
        which_id(item.key),
        QuestionKind.WHICH_FEATURE,
        text,
        (item.key,),
        tuple(options),
        likeliest.slug if likeliest else BUILD_NEW,
    )
    asking.ask(question)
    if likeliest:
        reason = f"Most likely {likeliest.title}."
        _settle(item, likeliest.slug, snapshot, FeatureOrigin.MATCHED, likeliest.confidence, reason)
    else:
        item.match_reason = "It is built new."


def _likeliest(shown: Sequence[Match], heads: Mapping[str, Item]) -> Match | None:
    """None: it is likelier that none is meant. What is planned for another wish is meant again only if
    nothing else is about as likely."""
    if not shown or shown[0].confidence < 1 - sum(match.confidence for match in shown):
        return None
    free = next((match for match in shown if match.slug not in heads), None)
    return free if free and free.confidence >= shown[0].confidence / 2 else shown[0]


def _effect(match: Match, head: Item | None) -> str:
    parts = [f"Joins “{shorten(head.quotes[0])}”." if head else f"Plans {match.title}."]
    if match.instead:
        parts.append(match.instead)
    return " ".join(parts)


def _settle(
    item: Item, slug: str, snapshot: Snapshot, origin: FeatureOrigin, confidence: float, reason: str
) -> None:
    item.slug = slug
    item.facts = snapshot.features[slug]
    item.origin = origin
    item.confidence = round(confidence, 4)
    item.match_reason = reason


def _head_or_merge(item: Item, heads: dict[str, Item], warnings: list[PlanWarning]) -> None:
    head = heads.setdefault(item.slug, item) if item.slug else item
    if head is not item:
        _merge(item, head, warnings)


def _merge(item: Item, head: Item, warnings: list[PlanWarning]) -> None:
    item.same_as = head
    head.quotes += item.quotes
    head.constraints += item.constraints
    head.places += item.places
    head.terms += item.terms
    if item.strength is Strength.MUST:
        head.strength = Strength.MUST
    if item.is_built_new and not head.is_built_new and head.pin is None:
        head.is_built_new = True
    elif item.is_built_new != head.is_built_new and (item.pin or head.pin):
        warnings.append(_contradiction(head, item, "one is pinned to a source, the other is to be built new"))
    if item.pin and head.pin is None and not head.is_built_new:
        head.pin = item.pin
    elif item.pin and head.pin and item.pin != head.pin:
        warnings.append(_contradiction(head, item, "they are pinned to different sources"))


def _contradiction(head: Item, item: Item, what: str) -> PlanWarning:
    text = (
        f"“{shorten(head.quotes[0])}” and “{shorten(item.quotes[0])}” both mean {head.title}, and {what}. "
        f"The first counts."
    )
    return PlanWarning("contradictory_pins", text, (head.key, item.key))
