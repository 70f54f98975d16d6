"""Templates with a plan inside, for tests of their pages."""

from dataclasses import replace
from typing import Any

from catalog_app.briefing.types import Wish
from catalog_app.choices import ParameterType
from catalog_app.models import PlanTemplate
from catalog_app.planning.document import digest_document, write_document
from catalog_app.planning.request import Parameter, PlanRequest, digest_request, write_request
from catalog_app.planning.types import PlanDocument
from tests.support.plan_documents import make_document, make_feature, make_option
from tests.support.plan_factories import TemplateFactory, TemplateVersionFactory


def make_template(template_id: str, plan: PlanDocument | None = None, **fields: Any) -> PlanTemplate:
    """With one version. Any: fields of a template."""
    plan = plan or make_document(make_feature("login", source=make_option()), make_feature("teams"))
    request = PlanRequest(
        title=plan.title,
        wishes=tuple(Wish(feature.key, feature.title, slug=feature.slug) for feature in plan.features),
        parameters=(Parameter("company", ParameterType.TEXT, "Acme", "Who it is for."),),
    )
    inputs = replace(plan.inputs, request_digest=digest_request(request))
    content = write_document(replace(plan, inputs=inputs))
    template: PlanTemplate = TemplateFactory.create(template_id=template_id, latest_version=1, **fields)
    TemplateVersionFactory.create(
        template=template,
        request=write_request(request),
        request_digest=digest_request(request),
        document_text=content.decode(),
        digest=digest_document(content),
        outline={"features": 2, "reuse": 1, "build_new": 1, "open": 0, "phases": 2},
    )
    return template
