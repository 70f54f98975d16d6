"""What can go wrong with the catalog, each with its stable code."""

from autopack.errors import NotFound, Refused, WrongState


class CatalogNotFound(NotFound):
    code = "catalog_not_found"


class FeatureNotFound(NotFound):
    code = "feature_not_found"


class SourceNotFound(NotFound):
    code = "source_not_found"


class StackNotFound(NotFound):
    code = "stack_not_found"


class CombinationNotFound(NotFound):
    code = "combination_not_found"


class RepoNotFound(NotFound):
    code = "repository_not_found"


class ScanNotFound(NotFound):
    code = "scan_not_found"


class PolicyNotFound(NotFound):
    code = "license_policy_not_found"


class CurationRunNotFound(NotFound):
    code = "curation_run_not_found"


class CandidateNotFound(NotFound):
    code = "curation_candidate_not_found"


class ReasonRequired(Refused):
    """Pin, status, whitelist and licence changes say why. `errors` name the fields."""

    code = "reason_required"


class InvalidCatalog(Refused):
    """What was to be imported or saved has problems; `errors` are all of them, and nothing was changed."""

    code = "invalid_catalog"


class InvalidPolicy(Refused):
    code = "invalid_license_policy"


class ScanRunning(WrongState):
    """The source is being scanned."""

    code = "scan_running"


class ScanOver(WrongState):
    """The scan has ended."""

    code = "scan_over"
