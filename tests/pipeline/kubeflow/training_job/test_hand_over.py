"""A step's files in the hands of a replica, over HTTP on loopback."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.kubeflow.training_job.hand_over import Handed, HandOver
from pipeline.kubeflow.training_job.handed import ATTEMPTS, HandedError, HandedStep

TOKEN = "word"
INPUTS = {
    "gcs/bucket/examples/Split-train/a b%.gz": b"x" * 3_000_000,
    "gcs/bucket/examples/empty": b"",
    "minio/one": b"1",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, content in {**INPUTS, "gcs/bucket/other": b"secret"}.items():
        (tmp_path / "step" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "step" / path).write_bytes(content)
    return tmp_path / "step"


@pytest.fixture
def over(root: Path) -> Iterator[HandOver]:
    handed = Handed(root, ["--a", "b"], ["gcs/bucket/examples", "minio/one"], ["gcs/bucket/model"])
    server = HandOver(handed, "127.0.0.1", TOKEN)
    yield server
    server.close()


def replica(over: HandOver, token: str = TOKEN) -> HandedStep:
    return HandedStep(over.address, token, pause=lambda seconds: None)


def asked(over: HandOver, method: str, path: str, body: bytes = b"", token: str = TOKEN) -> int:
    host, _, port = over.address.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request(method, path, body, {"Authorization": f"Bearer {token}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_inputs_arrive_as_they_are(over: HandOver, tmp_path: Path) -> None:
    step = replica(over)
    told = step.told()
    assert told["arguments"] == ["--a", "b"]
    assert told["outputs"] == ["gcs/bucket/model"]
    assert told["files"] == {path: len(content) for path, content in INPUTS.items()}
    step.fetch(told["files"], tmp_path / "replica")
    for path, content in INPUTS.items():
        assert (tmp_path / "replica" / path).read_bytes() == content


def test_outputs_arrive_whole_or_are_not_there(over: HandOver, root: Path, tmp_path: Path) -> None:
    made = {"gcs/bucket/model/saved_model.pb": b"m" * 2_500_000, "gcs/bucket/model/v/ä": b""}
    for path, content in made.items():
        (tmp_path / "replica" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "replica" / path).write_bytes(content)
    assert over.delivered is None
    replica(over).deliver({"artifacts": {}}, ["gcs/bucket/model"], tmp_path / "replica")
    assert over.delivered == {"artifacts": {}}
    for path, content in made.items():
        assert (root / path).read_bytes() == content


def test_what_is_not_all_there_is_not_taken(over: HandOver, root: Path) -> None:
    assert asked(over, "PUT", "/files/gcs/bucket/model/a", b"abc") == 200
    told = b'{"output": {}, "files": {"gcs/bucket/model/a": "other"}}'
    assert asked(over, "POST", "/done", told) == 409
    assert asked(over, "POST", "/done", b'{"output": {}, "files": {}}') == 409
    assert asked(over, "POST", "/done", b"[]") == 400
    assert over.delivered is None


@pytest.mark.medium
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/files/gcs/bucket/other"),
        ("GET", "/files/gcs/bucket/examples/../other"),
        ("GET", "/files/gcs/bucket/examples/%2e%2e/other"),
        ("GET", "/files//etc/passwd"),
        ("GET", "/files/gcs/bucket/examples"),
        ("GET", "/files/minio/none"),
        ("GET", "/other"),
        ("PUT", "/files/gcs/bucket/examples/new"),
        ("PUT", "/files/gcs/bucket/model/../examples/new"),
        ("PUT", "/files/gcs/bucket/models"),
        ("POST", "/step"),
    ],
)
def test_other_files_are_nobodys_business(over: HandOver, method: str, path: str) -> None:
    assert asked(over, method, path) == 404


def test_who_shows_no_token_gets_nothing(over: HandOver, root: Path) -> None:
    for method, path in (("GET", "/step"), ("PUT", "/files/gcs/bucket/model/a"), ("POST", "/done")):
        assert asked(over, method, path, token="worD") == 401
    assert not (root / "gcs/bucket/model").exists()
    with pytest.raises(HandedError, match="401"):
        replica(over, "other").told()


def test_a_cut_connection_is_asked_again(tmp_path: Path) -> None:
    """A server that hangs up twice before it has sent all."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def serve() -> None:
        for sent in (b"", b"12", b"12345"):
            connection, _ = listening.accept()
            connection.recv(65_536)
            head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" if sent else b""
            connection.sendall(head + sent)
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    paused: list[float] = []
    HandedStep(address, TOKEN, paused.append).fetch({"a": 5}, tmp_path)
    thread.join()
    listening.close()
    assert (tmp_path / "a").read_bytes() == b"12345"
    assert paused == [1.0, 2.0]


def test_a_step_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    paused: list[float] = []
    with pytest.raises(HandedError, match=r"does not hand over .*GET /step: .*run the step again"):
        HandedStep(address, TOKEN, paused.append).told()
    assert len(paused) == ATTEMPTS - 1
