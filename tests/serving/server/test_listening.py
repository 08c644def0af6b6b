"""A port that nobody can have, said in one sentence."""

import socket

import pytest

from serving.server.listening import listen


def test_connects_those_who_come():
    with listen("127.0.0.1", 0, flag="--port") as listener:
        socket.create_connection(listener.getsockname(), timeout=10).close()


def test_a_port_that_is_taken_is_told_with_its_flag():
    with listen("127.0.0.1", 0, flag="--port") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="cannot listen") as caught:
            listen("127.0.0.1", port, flag="--rest_api_port")
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use;"
        " name another port with --rest_api_port"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host", "2001:db8::1"])
def test_an_address_that_is_not_this_machines_is_told(host: str):
    with pytest.raises(OSError, match="cannot listen") as caught:
        listen(host, 0, flag="--port")
    assert str(caught.value).startswith(f"cannot listen on {host}:0: ")
    assert "None" not in str(caught.value)
