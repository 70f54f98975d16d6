"""Looking for garbage in a process that serves: seldom, and never among what is there to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (10_000, 20, 50)
"""Of `gc.set_threshold`. A request makes many objects and leaves next to none that only such a look finds.
One through all that is kept of a large catalog takes a quarter of a second, for which some request waits."""


@contextmanager
def loading() -> Iterator[None]:
    """What is made inside is there to stay. It is not looked through meanwhile, which takes a fifth of the
    start, nor later."""
    gc.disable()
    try:
        yield
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
    finally:
        gc.enable()
