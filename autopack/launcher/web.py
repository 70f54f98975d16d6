"""The child that serves: `python -m autopack.launcher.web DESCRIPTOR`, on a socket it is given."""

import logging
import os
import socket
import sys

import uvicorn

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
    config.load()
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
