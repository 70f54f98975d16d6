"""Licence decisions."""

from typing import Any

from rest_framework import serializers

from catalog_app.choices import LicenseDecision


class LicenseProblemAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    level = serializers.ChoiceField(["note", "warning", "error"])
    detail = serializers.CharField()
    suggestions = serializers.ListField(child=serializers.CharField())


class DecisionPartAnswer(serializers.Serializer[Any]):
    expression = serializers.CharField()
    decision = serializers.ChoiceField(LicenseDecision.pairs(), source="outcome")
    rule = serializers.CharField()
    reason = serializers.CharField()


class DecisionAnswer(serializers.Serializer[Any]):
    """What a policy says of a licence, and why."""

    given = serializers.CharField(allow_blank=True)
    expression = serializers.CharField(
        allow_blank=True, help_text="In SPDX's spelling; empty: it cannot be settled what is meant."
    )
    problems = LicenseProblemAnswer(many=True)
    suggestions = serializers.ListField(
        child=serializers.CharField(), help_text="What may be meant, the likeliest first."
    )
    policy = serializers.CharField()
    use = serializers.CharField()
    ownership = serializers.CharField()
    decision = serializers.ChoiceField(LicenseDecision.pairs())
    rule = serializers.CharField(help_text="The rule that settled it.")
    reason = serializers.CharField()
    chosen = serializers.CharField(
        allow_blank=True, help_text="What has to be complied with: the best branch of every choice."
    )
    parts = DecisionPartAnswer(many=True)
