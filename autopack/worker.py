"""The worker process: takes the tasks of the queue until it is stopped.

CI runs have a lane of their own, and so have scans of repositories. They take minutes, and what is due in
seconds (settling runs, leases, the recovery of jobs whose worker died) may not wait behind them.
"""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from typing import cast

from procrastinate import App, worker
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector

from autopack.launcher.tether import exit_after

CI_QUEUE = "ci"
SCAN_QUEUE = "scans"
OTHER_QUEUE = "default"
OTHER_CONCURRENCY = 4
HEARTBEAT_SECONDS = 2.0
STALLED_AFTER_SECONDS = 10.0
"""A worker, or a CI run's, that has not beaten for this long is gone."""
_POLL_SECONDS = 0.5
_GRACE_SECONDS = 4.0
# Jobs in threads cannot be cancelled; they are taken up again by another worker.
_LAST_SECONDS = 8.0


class _Lane(worker.Worker):
    """Ends its process soon after it was told to stop, or has to because its connection is lost.

    From then on it sends no heartbeat, so its jobs will be given to others and may not go on here.
    """

    def stop(self) -> None:
        exit_after(_LAST_SECONDS)
        super().stop()  # type: ignore[no-untyped-call] # procrastinate leaves it without


def plan_lanes(*, ci_concurrency: int, scan_concurrency: int) -> dict[str, int]:
    """The queues that a worker works on, and how many jobs of each at once."""
    return {CI_QUEUE: ci_concurrency, SCAN_QUEUE: scan_concurrency, OTHER_QUEUE: OTHER_CONCURRENCY}


async def run_worker(plan: Mapping[str, int]) -> bool:
    """Work, as `plan_lanes` says, until SIGINT or SIGTERM. False when a lane had to end before that."""
    is_asked_to_stop = False

    def stop() -> None:
        nonlocal is_asked_to_stop
        is_asked_to_stop = True
        _stop(lanes)

    connector = cast(DjangoConnector, django_app.connector).get_worker_connector()
    with django_app.replace_connector(connector) as app:
        async with app.open_async():
            app.perform_import_paths()  # type: ignore[no-untyped-call] # procrastinate leaves it without
            lanes = [_lane(app, queue, concurrency) for queue, concurrency in plan.items()]
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)
            await _run_together(lanes)
    return is_asked_to_stop


def _lane(app: App, queue: str, concurrency: int) -> _Lane:
    return _Lane(
        app=app,
        queues=[queue],
        name=queue,
        concurrency=concurrency,
        fetch_job_polling_interval=_POLL_SECONDS,
        abort_job_polling_interval=_POLL_SECONDS,
        shutdown_graceful_timeout=_GRACE_SECONDS,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_AFTER_SECONDS,
        task_middleware=list(app.worker_defaults.get("task_middleware", [])),
    )


async def _run_together(lanes: Sequence[_Lane]) -> None:
    tasks = [asyncio.create_task(_run(lane)) for lane in lanes]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    _stop(lanes)
    await asyncio.gather(*tasks)


async def _run(lane: _Lane) -> None:
    await lane.run()  # type: ignore[no-untyped-call] # procrastinate leaves it without


def _stop(lanes: Sequence[_Lane]) -> None:
    for lane in lanes:
        lane.stop()
