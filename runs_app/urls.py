"""The dashboard, mounted under `/dashboard/`."""

from django.urls import path

from runs_app.views import actions, logs, overview, phases, projects, runs, starts

app_name = "runs"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("runs/", runs.run_list, name="run-list"),
    path("runs/<str:run_id>/", runs.run_detail, name="run"),
    path("runs/<str:run_id>/events/", runs.run_events, name="run-events"),
    path("runs/<str:run_id>/incident/", runs.run_incident, name="run-incident"),
    path("runs/<str:run_id>/cancel/", actions.run_cancel, name="run-cancel"),
    path("runs/<str:run_id>/promote/", actions.run_promote, name="run-promote"),
    path("runs/<str:run_id>/template/", actions.run_template, name="run-template"),
    path("runs/<str:run_id>/phases/<str:phase_id>/", phases.phase_detail, name="phase"),
    path(
        "runs/<str:run_id>/phases/<str:phase_id>/attempts/<int:number>/patch/",
        phases.phase_patch,
        name="phase-patch",
    ),
    path(
        "runs/<str:run_id>/phases/<str:phase_id>/attempts/<int:number>/raw.patch",
        phases.phase_patch_raw,
        name="phase-patch-raw",
    ),
    path("start/<str:plan_id>/", starts.plan_start, name="plan-start"),
    path("steps/<int:step_pk>/log/", logs.step_log, name="step-log"),
    path("steps/<int:step_pk>/raw.log", logs.step_log_raw, name="step-log-raw"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/<str:project_id>/", projects.project_detail, name="project"),
    path("projects/<str:project_id>/check/", actions.project_check, name="project-check"),
]
