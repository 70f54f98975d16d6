"""The addresses of plans, below `/api/v1/plans` alone: v7 clients know none."""

from django.urls import path

from catalog_app.api import plan_sources, plan_versions, plans

app_name = "plans_api"

PLAN = "/<str:plan_id>"

urlpatterns = [
    path("", plans.Plans.as_view(), name="plans"),
    path(PLAN, plans.OnePlan.as_view(), name="plan"),
    path(f"{PLAN}/plan.md", plans.PlanMarkdown.as_view(), name="markdown"),
    path(f"{PLAN}/versions", plan_versions.PlanVersions.as_view(), name="versions"),
    path(f"{PLAN}/diff", plan_versions.PlanDiff.as_view(), name="diff"),
    path(f"{PLAN}/revise", plan_versions.RevisePlan.as_view(), name="revise"),
    path(f"{PLAN}/sources", plan_sources.PlanSources.as_view(), name="sources"),
    path(f"{PLAN}/verify", plan_sources.VerifyPlan.as_view(), name="verify"),
    path(f"{PLAN}/archive", plan_sources.ArchivePlan.as_view(), name="archive"),
    path(f"{PLAN}/restore", plan_sources.RestorePlan.as_view(), name="restore"),
]
