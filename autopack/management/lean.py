"""The base of Autopack's commands."""

from django.core.management.base import BaseCommand


class LeanCommand(BaseCommand):
    """Starts without Django's system checks: they import every page and every view of the API, which takes
    longer than most commands. `make test` runs them."""

    requires_system_checks = []
