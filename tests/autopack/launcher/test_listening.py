"""The port: refusals that say what to do, and the address that people are told."""

import socket

import pytest

from autopack.launcher.errors import LaunchError
from autopack.launcher.listening import bind, url_of


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=f"Port {port} of 127.0.0.1 is in use"):
            bind("127.0.0.1", port)


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(LaunchError, match=r"HOST=no such host"):
        bind("no such host", 0)


def test_clients_are_refused_until_somebody_listens() -> None:
    with bind("127.0.0.1", 0) as listener, socket.socket() as client:
        assert client.connect_ex(listener.getsockname()) != 0


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_address_is_one_that_a_browser_on_this_machine_reaches(host: str) -> None:
    with bind(host, 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"
