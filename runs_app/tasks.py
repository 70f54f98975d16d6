"""What the worker does. Tasks are thin: each calls one service."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from autopack.tasks import EVERY_FIVE_SECONDS
from autopack.worker import CI_QUEUE
from runs_app.adapters import get_adapter
from runs_app.ci.local import LocalCommandRunner
from runs_app.services import queue
from runs_app.services.ci_execution import execute_ci, get_scratch_root, sweep_workspaces
from runs_app.services.driving import drive_run
from runs_app.services.repositories import check_due_repositories, maintain_repositories
from runs_app.services.sweeping import sweep


@app.task(name=queue.EXECUTE_CI, queue=CI_QUEUE, retry=RetryStrategy(max_attempts=5, linear_wait=1))
def run_ci(ci_run_id: int) -> None:
    execute_ci(ci_run_id, runner=LocalCommandRunner(get_scratch_root()), git=get_adapter())


@app.task(name=queue.DRIVE_RUN, retry=RetryStrategy(max_attempts=5, exponential_wait=2))
def settle_run(run_pk: int) -> None:
    drive_run(run_pk)


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="runs_app.sweep", queueing_lock="sweep", lock="sweep")
def sweep_runs(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    sweep()
    sweep_workspaces()


@app.periodic(cron="* * * * *")
@app.task(name="runs_app.check_repositories", queueing_lock="check_repositories", lock="check_repositories")
def check_repositories(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    check_due_repositories()


@app.periodic(cron="17 3 * * *")
@app.task(name="runs_app.maintain_repositories", queueing_lock="maintain", lock="maintain")
def pack_repositories(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    maintain_repositories()
