"""Have the worker verify sources, and say what came of it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import CommandError
from django.db.models import QuerySet
from rich.console import Console

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from autopack.numbers import parse_count
from catalog_app.choices import SourceStatus
from catalog_app.errors import FeatureNotFound, SourceNotFound
from catalog_app.management.following import follow_scans, print_refusals, print_sources
from catalog_app.models import FeatureCatalog, FeatureSource
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.verifying import request_scans

_NOT_VERIFIED = 1
_REFUSED = 2
_INTERRUPTED = 130


class Command(LeanCommand):
    help = (
        "Verify sources: fetch the repository, find the licence at its paths, measure. A source is named by "
        "its number, by feature/repository, or with all others by its feature. Exit status: 0 all verified "
        "(without --wait: all waiting), 1 something is not verified, 2 something could not be asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("targets", nargs="*", metavar="SOURCE|FEATURE")
        parser.add_argument("--all", action="store_true", help="every source of the catalog")
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"({DEFAULT_CATALOG})")
        parser.add_argument(
            "--from", dest="place", default="", metavar="PLACE", help="fetch from there instead, this once"
        )
        parser.add_argument(
            "--at", dest="revision", default="", metavar="REVISION", help="move the pin to this"
        )
        parser.add_argument("--repin", action="store_true", help="move the pin to the head of the branch")
        parser.add_argument("--reason", default="", help="why, for the history")
        parser.add_argument("--wait", action="store_true", help="show the progress until all have ended")

    def handle(self, *_: Any, **options: Any) -> None:
        # Lines are rich's business, a progress bar has none.
        self.stdout.ending = ""
        console = Console(file=cast(IO[str], self.stdout), highlight=False)
        try:
            sources = _find_sources(options)
            requested = request_scans(
                sources,
                actor=system_actor("verify command"),
                reason=options["reason"],
                fetch_from=_place(options["place"]),
                revision=options["revision"],
                is_repin=options["repin"],
            )
        except AutopackError as error:
            raise CommandError(error.detail, returncode=_REFUSED) from error
        print_refusals(requested.refused, console)
        if options["wait"]:
            self._wait(requested.scans, console)
        elif requested.scans:
            console.print(f"{len(requested.scans)} of {len(sources)} wait for the worker.")
        if requested.refused:
            count = len(requested.refused)
            raise CommandError(f"{count} of {len(sources)} could not be asked for.", returncode=_REFUSED)

    def _wait(self, scans: Sequence[Any], console: Console) -> None:
        try:
            follow_scans([scan.pk for scan in scans], console)
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped waiting. The scans go on; the admin can cancel them.", returncode=_INTERRUPTED
            ) from None
        statuses = print_sources([scan.pk for scan in scans], console)
        if any(status != SourceStatus.VERIFIED for status in statuses):
            raise CommandError("Not everything is verified.", returncode=_NOT_VERIFIED)


def _place(given: str) -> str:
    """Paths are relative to where the command runs; the worker runs elsewhere."""
    is_path = given and "://" not in given and (given.startswith(("/", ".", "~")) or Path(given).exists())
    return str(Path(given).expanduser().absolute()) if is_path else given


def _find_sources(options: dict[str, Any]) -> list[FeatureSource]:
    targets: list[str] = options["targets"]
    if options["all"] == bool(targets):
        raise CommandError("Say which sources, or --all.", returncode=_REFUSED)
    catalog = get_catalog(options["catalog"])
    active = FeatureSource.objects.active().filter(feature__catalog=catalog).select_related("repo", "feature")
    found = list(active) if options["all"] else _by_targets(targets, active, catalog)
    if options["place"] and len({source.repo_id for source in found}) > 1:
        raise CommandError(
            "--from is one repository's place; the sources named are of several.", returncode=_REFUSED
        )
    if options["all"] and (options["revision"] or options["repin"]):
        raise CommandError("Pins are moved for sources that are named, not for --all.", returncode=_REFUSED)
    return found


def _by_targets(
    targets: Sequence[str], active: QuerySet[FeatureSource], catalog: FeatureCatalog
) -> list[FeatureSource]:
    found: dict[int, FeatureSource] = {}
    for target in targets:
        for source in _by_target(target, active, catalog):
            found.setdefault(source.pk, source)
    return list(found.values())


def _by_target(target: str, active: QuerySet[FeatureSource], catalog: FeatureCatalog) -> list[FeatureSource]:
    feature, slash, repo = target.partition("/")
    if not slash and (number := parse_count(target)) is not None:
        found = list(active.filter(pk=number))
        if not found:
            raise SourceNotFound(f"Catalog {catalog.slug} has no active source {target}.")
        return found
    of_feature = active.filter(feature__slug=feature)
    found = list(of_feature.filter(repo__repo_id=repo) if slash else of_feature)
    if found:
        return found
    if slash:
        raise SourceNotFound(f"Feature {feature} has no active source in a repository {repo!r}.")
    raise FeatureNotFound(f"Catalog {catalog.slug} has no feature {feature!r} with an active source.")
