"""Templates to files. The same template always gives the same bytes. Pure."""

import json
from collections.abc import Mapping

from catalog_app.interchange.entries import Json
from catalog_app.interchange.yaml_text import to_yaml
from catalog_app.plan_files.content import FORMAT, PLAN_FILE, TEMPLATE_FILE, TemplateContent, folder_of
from catalog_app.planning.document import digest_document
from catalog_app.planning.markdown import write_markdown
from catalog_app.planning.request import PlanRequest, write_request

_FREE = ("slots", "answers", "values", "spec")
"""Mappings of a request whose keys are not ours; the database does not keep their order."""


def write_template(content: TemplateContent) -> dict[str, str]:
    """The two files of a template that was planned, by their paths."""
    document: dict[str, Json] = json.loads(content.document_text)
    folder = folder_of(content.template_id, label_of(document))
    return {
        f"{folder}/{PLAN_FILE}": write_markdown(document),
        f"{folder}/{TEMPLATE_FILE}": write_template_yaml(content),
    }


def write_template_yaml(content: TemplateContent) -> str:
    """What is edited by hand comes first, the plan that it was last."""
    written: dict[str, Json] = {
        "format": FORMAT,
        "template_id": content.template_id,
        "title": content.title,
        **_present("description", content.description),
        **_present("tags", list(content.tags)),
        "origin": {"kind": content.origin.value, **_present("ref", content.origin_ref)},
        "version": content.version,
        **_present("note", content.note),
        "request": write_request_in_order(content.request),
    }
    if content.document_text:
        written["plan_digest"] = digest_document(content.document_text.encode())
        written["plan"] = json.loads(content.document_text)
    return to_yaml(written)


def write_request_in_order(request: PlanRequest) -> dict[str, Json]:
    """The request as JSON, with the keys that others chose in their order."""
    return {key: _in_order(key, value) for key, value in write_request(request).items()}


def label_of(document: Mapping[str, Json]) -> str:
    """The project type that the plan is for."""
    chosen = document.get("project_type")
    label = chosen.get("label") if isinstance(chosen, Mapping) else ""
    return label if isinstance(label, str) else ""


def _in_order(key: str, value: Json) -> Json:
    if isinstance(value, Mapping):
        if key in _FREE:
            return _sorted(value)
        return {name: _in_order(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_in_order("", inner) for inner in value]
    return value


def _sorted(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _sorted(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_sorted(inner) for inner in value]
    return value


def _present(key: str, value: Json) -> dict[str, Json]:
    return {key: value} if value else {}
