"""What was made of entries and files that curators sent."""

from typing import Any

from rest_framework import serializers

from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.api.answers.features import CombinationDetail, FeatureDetail, StackDetail
from catalog_app.api.answers.sources import RepoDetail
from catalog_app.interchange.changes import Action, Kind
from catalog_app.interchange.entries import Severity


class WarningAnswer(serializers.Serializer[Any]):
    """Kept, but somebody should look at it."""

    code = serializers.CharField()
    detail = serializers.CharField(source="message")
    pointer = serializers.CharField(source="origin.pointer", help_text="JSON pointer into the body.")
    suggestion = serializers.CharField(help_text="What to write instead, if that is known.")


class SavedFeature(FeatureDetail):
    warnings = WarningAnswer(many=True)

    class Meta(FeatureDetail.Meta):
        fields = [*FeatureDetail.Meta.fields, "warnings"]


class SavedStack(StackDetail):
    warnings = WarningAnswer(many=True)

    class Meta(StackDetail.Meta):
        fields = [*StackDetail.Meta.fields, "warnings"]


class SavedCombination(CombinationDetail):
    warnings = WarningAnswer(many=True)

    class Meta(CombinationDetail.Meta):
        fields = [*CombinationDetail.Meta.fields, "warnings"]


class SavedRepository(RepoDetail):
    warnings = WarningAnswer(many=True)

    class Meta(RepoDetail.Meta):
        fields = [*RepoDetail.Meta.fields, "warnings"]


class FieldChangeAnswer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="A key of the files.")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ChangeAnswer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    action = serializers.ChoiceField(Action.pairs())
    name = serializers.CharField(help_text="A slug or id; of a source, what it takes from where.")
    fields_changed = FieldChangeAnswer(source="fields", many=True)


class FileProblemAnswer(serializers.Serializer[Any]):
    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    severity = serializers.ChoiceField([severity.value for severity in Severity])
    code = serializers.CharField()
    path = serializers.CharField(help_text="Where in the document, as in `features.login.repos[0]`.")
    message = serializers.CharField()
    suggestion = serializers.CharField()


class ImportAnswer(serializers.Serializer[Any]):
    """What files have changed, or would change."""

    catalog = CatalogState(help_text="As it is now.")
    is_dry_run = serializers.BooleanField()
    has_errors = serializers.BooleanField(help_text="In a dry run: with these problems nothing would change.")
    files = serializers.ListField(child=serializers.CharField())
    changes = ChangeAnswer(many=True)
    problems = FileProblemAnswer(many=True, help_text="In the order of the lines.")


class ExportAnswer(serializers.Serializer[Any]):
    catalog = CatalogState()
    files = serializers.DictField(child=serializers.CharField(), help_text="Texts by file name.")
