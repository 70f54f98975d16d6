"""From where this installation fetches repositories, and where their mirrors are."""

from functools import cache

from django.conf import settings

from autopack.git.runner import GitRunner
from catalog_app.verification.mirror import Mirror, MirrorRules
from catalog_app.verification.places import DEFAULT_HOSTS, PlaceRules, check_place


def place_rules() -> PlaceRules:
    hosts = DEFAULT_HOSTS if settings.FETCH_HOSTS is None else frozenset(settings.FETCH_HOSTS)
    return PlaceRules(hosts=hosts, roots=tuple(settings.FETCH_ROOTS))


def open_mirror(place: str) -> Mirror:
    """The mirror of a place, fetched or not. Raises PlaceRefused."""
    rules = MirrorRules(
        max_bytes=settings.MIRROR_MAX_BYTES,
        timeout_seconds=settings.FETCH_TIMEOUT_SECONDS,
        proxy=settings.FETCH_PROXY,
    )
    return Mirror(settings.AUTOPACK_HOME / "mirrors", check_place(place, place_rules()), _runner(), rules)


@cache
def _runner() -> GitRunner:
    # A mirror is a cache: nothing is lost if the power fails.
    return GitRunner(is_durable=False)
