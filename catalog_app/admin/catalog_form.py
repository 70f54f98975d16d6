"""The form of catalogs themselves."""

from autopack.errors import AutopackError
from catalog_app.admin.entry_forms import Written, write_fields
from catalog_app.admin.fields import ExtraField, extra_field, slug_field, text_field
from catalog_app.admin.reasoned import ReasonedForm
from catalog_app.admin.refusals import place_error, steps_of
from catalog_app.models import FeatureCatalog


class CatalogForm(ReasonedForm):
    """The catalog's own facts. Its policy is no part of a document."""

    slug = slug_field()
    description = text_field(rows=2)
    quality_thresholds = ExtraField(help_text='{"minimum": 0.4, "preferred": 0.7}, both 0 to 1.')
    license_compatibility = ExtraField(label="Licence compatibility")
    project_type_mapping = ExtraField()
    extra = extra_field()

    class Meta:
        model = FeatureCatalog
        fields = ["slug", "title", "license_policy"]
        labels = {"license_policy": "Licence policy"}

    def written(self) -> Written:
        left_out = frozenset({"slug", "license_policy", "reason"})
        return {"description": "", **write_fields(self, {}, left_out)}

    def show_refusal(self, refusal: AutopackError) -> None:
        for error in refusal.errors or [{"detail": refusal.detail}]:
            steps = steps_of(error)
            name = str(steps[0] if steps else error.get("field", ""))
            place_error(self, name, error, below=steps[1:])
