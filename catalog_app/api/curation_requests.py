"""Bodies of writes to curation runs."""

import json
from typing import Any

from rest_framework import serializers

from catalog_app.api.requests import MAX_REASON
from catalog_app.choices import Complexity
from catalog_app.curation.drafts import Edits
from catalog_app.curation.intake import MAX_REPOSITORIES
from catalog_app.services.accepting import CandidateDecision

_MAX_NAMES = 100


class NewCurationRun(serializers.Serializer[Any]):
    """A list, or a search."""

    title = serializers.CharField(max_length=200)
    repositories = serializers.CharField(
        required=False,
        help_text="Addresses or paths, one a line; `ADDRESS from PLACE` where it is fetched from elsewhere.",
    )
    search = serializers.JSONField(
        required=False, help_text="GitHub's answer to a repository search, as it came, or its `items`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("repositories" in attrs) == (attrs.get("search") is not None):
            raise serializers.ValidationError("Give either `repositories` or `search`.")
        return attrs

    @property
    def text(self) -> str:
        """As it would be pasted."""
        said = self.validated_data
        return said["repositories"] if "repositories" in said else json.dumps(said["search"])


class EditsBody(serializers.Serializer[Any]):
    """What is to be otherwise than proposed; what is left out stays."""

    slug = serializers.CharField(required=False, max_length=100)
    title = serializers.CharField(required=False, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    category = serializers.CharField(required=False, allow_blank=True, max_length=100)
    complexity = serializers.ChoiceField(Complexity.pairs(), required=False)
    aliases = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=_MAX_NAMES
    )
    paths = serializers.ListField(
        child=serializers.CharField(max_length=1_000), required=False, max_length=_MAX_NAMES
    )
    license = serializers.CharField(required=False, allow_blank=True, max_length=1_000)
    feature = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Slug of the feature that it becomes a further source of; empty: a feature of its own.",
    )


class DecisionBody(serializers.Serializer[Any]):
    candidate = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    action = serializers.ChoiceField(["accept", "reject"])
    edits = EditsBody(required=False)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_REASON, help_text="Why. Every decision wants one."
    )


class DecideBody(serializers.Serializer[Any]):
    decisions = serializers.ListField(child=DecisionBody(), allow_empty=False, max_length=MAX_REPOSITORIES)

    def to_decisions(self) -> list[CandidateDecision]:
        return [
            CandidateDecision(
                said["candidate"],
                is_accepted=said["action"] == "accept",
                reason=said.get("reason", ""),
                edits=_edits(said.get("edits", {})),
            )
            for said in self.validated_data["decisions"]
        ]


def _edits(said: dict[str, Any]) -> Edits:
    # Any: values of several kinds, as they were validated.
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
    }
    if "complexity" in values:
        values["complexity"] = Complexity(values["complexity"])
    return Edits(**values)
