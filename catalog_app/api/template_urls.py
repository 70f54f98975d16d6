"""The addresses of templates, below `/api/v1/` alone: v7 clients know none."""

from django.urls import path

from catalog_app.api import template_files, template_plans, templates

app_name = "templates_api"

TEMPLATE = "templates/<str:template_id>"

urlpatterns = [
    path("templates", templates.Templates.as_view(), name="templates"),
    path("template_files", template_files.TemplateFiles.as_view(), name="files"),
    path(TEMPLATE, templates.OneTemplate.as_view(), name="template"),
    path(f"{TEMPLATE}/plan.md", templates.TemplateMarkdown.as_view(), name="markdown"),
    path(f"{TEMPLATE}/versions", templates.TemplateVersions.as_view(), name="versions"),
    path(f"{TEMPLATE}/compare", templates.CompareTemplates.as_view(), name="compare"),
    path(f"{TEMPLATE}/export", template_files.ExportTemplate.as_view(), name="export"),
    path(f"{TEMPLATE}/preview", template_plans.PreviewTemplate.as_view(), name="preview"),
    path(f"{TEMPLATE}/plan", template_plans.PlanTemplateAnew.as_view(), name="plan"),
    path(f"{TEMPLATE}/archive", templates.ArchiveTemplate.as_view(), name="archive"),
    path(f"{TEMPLATE}/restore", templates.RestoreTemplate.as_view(), name="restore"),
]
