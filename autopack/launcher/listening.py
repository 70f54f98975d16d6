"""The socket that web serves on. The launcher holds it, so a web process that dies loses no port."""

import errno
import socket

from autopack.launcher.errors import LaunchError


def bind(host: str, port: int) -> socket.socket:
    """Take the port without listening yet: until web is ready, clients are refused rather than kept waiting.

    Raises LaunchError.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise LaunchError(f"HOST={host} is not an address of this machine: {error.strerror}.") from error
    listener = socket.socket(family, kind, protocol)
    # A port whose last connections are still being forgotten is free; one that somebody listens on is not.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise LaunchError(f"Port {port} of {host} is in use. Stop what uses it, or set PORT.") from error
        raise LaunchError(
            f"Port {port} of {host} cannot be used: {error.strerror}. Set HOST, PORT."
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104 - compared, not bound
        host = "localhost" if host in {"::", "::1"} else "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
