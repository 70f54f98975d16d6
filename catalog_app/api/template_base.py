"""What the endpoints of templates share: which template, and what is said of one."""

from collections.abc import Iterable
from typing import Any

from autopack.actors import Actor
from catalog_app.api.answers import templates as answers
from catalog_app.api.kept import KeptEndpoint
from catalog_app.interchange.entries import Json
from catalog_app.models import PlanTemplate, TemplateVersion
from catalog_app.planning.changes import write_changes
from catalog_app.planning.diff import PlanDiff
from catalog_app.planning.request import write_request
from catalog_app.selectors.outlines import read_template_outlines
from catalog_app.selectors.templates import (
    get_template,
    get_template_version,
    read_template_statistics,
)
from catalog_app.services.instantiating import Instance
from catalog_app.services.template_rows import KeptTemplate

TAG = "templates"


class TemplateEndpoint(KeptEndpoint):
    def template(self) -> PlanTemplate:
        """The template that the address names. Raises TemplateNotFound."""
        return get_template(self.actor(), str(self.kwargs["template_id"]))

    def version(self, number: int | None = None) -> TemplateVersion:
        return get_template_version(self.template(), number)


def describe_templates(actor: Actor, templates: Iterable[PlanTemplate]) -> list[Any]:
    """As lists show them. Three queries, however many there are. Any: plain JSON."""
    listed = list(templates)
    context = {
        "statistics": read_template_statistics(actor, listed),
        "outlines": read_template_outlines(listed),
    }
    return list(answers.TemplateSummary(listed, many=True, context=context).data)


def describe_version(actor: Actor, version: TemplateVersion) -> dict[str, Any]:
    return {
        "about": describe_templates(actor, [version.template])[0],
        "version": answers.TemplateVersionSummary(version).data,
        "request": version.request,
        "plan": version.document,
    }


def describe_kept(kept: KeptTemplate) -> dict[str, Any]:
    content = {
        "template_id": kept.template.template_id,
        "version": kept.version.number,
        "is_new": kept.is_new,
    }
    return dict(answers.KeptTemplateAnswer(content).data)


def describe_diff(diff: PlanDiff) -> Json:
    """Empty where nothing differs."""
    return {} if diff.is_empty else diff.as_json()


def describe_instance(instance: Instance) -> dict[str, Any]:
    drafted, version = instance.drafted, instance.version
    content = {
        "template_id": version.template.template_id,
        "version": version.number,
        "digest": drafted.digest,
        "is_same": drafted.digest == version.digest,
        "diff": describe_diff(instance.diff),
        "drift": instance.drift,
        "changes": write_changes(instance.said.changes),
        "notes": instance.said.notes,
        "unclear": instance.said.unclear,
        "outline": drafted.outline,
        "questions": drafted.document["questions"],
        "request": write_request(drafted.request),
        "plan": drafted.document,
    }
    return dict(answers.InstanceAnswer(content).data)
