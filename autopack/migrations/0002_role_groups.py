"""Starter configuration: one group per role, so that people get roles by their groups."""

from django.db import migrations

ROLES = ("reader", "planner", "operator", "builder", "auditor", "verifier", "curator")


def create_groups(apps, schema_editor):  # noqa: ARG001  Django calls it with both
    group = apps.get_model("auth", "Group")
    for role in ROLES:
        group.objects.get_or_create(name=role)


class Migration(migrations.Migration):
    dependencies = [
        ("autopack", "0001_projects_and_keys"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        # Backwards nothing is done: people may be in these groups.
        migrations.RunPython(create_groups, migrations.RunPython.noop),
    ]
