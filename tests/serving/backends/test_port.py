from __future__ import annotations

import socket

import pytest

from serving.backends.errors import LaunchError
from serving.backends.port import port_of, reserve_port


def test_a_reserved_port_is_given_to_nobody_who_asks_for_a_free_one():
    with (
        reserve_port() as reserved,
        socket.socket() as other,
        pytest.raises(OSError, match="in use"),
    ):
        other.bind(("127.0.0.1", port_of(reserved)))


def test_where_no_port_is_free_nobody_is_told_to_ask_for_one(monkeypatch: pytest.MonkeyPatch):
    class Taken(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError(98, "Address already in use")

    monkeypatch.setattr(socket, "socket", Taken)
    with pytest.raises(LaunchError, match=r"No port of 127.0.0.1 is free.*ip_local_port_range"):
        reserve_port()
    with pytest.raises(
        LaunchError, match=r"Port 8501 of 127.0.0.1 cannot be used.*or 0 for a free"
    ):
        reserve_port(8501)


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::")]
)
def test_the_server_it_is_meant_for_listens_on_it(family: socket.AddressFamily, address: str):
    """On one address as the embedded server does, or on all of both kinds as libevent does."""
    if family == socket.AF_INET6 and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with reserve_port() as reserved:
        port = port_of(reserved)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        dual = family == socket.AF_INET6
        with (
            socket.create_server((address, port), family=family, dualstack_ipv6=dual) as server,
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.sendall(b"x")
            connection, _ = server.accept()
            with connection:
                assert connection.recv(1) == b"x"
