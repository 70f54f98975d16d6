"""The admin for curators. It reads by querysets and writes by `catalog_app.services` alone."""

from catalog_app.admin import catalogs, features, repos, scans, sources, stacks

__all__ = ["catalogs", "features", "repos", "scans", "sources", "stacks"]
