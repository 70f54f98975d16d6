"""Bodies of writes."""

import re
from typing import Any

from rest_framework import serializers

from autopack.errors import Refused
from autopack.models.fields import NAME_PATTERN
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models.catalogs import SLUG_MESSAGE
from catalog_app.selectors.sources import SourceFilter
from catalog_app.services.policies import PolicyEntry

MAX_REASON = 2_000
MAX_TERMS = 1_000
MOST_SCANS = 500
USUAL_SCANS = 200


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


class RepinBody(ReasonBody):
    repin = serializers.BooleanField(
        required=False, allow_null=True, help_text="Move the pin to the head, if that verifies."
    )

    @property
    def is_repin(self) -> bool:
        return bool(self.validated_data.get("repin"))


class VerifyBody(RepinBody):
    """One source at its pin; without a pin at the head of its branch, which then becomes the pin."""

    at = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=255,
        help_text="A branch, tag or commit to look at and, if it verifies, to pin.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        place = serializers.CharField(
            required=False,
            allow_blank=True,
            allow_null=True,
            max_length=2_000,
            help_text="Fetch it from there this once: https, ssh, or a path below a configured root.",
        )
        # A word that Python keeps for itself.
        return {**super().get_fields(), "from": place}


class SourcesBody(serializers.Serializer[Any]):
    """Filters as in the list of sources. Empty: every active source."""

    q = serializers.CharField(required=False, allow_blank=True, max_length=200)
    feature = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=50
    )
    repo = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=50)
    stack = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=50)
    status = serializers.ListField(child=serializers.ChoiceField(SourceStatus.pairs()), required=False)
    license_decision = serializers.ListField(
        child=serializers.ChoiceField(LicenseDecision.pairs()), required=False
    )
    usable = serializers.BooleanField(required=False, allow_null=True)
    pinned = serializers.BooleanField(required=False, allow_null=True)


class VerifyManyBody(RepinBody):
    """Either `sources` or `filter`."""

    sources = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_null=True,
        max_length=MOST_SCANS,
        help_text="Ids of sources of this catalog.",
    )
    filter = SourcesBody(required=False, allow_null=True)
    limit = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_SCANS,
        help_text=f"Of what the filter finds, so many at once; {USUAL_SCANS} by default.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("sources") is None) == (attrs.get("filter") is None):
            raise serializers.ValidationError("Give either sources or a filter.")
        return attrs

    def to_filter(self) -> SourceFilter:
        """Retired sources that are named are refused one by one; no filter finds them."""
        ids, wanted = self.validated_data.get("sources"), self.validated_data.get("filter") or {}
        return SourceFilter(
            ids=ids,
            is_retired=False if ids is None else None,
            words=wanted.get("q", ""),
            features=wanted.get("feature", ()),
            repos=wanted.get("repo", ()),
            stacks=wanted.get("stack", ()),
            statuses=[SourceStatus(status) for status in wanted.get("status", ())],
            decisions=[LicenseDecision(decision) for decision in wanted.get("license_decision", ())],
            is_usable=wanted.get("usable"),
            is_pinned=wanted.get("pinned"),
        )

    @property
    def limit_given(self) -> int:
        ids = self.validated_data.get("sources")
        return MOST_SCANS if ids is not None else self.validated_data.get("limit") or USUAL_SCANS


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
