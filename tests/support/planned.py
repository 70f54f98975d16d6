"""A catalog to plan from, and plans made of it, for tests of what comes after planning."""

from decimal import Decimal

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceScan
from tests.support import catalog_factories as make
from tests.support.catalog_factories import START

COMMIT = "c" * 40


def make_catalog() -> FeatureCatalog:
    """One stack; login and teams, each with a declared source, and search without one."""
    catalog = make.CatalogFactory.create(digest="d" * 64, version=1)
    make.StackFactory.create(catalog=catalog, slug="web", project_types=["web_app"])
    login = _feature(catalog, "login", "auth")
    make.SourceFactory.create(feature=login, repo=make.RepoFactory.create(repo_id="auth-kit"), paths=["auth"])
    teams = _feature(catalog, "teams", "collaboration", requires=["login"])
    make.SourceFactory.create(feature=teams, repo=make.RepoFactory.create(repo_id="team-kit"))
    _feature(catalog, "search", "search")
    return catalog


def _feature(catalog: FeatureCatalog, slug: str, category: str, requires: list[str] | None = None) -> Feature:
    return make.FeatureFactory.create(catalog=catalog, slug=slug, category=category, requires=requires or [])


def verify(source: FeatureSource, *, commit: str = COMMIT, license: str = "MIT") -> None:
    """As a scan would leave the source."""
    scan = SourceScan.objects.live().filter(source=source).first() or SourceScan(
        source=source, requested_by="ada (user:1)"
    )
    scan.state, scan.outcome = ScanState.DONE.value, SourceStatus.VERIFIED.value
    scan.commit, scan.finished_at = commit, START
    scan.save()
    source.status = SourceStatus.VERIFIED.value
    source.pinned_commit, source.effective_license, source.last_scan = commit, license, scan
    source.verified_at, source.quality_score = START, Decimal("0.8")
    source.save()


def whitelist(source: FeatureSource) -> None:
    source.repo.is_whitelisted = True
    source.repo.save()


def source_of(slug: str) -> FeatureSource:
    return FeatureSource.objects.select_related("repo", "feature").get(feature__slug=slug)
