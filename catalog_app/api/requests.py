"""Bodies of writes."""

import re
from typing import Any

from rest_framework import serializers

from autopack.errors import Refused
from autopack.models.fields import NAME_PATTERN
from catalog_app.choices import LicenseDecision
from catalog_app.models.catalogs import SLUG_MESSAGE
from catalog_app.services.policies import PolicyEntry

MAX_REASON = 2_000
MAX_TERMS = 1_000


class ReasonBody(serializers.Serializer[Any]):
    """Every change of trust says why; it is kept in the history."""

    reason = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=MAX_REASON, help_text="Why."
    )

    @property
    def reason_given(self) -> str:
        return self.validated_data.get("reason") or ""


class PinBody(ReasonBody):
    commit = serializers.CharField(
        allow_blank=True,
        max_length=100,
        help_text="A full object name of 40 or 64 hexadecimal digits; empty takes the pin away.",
    )


class JudgementBody(serializers.Serializer[Any]):
    judgement = serializers.DecimalField(
        max_digits=3,
        decimal_places=2,
        min_value=0,
        max_value=1,
        allow_null=True,
        coerce_to_string=False,
        help_text="0 to 1; null takes it back.",
    )
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=MAX_REASON,
        help_text="What it is based on.",
    )


class PolicyBody(ReasonBody):
    """A whole policy: what it leaves out has the default."""

    title = serializers.CharField(max_length=200)
    allowed = serializers.ListField(child=serializers.CharField(), max_length=MAX_TERMS, required=False)
    review = serializers.ListField(child=serializers.CharField(), max_length=MAX_TERMS, required=False)
    denied = serializers.ListField(child=serializers.CharField(), max_length=MAX_TERMS, required=False)
    allowed_as_dependency = serializers.ListField(
        child=serializers.CharField(), max_length=MAX_TERMS, required=False
    )
    own_repositories = serializers.ChoiceField(
        LicenseDecision.pairs(), required=False, help_text="Of one's own repositories; allowed by default."
    )
    notes = serializers.CharField(required=False, allow_blank=True, allow_null=True)

    def to_entry(self, slug: str) -> PolicyEntry:
        body = self.validated_data
        return PolicyEntry(
            slug=slug,
            title=body["title"],
            allowed=body.get("allowed", ()),
            review=body.get("review", ()),
            denied=body.get("denied", ()),
            allowed_as_dependency=body.get("allowed_as_dependency", ()),
            own_repositories=LicenseDecision(body.get("own_repositories") or LicenseDecision.ALLOWED),
            notes=body.get("notes") or "",
        )


def ensure_slug(slug: str) -> None:
    """Raises Refused (`invalid_slug`) for an address under which nothing can be made."""
    if not re.fullmatch(NAME_PATTERN, slug):
        raise Refused(SLUG_MESSAGE, code="invalid_slug")
