"""Work for the worker, deferred in the caller's transaction: it is queued if and only if the rows commit."""

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue


def defer_once(name: str, /, *, lock: str | None, queueing_lock: str, **arguments: JSONValue) -> bool:
    """Queue the task of that name. False: a job with this `queueing_lock` waits already.

    Jobs with the same `lock` run one after the other. The task decides on which queue it is.
    """
    # A savepoint: procrastinate finds a job that is queued already by a unique violation, which would
    # otherwise end the caller's transaction.
    try:
        with transaction.atomic():
            app.configure_task(name, lock=lock, queueing_lock=queueing_lock).defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return False
    return True
