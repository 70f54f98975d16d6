"""What a finished run is worth: its debt, and whether it may be promoted (v7 §10)."""

from typing import Any

from runs_app.choices import Cleanliness, DebtStatus, PhaseState
from runs_app.models import Run, Snapshot


def list_quality_obstacles(run: Run) -> list[dict[str, Any]]:
    """Why what a successful run made may not be promoted: something untested, left out or unclean."""
    obstacles = []
    is_untested = Snapshot.objects.filter(phase__run=run, is_tested=False).exists()
    if is_untested or not run.is_ci_configured:
        obstacles.append({"code": "not_tested", "detail": "No CI configured: some commits are untested."})
    skipped = list(run.phases.filter(state=PhaseState.SKIPPED).values_list("phase_id", flat=True))
    if skipped:
        obstacles.append({"code": "phase_skipped", "detail": f"Phases skipped: {', '.join(skipped)}."})
    unclean = list(run.tiers.filter(cleanliness=Cleanliness.NOT_CLEAN).values_list("tier_id", flat=True))
    if unclean:
        obstacles.append({"code": "tier_not_clean", "detail": f"Tiers not clean: {', '.join(unclean)}."})
    return obstacles


def assess_debt(run: Run) -> DebtStatus:
    if run.major_issues_count:
        return DebtStatus.MAJOR
    return DebtStatus.MINOR if run.minor_issues_count else DebtStatus.NONE
