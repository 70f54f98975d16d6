"""The admin for curators. It reads by querysets and writes by `catalog_app.services` alone."""

from catalog_app.admin import catalogs, curation, features, repos, scans, sources, stacks

__all__ = ["catalogs", "curation", "features", "repos", "scans", "sources", "stacks"]
