"""What starts quickly, and that it is checked all the same."""

import os
import subprocess
import sys

from django.core import checks

import autopack.urls
from tests.support.live import ROOT

LATER = (
    "autopack.urls",
    "catalog_app.admin",
    "catalog_app.tasks",
    "runs_app.tasks",
    "rest_framework.views",
    "numpy",
)


def test_the_system_checks_have_nothing_to_say() -> None:
    """With the URLs, and so the admins of all apps, imported."""
    assert autopack.urls.urlpatterns
    assert checks.run_checks() == []


def test_a_command_starts_without_pages_tasks_and_numbers() -> None:
    code = (
        "import django, sys; django.setup(); from autopack.management.commands import create_key;"
        "print(*(name for name in sys.argv[1:] if name in sys.modules))"
    )
    command = [sys.executable, "-c", code, *LATER]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "autopack.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
