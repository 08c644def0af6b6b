from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from models.hub.module import Module
from tests.once import once


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    user: str | None = None


class HubServer(ThreadingHTTPServer):
    """A web server on this machine; remembers the paths that it was asked for."""

    daemon_threads = True
    scheme = "http"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}"

    def answer(
        self,
        path: str,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        user: str | None = None,
    ) -> str:
        """Answer `path` so from now on, only to `user` ("name:password") if given; its address."""
        self.answers[path] = Answer(body, status, headers or {}, user)
        return self.url + path

    @contextmanager
    def running(self) -> Iterator[HubServer]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        answer = self.server.answers.get(self.path.partition("?")[0], Answer(status=404))
        if answer.user:
            token = base64.b64encode(answer.user.encode()).decode()
            if self.headers["Authorization"] != f"Basic {token}":
                answer = Answer(status=401)
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def stopped_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A server that listens but answers nobody until its running() is entered."""
    monkeypatch.setenv("NO_PROXY", "*")
    with HubServer() as server:
        yield server


@pytest.fixture
def server(stopped_server: HubServer) -> Iterator[HubServer]:
    with stopped_server.running():
        yield stopped_server


# Fixtures of training and export. TensorFlow is imported late: the tests of Hub need none.


@pytest.fixture(scope="session")
def shards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """TFRecord files by split, `train` (300 examples, 2 files) and `eval` (60): easy to tell apart.

    The label is the number of the bright row, counted in pairs.
    """
    import numpy as np
    import tensorflow as tf

    from models.description import describe
    from tests import fashion_mnist as features

    random = np.random.default_rng(0)
    artifact = tmp_path_factory.mktemp("examples")
    (artifact / "features.json").write_bytes(describe(features.DECLARATION).encode())
    folder = artifact / "Split-all"
    folder.mkdir()

    def write(name: str, count: int) -> str:
        path = str(folder / name)
        with tf.io.TFRecordWriter(path) as writer:
            for index in range(count):
                pixels = random.integers(0, 64, (features.HEIGHT, features.WIDTH), np.uint8)
                pixels[2 * (index % 10) + 4] = 255
                image = tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels.tobytes()]))
                label = tf.train.Feature(int64_list=tf.train.Int64List(value=[index % 10]))
                feature = {features.IMAGE: image, features.LABEL: label}
                example = tf.train.Example(features=tf.train.Features(feature=feature))
                writer.write(example.SerializeToString())
        return path

    return {"train": [write("train-0", 150), write("train-1", 150)], "eval": [write("eval-0", 60)]}


@pytest.fixture(scope="session")
def transform_graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a transform graph made of our preprocessing, as the Transform node writes it."""
    from tests.models.transform import write_transform_graph

    return str(once(tmp_path_factory, "transform_graph", write_transform_graph))


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    """The shipped module's network without its training."""
    from models.modules.encoder import Encoder

    folder = once(
        tmp_path_factory, "encoder", lambda folder: Encoder(seed=0).save(str(folder), (28, 28))
    )
    return Module(folder, str(folder), "0" * 64)
