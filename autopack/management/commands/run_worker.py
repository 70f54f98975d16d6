"""The worker: CI, settling of runs, sweepers."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from procrastinate.exceptions import ConnectorException

from autopack.launcher.tether import tether
from autopack.worker import run_worker


class Command(BaseCommand):
    help = "Run the tasks that the queue holds (AUTOPACK_WORKER_CONCURRENCY CI runs at once), until stopped."

    def handle(self, *_: Any, **__: Any) -> None:
        tether()
        try:
            is_done = asyncio.run(run_worker(ci_concurrency=settings.WORKER_CONCURRENCY))
        except ConnectorException as error:
            raise CommandError(f"The worker lost the database: {error.__cause__ or error}") from error
        if not is_done:
            raise CommandError("The worker had to stop; the reason is above.")
