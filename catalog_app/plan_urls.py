"""The pages of plans, mounted under `/dashboard/plans/`. No id has a slash: longer paths are free."""

from django.urls import path

from catalog_app.views import plan_list, plan_steps, plans

app_name = "plans"

urlpatterns = [
    path("", plan_list.plan_list, name="plan-list"),
    path("<str:plan_id>/", plans.plan_detail, name="plan"),
    path("<str:plan_id>/verify/", plan_steps.plan_verify, name="plan-verify"),
    path("<str:plan_id>/template/", plan_steps.plan_template, name="plan-template"),
    path("<str:plan_id>/step/<slug:step_slug>/", plan_steps.plan_step, name="plan-step"),
]
