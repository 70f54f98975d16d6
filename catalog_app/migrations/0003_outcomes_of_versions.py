"""Versions say which outcomes they were planned with, which so far only their text does."""

from django.db import migrations, models

_FIELD = models.CharField(max_length=64, default="", blank=True)
# Part of a text cannot look like this: there, quotation marks are escaped.
FILL = """
UPDATE catalog_app_{table}
SET outcomes_digest = substring(document_text from '"outcomes_digest":"([0-9a-f]{{64}})"')
WHERE document_text ~ '"outcomes_digest":"[0-9a-f]{{64}}"'
"""


class Migration(migrations.Migration):
    dependencies = [("catalog_app", "0002_planning")]

    operations = [
        migrations.AddField(model_name="planversion", name="outcomes_digest", field=_FIELD),
        migrations.AddField(model_name="templateversion", name="outcomes_digest", field=_FIELD.clone()),
        migrations.RunSQL(FILL.format(table="planversion"), migrations.RunSQL.noop),
        migrations.RunSQL(FILL.format(table="templateversion"), migrations.RunSQL.noop),
    ]
