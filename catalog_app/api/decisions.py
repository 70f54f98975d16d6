"""What a policy says of a licence."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers.licenses import DecisionAnswer
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.parameters import Query, described_choice, described_text
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.choices import Ownership, Use
from catalog_app.licensing import decide, parse_license
from catalog_app.selectors.catalogs import get_policy
from catalog_app.services.deciding import terms_of

EXPRESSION = OpenApiParameter(
    "expression",
    OpenApiTypes.STR,
    required=True,
    description="As SPDX writes it, or as people do.",
    examples=[
        OpenApiExample("A choice", "MIT OR GPL-2.0-only"),
        OpenApiExample("As people write", "BSD"),
        OpenApiExample("Both", "Apache-2.0 AND LGPL-2.1-or-later"),
    ],
)


class DecideLicense(CatalogEndpoint):
    @described_read(
        DecisionAnswer,
        tag="catalog: licences",
        parameters=[
            EXPRESSION,
            described_choice("use", Use, "How it would be taken; copied by default."),
            described_choice("ownership", Ownership, "Whose the repository is; third party by default."),
            described_text("policy", "A policy's slug; by default the one of the catalog."),
            CATALOG,
        ],
        is_tagged=False,
    )
    def get(self, request: Request) -> Response:
        """What a policy says of a licence: the decision, the rule that settled it, and the reason in words.

        Any text is answered: what is no licence is denied, with a suggestion where there is one.
        """
        query = Query(request)
        use = query.choice("use", Use) or Use.COPY
        ownership = query.choice("ownership", Ownership) or Ownership.THIRD_PARTY
        slug = query.text("policy")
        text = query.required("expression")
        query.check()
        policy = get_policy(self.actor(), slug) if slug else self.catalog().license_policy
        decision = decide(text, terms_of(policy), ownership=ownership, use=use)
        read = parse_license(text)
        answer = {
            "given": read.given,
            "expression": read.expression,
            "problems": read.problems,
            "suggestions": read.suggestions,
            "policy": policy.slug,
            "use": use,
            "ownership": ownership,
            "decision": decision.outcome,
            "rule": decision.rule,
            "reason": decision.reason,
            "chosen": decision.chosen,
            "parts": decision.parts,
        }
        return Response(DecisionAnswer(answer).data)
