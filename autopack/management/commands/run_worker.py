"""The worker: CI, scans, settling of runs, sweepers."""

import asyncio
import logging
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from procrastinate.exceptions import ConnectorException

from autopack.launcher.tether import tether
from autopack.management.lean import LeanCommand
from autopack.worker import plan_lanes, run_worker
from runs_app.ci.probing import choose_isolation
from runs_app.ci.types import Isolation

logger = logging.getLogger(__name__)


class Command(LeanCommand):
    help = (
        "Run the tasks that the queue holds, until stopped: AUTOPACK_WORKER_CONCURRENCY CI runs and "
        "AUTOPACK_SCAN_CONCURRENCY scans of repositories at once."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        tether()
        _say_isolation()
        plan = plan_lanes(
            ci_concurrency=settings.WORKER_CONCURRENCY, scan_concurrency=settings.SCAN_CONCURRENCY
        )
        try:
            is_done = asyncio.run(run_worker(plan))
        except ConnectorException as error:
            raise CommandError(f"The worker lost the database: {error.__cause__ or error}") from error
        if not is_done:
            raise CommandError("The worker had to stop; the reason is above.")


def _say_isolation() -> None:
    choice = choose_isolation()
    if choice.isolation is Isolation.NONE:
        logger.warning("CI steps run without isolation: %s", choice.reason)
    else:
        logger.info("CI steps are isolated by %s", choice.isolation)
