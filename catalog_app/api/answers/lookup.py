"""What a lookup answers."""

from typing import Any

from rest_framework import serializers

from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.choices import LookupBand


class EvidenceAnswer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="title, description, alias, phrase, words or terms.")
    text = serializers.CharField(help_text="Of the feature; of words and terms, what both have in common.")
    score = serializers.FloatField()


class CandidateFeatureAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    confidence = serializers.FloatField(help_text="The probability that this is what is wanted, 0 to 1.")
    score = serializers.FloatField(help_text="What it is ranked by.")
    evidence = EvidenceAnswer(many=True, help_text="What matches, strongest first.")
    instead = serializers.CharField(
        help_text="When to take this one instead of the first, where both are close; else empty."
    )


class PartAnswer(serializers.Serializer[Any]):
    quote = serializers.CharField(source="part.quote")
    terms = serializers.ListField(source="part.terms", child=serializers.CharField())
    band = serializers.ChoiceField(
        LookupBand.pairs(),
        help_text="match: the first candidate is it. choose: several could be. none: nothing fits.",
    )
    reason = serializers.CharField()
    candidates = CandidateFeatureAnswer(many=True, help_text="Best first, whatever the band.")


class LookupStateAnswer(serializers.Serializer[Any]):
    is_complete = serializers.BooleanField()
    done_count = serializers.IntegerField(help_text="Texts of the catalog that have a vector.")
    total_count = serializers.IntegerField()
    has_encoder = serializers.BooleanField(help_text="False: only words are compared.")
    text = serializers.CharField(help_text="The same in words.")


class LookupOutcomeAnswer(serializers.Serializer[Any]):
    """An answer for each part, in their order."""

    catalog = CatalogState()
    engine = serializers.CharField(help_text="What answers depend on beside the catalog.")
    state = LookupStateAnswer()
    answers = PartAnswer(many=True)
