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


class PlanNotFound(NotFound):
    code = "plan_not_found"


class PlanVersionNotFound(NotFound):
    code = "plan_version_not_found"


class TemplateNotFound(NotFound):
    code = "template_not_found"


class InvalidPlanRequest(Refused):
    """What was asked for cannot be planned as it is; `errors` are all reasons, with pointers."""

    code = "invalid_plan_request"


class PlanExists(WrongState):
    """The id is taken by a plan of another request."""

    code = "plan_exists"


class PlanConflict(WrongState):
    """Somebody else has changed the plan since; `version` is the one that it has now."""

    code = "plan_version_conflict"


class PlanArchived(WrongState):
    code = "plan_archived"


class QuestionsOpen(WrongState):
    """The plan has questions that want an answer first; `questions` lists them."""

    code = "questions_open"


class PlanBlocked(WrongState):
    """Sources have to be verified first; `errors` name them."""

    code = "plan_blocked"


class PlanOutdated(WrongState):
    """The catalog does not say any more what the plan was made from; `errors` say why, revising mends it."""

    code = "plan_outdated"


class PlanChanged(WrongState):
    """Planned anew, the plan would be another one; `diff` says what changes."""

    code = "plan_changed"


class TemplateExists(WrongState):
    """The id is taken by a template of something else."""

    code = "template_exists"


class TemplateConflict(WrongState):
    """Somebody else has changed the template since; `version` is the one that it has now."""

    code = "template_version_conflict"


class TemplateArchived(WrongState):
    code = "template_archived"


class InvalidTemplate(Refused):
    """Files of templates have problems; `errors` are all of them with their lines, and nothing was kept."""

    code = "invalid_template"


class DeltaUnclear(Refused):
    """Part of a change that was said in words may mean several things, or nothing; `errors` say which."""

    code = "delta_unclear"
