"""When a feature is done: statements that somebody can check, from what is known of such features. Pure."""

from collections.abc import Iterator
from functools import lru_cache

from catalog_app.planning.criteria_texts import CATEGORIES, TAGS, TOPICS, Topic
from catalog_app.planning.types import PlannedFeature

MAX_KNOWN = 3
_MAX_TOPICS = 2


def known_criteria(feature: PlannedFeature, *, most: int = MAX_KNOWN) -> tuple[str, ...]:
    """What is particular to such features, the most particular first. What was asked for is not in it."""
    return tuple(dict.fromkeys(_known(feature)))[:most]


def _known(feature: PlannedFeature) -> Iterator[str]:
    name = _name(feature)
    topics = _topics(feature.category, name)
    yield from (topic.texts[0] for topic in topics)
    for tag in feature.tags:
        yield from TAGS.get(tag, ())
    yield from CATEGORIES.get(feature.category, ())
    yield from (text for topic in topics for text in topic.texts[1:])


@lru_cache(maxsize=10_000)
def _topics(category: str, name: str) -> tuple[Topic, ...]:
    """Kept: a plan asks for those of a feature several times, and plans are made again and again."""
    return tuple(each for each in TOPICS if each.is_about(category, name))[:_MAX_TOPICS]


def _name(feature: PlannedFeature) -> str:
    """What the feature is called; of one that the catalog does not have, all that was said."""
    said = (feature.title, feature.slug.replace("-", " "), *(() if feature.slug else feature.quotes))
    return " ".join(said)
