"""The pages of plans, mounted under `/dashboard/plans/`. No id has a slash: longer paths are free."""

from django.urls import path

from catalog_app.views import plan_list, plan_new, plan_steps, plan_versions, plans

app_name = "plans"

urlpatterns = [
    path("", plan_list.plan_list, name="plan-list"),
    path("new/plan/", plan_new.plan_new, name="plan-new"),
    path("<str:plan_id>/", plans.plan_detail, name="plan"),
    path("<str:plan_id>/plan.md", plans.plan_markdown, name="plan-markdown"),
    path("<str:plan_id>/versions/", plan_versions.plan_versions, name="plan-versions"),
    path("<str:plan_id>/diff/", plan_versions.plan_diff, name="plan-diff"),
    path("<str:plan_id>/revise/", plan_new.plan_revise, name="plan-revise"),
    path("<str:plan_id>/answer/", plan_steps.plan_answer, name="plan-answer"),
    path("<str:plan_id>/verify/", plan_steps.plan_verify, name="plan-verify"),
    path("<str:plan_id>/template/", plan_steps.plan_template, name="plan-template"),
    path("<str:plan_id>/step/<slug:step_slug>/", plan_steps.plan_step, name="plan-step"),
]
