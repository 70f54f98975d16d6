"""From where this installation fetches repositories, where their mirrors are, and what reads licences."""

import shutil
from functools import cache
from pathlib import Path

from django.conf import settings

from autopack.git.runner import GitRunner
from catalog_app.verification.detection import LicenseDetector, TemplateDetector
from catalog_app.verification.mirror import Mirror, MirrorRules
from catalog_app.verification.places import DEFAULT_HOSTS, PlaceRules, check_place
from catalog_app.verification.scancode import ScanCode, SecondOpinion


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
    return Mirror(mirrors_root(), check_place(place, place_rules()), _runner(), rules)


def mirrors_root() -> Path:
    root: Path = settings.AUTOPACK_HOME / "mirrors"
    return root


def get_detector() -> LicenseDetector:
    """What reads licence texts here: with ScanCode as a second opinion where it is installed."""
    first = TemplateDetector()
    executable = shutil.which(settings.SCANCODE) if settings.SCANCODE else None
    return SecondOpinion(first, ScanCode(Path(executable))) if executable else first


@cache
def _runner() -> GitRunner:
    # A mirror is a cache: nothing is lost if the power fails.
    return GitRunner(is_durable=False)
