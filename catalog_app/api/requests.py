"""Bodies of writes."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from autopack.errors import Refused
from autopack.models.fields import NAME_PATTERN
from catalog_app.choices import CiProfile, Complexity, LicenseDecision, Ownership, SourceStatus, Visibility
from catalog_app.interchange.files import WrittenFile
from catalog_app.models.catalogs import SLUG_MESSAGE
from catalog_app.selectors.sources import SourceFilter
from catalog_app.services.policies import PolicyEntry

MAX_REASON = 2_000
MAX_FILES = 20
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


class FeatureBody(ReasonBody):
    """A feature as in feature_catalog.yaml, below its slug. Keys that Autopack does not know are kept."""

    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    category = serializers.CharField(required=False)
    complexity = serializers.ChoiceField(Complexity.pairs(), required=False)
    aliases = serializers.ListField(child=serializers.CharField(), required=False)
    phrases = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="How people ask for it in their own words."
    )
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    requires = serializers.ListField(child=serializers.CharField(), required=False)
    conflicts = serializers.ListField(child=serializers.CharField(), required=False)
    compatible_stacks = serializers.ListField(child=serializers.CharField(), required=False)
    notes = serializers.CharField(required=False)
    repos = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="Its sources, best first."
    )


class StackBody(ReasonBody):
    """A stack profile as in stack_profiles.yaml, below its slug."""

    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    project_types = serializers.ListField(child=serializers.CharField(), required=False)
    backend = serializers.CharField(required=False)
    db = serializers.CharField(required=False)
    vector_db = serializers.CharField(required=False)
    frontend = serializers.CharField(required=False)
    stack = serializers.DictField(required=False, help_text="Further slots.")
    preferred_repos = serializers.ListField(child=serializers.DictField(), required=False)
    ci_profile = serializers.ChoiceField(CiProfile.pairs(), required=False)
    budget_multiplier = serializers.FloatField(required=False)
    notes = serializers.CharField(required=False)


class CombinationBody(ReasonBody):
    """A combination as in feature_catalog.yaml, below its slug."""

    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    features = serializers.ListField(child=serializers.CharField(), required=False)
    compatible_stacks = serializers.ListField(child=serializers.CharField(), required=False)


class RepositoryBody(ReasonBody):
    """A repository as in feature_catalog.yaml, below its id."""

    repo_url = serializers.CharField(required=False)
    fetch_from = serializers.CharField(required=False)
    default_branch = serializers.CharField(required=False)
    ownership = serializers.ChoiceField(Ownership.pairs(), required=False)
    visibility = serializers.ChoiceField(Visibility.pairs(), required=False)
    whitelisted = serializers.BooleanField(required=False)
    notes = serializers.CharField(required=False)


class FileBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, help_text="For messages.")
    content = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text="YAML.")


class ImportBody(ReasonBody):
    files = serializers.ListField(child=FileBody(), allow_empty=False, max_length=MAX_FILES)
    dry_run = serializers.BooleanField(
        required=False, allow_null=True, help_text="Say what would change, and change nothing."
    )
    keep_missing = serializers.BooleanField(
        required=False, allow_null=True, help_text="Leave what the files do not name, instead of retiring it."
    )

    def to_files(self) -> list[WrittenFile]:
        return [(file["name"], file["content"].encode()) for file in self.validated_data["files"]]


def read_entry(request: Request) -> tuple[Any, str]:
    """The body as an entry, and the reason that came with it. Any: whatever JSON holds; services judge."""
    if not isinstance(request.data, Mapping):
        return request.data, ""
    body = ReasonBody(data={"reason": request.data.get("reason")})
    body.is_valid(raise_exception=True)
    return {key: value for key, value in request.data.items() if key != "reason"}, body.reason_given
