"""What is no answer of Kubeflow Pipelines, from a server that sends just these bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

import kubeflow_runner


def answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


@contextlib.contextmanager
def served(sent: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.settimeout(10)
                        request = b""
                        while b"\r\n\r\n" not in request:
                            request += connection.recv(1 << 16)
                        connection.sendall(sent)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (answer(b"{}"), "answered without a run_id; look whether --host is the API"),
        (answer(b'{"runs": 1, "state": "x"}'), "answered without a run_id"),
        (answer(b"[]"), "answered what is no JSON object: '[]'; look whether --host is the API."),
        (b"", "the connection was cut before an answer"),
        (b"\xff\xfe\r\n\r\n", "what answers there does not speak HTTP"),
    ],
)
def test_no_answer_is_a_sentence_and_no_run(sent: bytes, said: str, capsys):
    with served(sent) as host:
        assert kubeflow_runner.main(["status", "r1", "--host", host]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert "Error" not in shown.err.replace("[Errno", "")
    assert len(shown.err.strip().splitlines()) == 1


def test_a_kept_connection_that_was_closed_is_opened_anew(capsys):
    """A proxy drops what is idle; the first request learns of it, and changes nothing."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        host = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def serve() -> None:
            for sent in (answer(b'{"multi_user": false}'), answer(b'{"run_id": "r1"}')):
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(10)
                    connection.recv(1 << 16)
                    connection.sendall(sent)
                    # Closed only after the client has begun the next request on it.
                    with contextlib.suppress(OSError):
                        connection.recv(1 << 16)

        threading.Thread(target=serve, daemon=True).start()
        assert kubeflow_runner.main(["status", "r1", "--host", host, "--json"]) == 0
    assert '"r1"' in capsys.readouterr().out
