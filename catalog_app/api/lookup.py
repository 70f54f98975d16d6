"""Looking features up by what somebody wants."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers.lookup import LookupOutcomeAnswer
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.closed import ClosedBody
from catalog_app.api.parameters import Query, described_text
from catalog_app.api.schema import CATALOG, described_read, described_write
from catalog_app.lookup.results import MOST_CANDIDATES, LookupPart
from catalog_app.models import FeatureCatalog
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.lookup import look_up

LOOKUP = "catalog: lookup"
MOST_PARTS = 500
MAX_QUOTE = 2_000
MOST_TERMS = 8
MAX_TERM = 200

Q_WISH = OpenApiParameter(
    "q", OpenApiTypes.STR, required=True, description="What somebody wants, in their words."
)
_ANSWER = OpenApiExample(
    "A match",
    response_only=True,
    value={
        "catalog": {"slug": "main", "version": 1, "digest": "0ee4788c…"},
        "engine": "all-MiniLM-L6-v2/1+lookup/1.7c173ab1",
        "state": {
            "is_complete": True,
            "done_count": 4741,
            "total_count": 4741,
            "has_encoder": True,
            "text": "Complete.",
        },
        "answers": [
            {
                "quote": "let people sign in with their google account",
                "terms": [],
                "band": "match",
                "reason": "Social login (OAuth client) fits (99% sure).",
                "candidates": [
                    {
                        "slug": "oauth-social-login",
                        "title": "Social login (OAuth client)",
                        "description": "Lets visitors sign in through an external identity provider.",
                        "confidence": 0.992,
                        "score": 0.8408,
                        "evidence": [{"kind": "words", "text": "google, sign, account", "score": 0.7949}],
                        "instead": "",
                    }
                ],
            }
        ],
    },
)
_PARTS = OpenApiExample(
    "Wishes, with and without terms",
    request_only=True,
    value={
        "parts": [
            {
                "quote": "people keep forgetting what they typed at signup, give them a way back in",
                "terms": ["password reset", "account recovery"],
            },
            "send each customer a pdf of what they owe",
        ],
        "limit": 5,
    },
)


class PartBody(ClosedBody):
    quote = serializers.CharField(max_length=MAX_QUOTE, help_text="What somebody said, in their words.")
    terms = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TERM),
        required=False,
        allow_null=True,
        max_length=MOST_TERMS,
        help_text="Two to four names that an engineer would give to it: they help more than anything else.",
    )


@extend_schema_field(
    {"oneOf": [{"type": "string", "maxLength": MAX_QUOTE}, {"$ref": "#/components/schemas/PartBodyRequest"}]}
)
class PartField(serializers.Field[LookupPart, Any, Any, Any]):
    """A part, or its quote alone."""

    def to_internal_value(self, data: object) -> LookupPart:
        body = PartBody(data=data if isinstance(data, Mapping) else {"quote": data})
        if not body.is_valid():
            errors = cast(dict[str, Any], body.errors)
            raise serializers.ValidationError(errors if isinstance(data, Mapping) else errors["quote"])
        return LookupPart(body.validated_data["quote"], tuple(body.validated_data.get("terms") or ()))

    def to_representation(self, value: LookupPart) -> Any:
        return {"quote": value.quote, "terms": list(value.terms)}


class LookupBody(ClosedBody):
    catalog = serializers.CharField(
        required=False, allow_null=True, max_length=100, help_text=f"A slug; {DEFAULT_CATALOG} by default."
    )
    parts = serializers.ListField(
        child=PartField(),
        allow_empty=False,
        max_length=MOST_PARTS,
        help_text="One wish each: an object, or a text alone.",
    )
    limit = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_CANDIDATES,
        help_text=f"Candidates for each part; {MOST_CANDIDATES} by default.",
    )


class LookUpFeatures(CatalogEndpoint):
    @described_read(
        LookupOutcomeAnswer,
        tag=LOOKUP,
        parameters=[
            Q_WISH,
            described_text("terms", "Names that an engineer would give to it, with commas."),
            CATALOG,
        ],
        examples=[_ANSWER],
        is_tagged=False,
    )
    def get(self, request: Request) -> Response:
        """Which features a wish means: ranked, with confidence and evidence, or that nothing fits.

        For several wishes at once, POST them.
        """
        query = Query(request)
        quote = query.required("q", max_length=MAX_QUOTE)
        terms = query.texts("terms", most=MOST_TERMS, max_length=MAX_TERM)
        query.check()
        return _answer(self.catalog(), [LookupPart(quote, terms)], MOST_CANDIDATES)

    @described_write(
        LookupOutcomeAnswer,
        tag=LOOKUP,
        body=LookupBody,
        examples=[_PARTS, _ANSWER],
        is_conditional=False,
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """The same for many wishes, with the terms that an engineer would use for them. Nothing is changed:
        any key may ask."""
        body = self.read(LookupBody).validated_data
        catalog = get_catalog(body.get("catalog") or DEFAULT_CATALOG)
        return _answer(catalog, body["parts"], body.get("limit") or MOST_CANDIDATES)


def _answer(catalog: FeatureCatalog, parts: Sequence[LookupPart], limit: int) -> Response:
    outcome = look_up(catalog, parts, limit=limit)
    found = {
        "catalog": catalog,
        "engine": outcome.engine,
        "state": outcome.state,
        "answers": outcome.answers,
    }
    return Response(LookupOutcomeAnswer(found).data)
