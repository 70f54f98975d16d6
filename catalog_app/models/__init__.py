"""The catalog. `catalog_app.services` are the only writers; nothing is ever deleted, only retired."""

from catalog_app.models.catalogs import FeatureCatalog, LicensePolicy
from catalog_app.models.curation import CurationCandidate, CurationRun
from catalog_app.models.features import Feature, FeatureCombination, FeatureSource
from catalog_app.models.lookup import FeatureVectors, LookupIndex
from catalog_app.models.repos import SourceRepo
from catalog_app.models.scans import SourceScan
from catalog_app.models.stacks import PreferredRepo, StackProfile

__all__ = [
    "CurationCandidate",
    "CurationRun",
    "Feature",
    "FeatureCatalog",
    "FeatureCombination",
    "FeatureSource",
    "FeatureVectors",
    "LicensePolicy",
    "LookupIndex",
    "PreferredRepo",
    "SourceRepo",
    "SourceScan",
    "StackProfile",
]
