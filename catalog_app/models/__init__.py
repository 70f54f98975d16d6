"""The catalog. `catalog_app.services` are the only writers; nothing is ever deleted, only retired."""

from catalog_app.models.archiving import ArchiveEvent
from catalog_app.models.catalogs import FeatureCatalog, LicensePolicy
from catalog_app.models.curation import CurationCandidate, CurationRun
from catalog_app.models.features import Feature, FeatureCombination, FeatureSource
from catalog_app.models.lookup import FeatureVectors, LookupIndex
from catalog_app.models.outcomes import OutcomeSnapshot, ReuseOutcome, RunOutcome
from catalog_app.models.plans import Plan, PlanVersion
from catalog_app.models.repos import SourceRepo
from catalog_app.models.scans import SourceScan
from catalog_app.models.stacks import PreferredRepo, StackProfile
from catalog_app.models.templates import PlanTemplate, TemplateVersion

__all__ = [
    "ArchiveEvent",
    "CurationCandidate",
    "CurationRun",
    "Feature",
    "FeatureCatalog",
    "FeatureCombination",
    "FeatureSource",
    "FeatureVectors",
    "LicensePolicy",
    "LookupIndex",
    "OutcomeSnapshot",
    "Plan",
    "PlanTemplate",
    "PlanVersion",
    "PreferredRepo",
    "ReuseOutcome",
    "RunOutcome",
    "SourceRepo",
    "SourceScan",
    "StackProfile",
    "TemplateVersion",
]
