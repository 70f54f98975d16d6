"""The child that serves: `python -m autopack.launcher.web DESCRIPTOR`, on a socket it is given."""

import logging
import os
import socket
import sys
from importlib import import_module

import uvicorn

from autopack.launcher.garbage import loading
from autopack.launcher.tether import tether

_GRACE_SECONDS = 5


def main() -> None:
    tether()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
    config = uvicorn.Config(
        "autopack.asgi:application",
        lifespan="off",
        # Django's logging settings hold for all of the process.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with loading():
        config.load()
        # Here, and not while the first request waits.
        import_module("autopack.urls")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
