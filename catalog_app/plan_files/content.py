"""One version of a template, as values, and where its files are. Pure."""

import re
from dataclasses import dataclass

from catalog_app.choices import TemplateOrigin
from catalog_app.interchange.mapping import slugify
from catalog_app.planning.request import PlanRequest

FORMAT = 1
"""Of template.yaml. A file that says another one is not read."""

MAX_TITLE = 200
MAX_REF = 300
MAX_TAGS = 50
MAX_TAG = 60
MAX_VERSION = 1_000_000_000
"""Of a file. It leaves room for as many more."""

ROOT = "plans"
TEMPLATE_FILE = "template.yaml"
PLAN_FILE = "plan.md"
NO_PROJECT_TYPE = "any"

SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """`document_text` are the bytes of the plan that the request was when it was kept; "" where it has to be
    planned first, as after the request was written by hand. `origin_ref`: see `PlanTemplate`."""

    template_id: str
    title: str
    request: PlanRequest
    document_text: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    origin: TemplateOrigin = TemplateOrigin.YAML
    origin_ref: str = ""
    version: int = 1
    note: str = ""


def folder_of(template_id: str, project_type: str) -> str:
    """`plans/rag_app/rag-chatbot`, of names that are safe in any folder.

    Raises ValueError for an id that no template has.
    """
    if not SEGMENT.fullmatch(template_id):
        raise ValueError(f"{template_id!r} is no id of a template")
    label = project_type if SEGMENT.fullmatch(project_type) else slugify(project_type)
    return f"{ROOT}/{label or NO_PROJECT_TYPE}/{template_id}"
