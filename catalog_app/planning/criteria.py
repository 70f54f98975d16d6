"""When a feature is done: statements that somebody can check, from what is known of such features. Pure."""

from collections.abc import Iterator

from catalog_app.planning.criteria_texts import CATEGORIES, TAGS, TOPICS
from catalog_app.planning.types import PlannedFeature

MAX_KNOWN = 3
_MAX_TOPICS = 2


def known_criteria(feature: PlannedFeature, *, most: int = MAX_KNOWN) -> tuple[str, ...]:
    """What is particular to such features, the most particular first. What was asked for is not in it."""
    return tuple(dict.fromkeys(_known(feature)))[:most]


def _known(feature: PlannedFeature) -> Iterator[str]:
    name = _name(feature)
    topics = [each for each in TOPICS if each.is_about(feature.category, name)][:_MAX_TOPICS]
    yield from (topic.texts[0] for topic in topics)
    for tag in feature.tags:
        yield from TAGS.get(tag, ())
    yield from CATEGORIES.get(feature.category, ())
    yield from (text for topic in topics for text in topic.texts[1:])


def _name(feature: PlannedFeature) -> str:
    """What the feature is called; of one that the catalog does not have, all that was said."""
    said = (feature.title, feature.slug.replace("-", " "), *(() if feature.slug else feature.quotes))
    return " ".join(said)
