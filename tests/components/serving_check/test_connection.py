"""A connection to servers that do not answer as they should."""

import contextlib
import socket
import threading

import pytest

from components.serving_check.connection import Connection


@contextlib.contextmanager
def _server(*answers):
    """A server that reads one request for each answer, sends it and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for answer in answers:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_any_status_is_an_answer():
    error = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 12\r\n\r\n{'error': 1}"
    with _server(error) as url, Connection(url) as connection:
        assert connection.exchange("POST", "/x", b"") == (400, b"{'error': 1}")


@pytest.mark.parametrize("answer", [b"", b"what?\r\n\r\n", OK[:-1]])
def test_no_answer_or_no_http_is_an_os_error_and_the_next_request_connects_anew(answer):
    with _server(answer, OK) as url, Connection(url) as connection:
        # Whether the end of the answer or a reset comes first is up to the system.
        with pytest.raises(OSError):  # noqa: PT011
            connection.exchange("POST", "/x", b"{}")
        assert connection.exchange("POST", "/x", b"{}") == (200, b"{}")


def test_nobody_there_is_an_os_error():
    with _server() as url:
        pass
    with Connection(url) as connection, pytest.raises(ConnectionRefusedError):
        connection.exchange("GET", "/x", b"")
