"""The API's addresses, relative to its base (V7.md)."""

from django.urls import path

from runs_app.api import claims, phases, reports, runs, templates

app_name = "api"

PHASE = "runs/<str:run_id>/phases/<str:phase_id>"

urlpatterns = [
    path("projects", runs.ListProjects.as_view(), name="projects"),
    path("projects/<str:project_id>", runs.GetProject.as_view(), name="project"),
    path("project/issues/backlog", reports.Backlog.as_view(), name="backlog"),
    path("claim", claims.ClaimAnywhere.as_view(), name="claim-anywhere"),
    path("runs", runs.ListRuns.as_view(), name="runs"),
    path("runs/start", runs.StartRun.as_view(), name="start"),
    path("runs/<str:run_id>", runs.GetRun.as_view(), name="run"),
    path("runs/<str:run_id>/claim", claims.ClaimInRun.as_view(), name="claim"),
    path("runs/<str:run_id>/cancel", runs.CancelRun.as_view(), name="cancel"),
    path("runs/<str:run_id>/promote", runs.PromoteRun.as_view(), name="promote"),
    path(
        "runs/<str:run_id>/save_as_template", templates.SaveRunAsTemplate.as_view(), name="save-as-template"
    ),
    path("runs/<str:run_id>/events", runs.ListEvents.as_view(), name="events"),
    path("runs/<str:run_id>/incident", runs.GetIncident.as_view(), name="incident"),
    path("runs/<str:run_id>/integration_status", runs.IntegrationStatus.as_view(), name="integration-status"),
    path("runs/<str:run_id>/issues/index", reports.RunIssueIndex.as_view(), name="issue-index"),
    path(PHASE, phases.GetPhase.as_view(), name="phase"),
    path(f"{PHASE}/context", phases.GetContext.as_view(), name="context"),
    path(f"{PHASE}/claim/renew", phases.RenewClaim.as_view(), name="renew"),
    path(f"{PHASE}/claim/release", phases.ReleaseClaim.as_view(), name="release"),
    path(f"{PHASE}/update_status", phases.UpdateStatus.as_view(), name="update-status"),
    path(f"{PHASE}/record_issue", phases.RecordIssue.as_view(), name="record-issue"),
    path(f"{PHASE}/builder_result", phases.BuilderResult.as_view(), name="builder-result"),
    path(f"{PHASE}/auditor_request", phases.AuditorRequest.as_view(), name="auditor-request"),
    path(f"{PHASE}/auditor_result", phases.AuditorResult.as_view(), name="auditor-result"),
    path(f"{PHASE}/ci_result", phases.CiResult.as_view(), name="ci-result"),
    path(f"{PHASE}/attempts", phases.ListAttempts.as_view(), name="attempts"),
    path(f"{PHASE}/attempts/<int:number>/patch", phases.GetPatch.as_view(), name="patch"),
    path(f"{PHASE}/ci", phases.ListCiRuns.as_view(), name="ci"),
    path("ci/steps/<int:step_run_id>/log", phases.GetLog.as_view(), name="log"),
    path("metrics/runs", reports.RunMetrics.as_view(), name="metrics-runs"),
    path("metrics/tiers/<str:run_id>", reports.TierMetrics.as_view(), name="metrics-tiers"),
    path("reports/issue_backlog_summary", reports.BacklogSummary.as_view(), name="backlog-summary"),
    path("reports/budget_analysis", reports.BudgetAnalysis.as_view(), name="budget-analysis"),
    path("reports/run_summary/<str:run_id>", runs.RunReport.as_view(), name="run-summary"),
]
