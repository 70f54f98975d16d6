"""The template library, mounted under `/dashboard/templates/`. No id has a slash: longer paths are free."""

from django.urls import path

from catalog_app.views import template_actions, template_files, template_list, template_use, templates

app_name = "templates"

urlpatterns = [
    path("", template_list.template_list, name="template-list"),
    path("import/files/", template_files.template_import, name="template-import"),
    path("export/library.zip", template_files.library_export, name="library-export"),
    path("compare/pair/", templates.template_compare, name="template-compare"),
    path("<str:template_id>/", templates.template_detail, name="template"),
    path("<str:template_id>/plan.md", templates.template_markdown, name="template-markdown"),
    path("<str:template_id>/export.zip", template_files.template_export, name="template-export"),
    path("<str:template_id>/use/", template_use.template_use, name="template-use"),
    path("<str:template_id>/edit/", template_actions.template_edit, name="template-edit"),
    path("<str:template_id>/archive/", template_actions.template_archive, name="template-archive"),
    path("<str:template_id>/restore/", template_actions.template_restore, name="template-restore"),
]
