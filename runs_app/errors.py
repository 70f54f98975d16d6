"""What can go wrong with runs, each with its stable code."""

from autopack.errors import Forbidden, NotFound, Refused, Unavailable, WrongState


class RunNotFound(NotFound):
    code = "run_not_found"


class PhaseNotFound(NotFound):
    code = "phase_not_found"


class AttemptNotFound(NotFound):
    code = "attempt_not_found"


class StepNotFound(NotFound):
    code = "ci_step_not_found"


class RunConflict(WrongState):
    """The run id is taken by a run with another request."""

    code = "run_id_conflict"


class BranchTaken(WrongState):
    """A branch of that name exists and is not this run's."""

    code = "branch_conflict"


class RepositoryProblem(WrongState):
    """The project's repository cannot be used. Carries `reason_code`."""

    code = "repository_unusable"


class PlanRefused(Refused):
    """The tiers and phases of a start do not make a plan."""

    code = "plan_refused"


class PlanRunNotReady(WrongState):
    """The part of a plan that is to be run cannot be started now."""

    code = "plan_run_not_ready"


class RunEnded(WrongState):
    code = "run_ended"


class RunNotSuccessful(WrongState):
    """A template is only made of a run that has succeeded."""

    code = "run_not_successful"


class PhaseComplete(WrongState):
    code = "phase_complete"


class PhaseNotReady(WrongState):
    """An earlier phase is still in work. Carries `retry_after_seconds`.

    `is_in_ci`: Autopack itself is at the phase just before, so the result may be held for a while.
    """

    code = "phase_not_ready"
    is_in_ci = False


class NotYourClaim(WrongState):
    code = "not_your_claim"


class LeaseExpired(WrongState):
    code = "lease_expired"


class IllegalChange(WrongState):
    """The transition table has no such step. Carries `state` and `allowed`."""

    code = "illegal_transition"


class GateRefused(Refused):
    """The patch was refused; `errors` has every reason with path and line."""

    code = "patch_refused"


class OverBudget(WrongState):
    """A cap of the run is used up."""

    code = "over_budget"


class IdempotencyKeyReused(Refused):
    """The key was used before with another body."""

    code = "idempotency_key_reused"


class CommitMismatch(WrongState):
    """A report names another commit than the candidate under test."""

    code = "commit_mismatch"


class CiIsLocal(Forbidden):
    """Results for this project come from Autopack's own runner."""

    code = "ci_is_local"


class NotPromotable(WrongState):
    """Carries `errors`: every condition that does not hold."""

    code = "not_promotable"


class GitUnavailable(Unavailable):
    """git did not do what was asked, for a reason that may pass."""

    code = "git_unavailable"
