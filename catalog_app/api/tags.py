"""Entity tags. One tells exactly what an answer was made from, so it is known before the rows are read.

A tag has two parts, as in `"5f0c….91ab…"`: what the one thing itself is, and everything else that its answer
shows (the catalog's state, the query). If-None-Match compares all of it, If-Match the first part alone:
a change elsewhere in the catalog is not in the way of a curator.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from rest_framework.request import Request

from autopack.errors import PreconditionFailed
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    LicensePolicy,
    Plan,
    SourceRepo,
    SourceScan,
    StackProfile,
)

ANSWERS_FORM = 1
"""Goes up whenever answers get another form, so that no client keeps an old one."""

_PART_LENGTH = 20

# Exact, unlike the latest time of change: transactions on different catalogs commit in any order.
_REPOS_DIGEST = """
SELECT coalesce(md5(string_agg(id || ' ' || extract(epoch FROM updated_at), ',' ORDER BY id)), '')
FROM catalog_app_sourcerepo
"""


def make_tag(request: Request, own: str, *others: object, path: str = "") -> str:
    """The tag of the answer to this request, or to a GET of another path with its query. `own` is the part
    of the thing itself."""
    query = sorted((name, value) for name, values in request.query_params.lists() for value in values)
    # Pages link to each other by whole addresses.
    asked = (request.scheme, request.get_host(), path or request.path, query)
    return f'"{own}.{_part(ANSWERS_FORM, asked, *others)}"'


def state_of(catalog: FeatureCatalog) -> tuple[Any, ...]:
    """All that answers show of a catalog's contents; `sealing.changing` moves it with every change."""
    return (catalog.pk, catalog.version, catalog.digest, catalog.updated_at)


def own_part(thing: object) -> str:
    """The part of one thing: what curators say of it, and what is known of it."""
    match thing:
        case Feature():
            return _part("feature", thing.pk, thing.digest, thing.retired_at)
        case StackProfile() | FeatureCombination() | FeatureSource() | SourceRepo() | LicensePolicy():
            return _part(type(thing).__name__, thing.pk, thing.updated_at)
        case FeatureCatalog():
            return _part("catalog", *state_of(thing))
        case Plan():
            return _part("plan", thing.pk, thing.latest_version, thing.updated_at)
        case SourceScan():
            return _part("scan", *progress_of(thing))
    raise TypeError(f"no tag for a {type(thing).__name__}")


def list_part() -> str:
    """The first part of lists and of what nobody writes."""
    return _part("list")


def progress_of(scan: SourceScan | None) -> tuple[Any, ...]:
    """What changes about a scan while it runs."""
    if scan is None:
        return ()
    return (
        scan.pk,
        scan.state,
        scan.step,
        scan.progress_percent,
        scan.times_started,
        scan.is_cancel_requested,
        scan.heartbeat_at,
        scan.finished_at,
    )


def digest_repos() -> str:
    """The state of all repositories: those without a source move no catalog."""
    with connection.cursor() as cursor:
        cursor.execute(_REPOS_DIGEST)
        (digest,) = cursor.fetchone()
    return str(digest)


def times_of(things: Iterable[FeatureCatalog | LicensePolicy]) -> list[tuple[Any, ...]]:
    """The state of a few things, each with its time of change."""
    return [(thing.pk, thing.updated_at) for thing in things]


def is_known(request: Request, tag: str) -> bool:
    """Whether If-None-Match says that the caller has this answer."""
    wanted = _split(request.headers.get("If-None-Match", ""))
    return "*" in wanted or tag in {given.removeprefix("W/") for given in wanted}


def ensure_current(request: Request, own: str) -> None:
    """Raises PreconditionFailed unless If-Match, where it is given, names the thing as it is.

    `own` is empty where there is no such thing. Weak tags match nothing (RFC 9110).
    """
    wanted = _split(request.headers.get("If-Match", ""))
    if not wanted or (own and ("*" in wanted or any(given.startswith(f'"{own}.') for given in wanted))):
        return
    raise PreconditionFailed(
        "It is not any more what you have seen. Get it anew, and decide again."
        if own
        else "There is no such thing any more, or not yet."
    )


def ensure_may_exist(request: Request) -> None:
    """Raises PreconditionFailed where something that exists is to be made anew: `If-None-Match: *`."""
    if "*" in _split(request.headers.get("If-None-Match", "")):
        raise PreconditionFailed("It exists already. Get it, and decide whether to change it.")


def _split(header: str) -> list[str]:
    """Our tags hold neither commas nor quotes; whatever does is somebody else's and matches nothing."""
    return [given.strip() for given in header.split(",") if given.strip()]


def _part(*values: object) -> str:
    text = json.dumps(values, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_PART_LENGTH]
