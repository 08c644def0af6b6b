from __future__ import annotations

import contextlib
import http.server
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from serving.clients import rest_client as client_module
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import ModelServer


@pytest.fixture
def client(model_server: ModelServer) -> RestClient:
    return RestClient(model_server.rest_url, "small")


@pytest.mark.slow
def test_arrays_lists_and_bytes_are_predicted(client: RestClient):
    assert client.predict([[1, 2]]) == [[3.0, 5.0]]
    assert client.predict(np.ones((2, 2), np.float32), version=3) == [[3.0, 3.0]] * 2
    assert client.predict([np.float32(1), np.uint8(2)], "float32") == [1.0, 2.0]
    [answer] = client.predict([b"\xff\x00"], signature_name="text")
    assert answer["same_bytes"] == {"b64": "/wA="}


@pytest.mark.slow
def test_a_mapping_goes_and_comes_by_column(client: RestClient):
    answer = client.predict({"a": np.array([1, 3]), "b": [2, 4]}, signature_name="two")
    assert answer == {"sum": [3, 7], "half": [0.5, 1.5]}


@pytest.mark.slow
def test_status_and_metadata(client: RestClient):
    [version] = client.status(3)
    assert (version["version"], version["state"]) == ("3", "AVAILABLE")
    assert "two" in client.metadata()["metadata"]["signature_def"]["signature_def"]


@pytest.mark.slow
def test_a_refusal_is_a_serving_error_in_the_servers_words(client: RestClient):
    with pytest.raises(ServingError) as caught:
        client.predict([[1, 2]], version=9)
    assert caught.value.status == 404
    assert caught.value.message == "Servable not found for request: Specific(small, 9)"
    assert str(caught.value).startswith("The model server answered 404: ")


def test_without_a_server_there_is_an_os_error():
    with pytest.raises(OSError, match="refused"):
        RestClient("http://127.0.0.1:9", "small").status()


def test_another_program_that_answers_200_is_no_model_server():
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "up"}')

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(ServingError, match="so this is no model server"):
            RestClient(f"http://127.0.0.1:{other.server_port}", "small").status()
        thread.join()


@pytest.fixture
def closing_address() -> Iterator[str]:
    """Of a server that answers the first request of a connection, and ends it at the second."""
    body = b'{"model_version_status": []}'
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.settimeout(10)
                        connection.recv(1 << 16)
                        connection.sendall(sent)
                        connection.recv(1 << 16)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_connection_that_was_closed_while_it_was_idle_is_opened_anew(
    closing_address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client_module, "_IDLE_SECONDS", 0.0)
    client = RestClient(closing_address, "small")
    assert [client.status() for _ in range(3)] == [[]] * 3


def test_one_that_breaks_while_it_is_in_use_is_told(
    closing_address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client_module, "_IDLE_SECONDS", 3600.0)
    client = RestClient(closing_address, "small")
    assert client.status() == []
    with pytest.raises(OSError, match="Connection aborted"):
        client.status()


@pytest.mark.medium
def test_the_client_starts_without_tensorflow():
    modules = "sys, serving.clients.rest_client, serving.launch"
    code = f"import {modules}; print('tensorflow' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="."
    )
    assert run.stdout.strip() == "False"
