"""What the endpoints of plans and of templates share: versions, projects, `plan.md`."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from autopack.api.base import NewestFirst
from autopack.models import Project
from autopack.permissions import StartsRuns
from autopack.selectors import get_project
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.parameters import Query
from catalog_app.planning.markdown import write_markdown

MARKDOWN = "text/markdown"
VERSION = OpenApiParameter("version", OpenApiTypes.INT, description="Default: the latest.")
PROJECT_TYPE = OpenApiParameter("project_type", OpenApiTypes.STR)


class KeptEndpoint(CatalogEndpoint):
    """Any key reads what it sees; planners and operators write."""

    permission_classes = [StartsRuns]

    def read_number(self, name: str) -> int | None:
        """The number of a version, from the query."""
        query = Query(self.request)
        number = query.number(name)
        query.check()
        return number

    def find_project(self, project_id: str | None) -> Project | None:
        """None where none is named. Raises ProjectNotFound."""
        return get_project(self.actor(), project_id) if project_id else None


class VersionPages(NewestFirst):
    ordering = "-number"


def answer_markdown(document: Mapping[str, Any]) -> HttpResponse:
    """`plan.md` of a plan as plain JSON (Any)."""
    return HttpResponse(write_markdown(document), content_type=f"{MARKDOWN}; charset=utf-8")
