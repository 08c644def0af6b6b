from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
import ssl
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.hub import REPOSITORY, HubError, Module, main, resolve

GRAPH = b"graph" * 100


def tar_gz(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


ARCHIVE = tar_gz(**{"saved_model.pb": GRAPH, "variables/variables.index": b"index"})
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def basic(user: str) -> str:
    return f"Basic {base64.b64encode(user.encode()).decode()}"


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    user: str | None = None


class HubServer(ThreadingHTTPServer):
    """Answers from `answers`, and remembers the paths that were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        answer = self.server.answers.get(self.path.partition("?")[0], Answer(status=404))
        if answer.user and self.headers["Authorization"] != basic(answer.user):
            answer = Answer(status=401)
        self.send_response(answer.status)
        length = len(answer.body) if answer.declared is None else answer.declared
        for name, value in {"Content-Length": str(length), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(server: HubServer) -> Iterator[HubServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[HubServer]:
    with serving(HubServer()) as running:
        running.answers["/encoder/1"] = Answer(ARCHIVE)
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def entries(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()} - {".lock"} if cache.exists() else set()


def write_module(folder: Path) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(GRAPH)
    return folder


# Folders and archives on this machine.


def test_folder_is_used_where_it_is(tmp_path: Path, cache: Path) -> None:
    folder = write_module(tmp_path / "encoder")
    module = resolve(str(folder))
    assert module == Module(folder, str(folder), module.sha256)
    assert resolve(f"file://{folder}", sha256=module.sha256).path == folder
    assert not cache.exists()


def test_relative_handle_starts_at_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    with pytest.raises(HubError, match=rf"there is no {REPOSITORY}/models/modules/absent"):
        resolve("models/modules/absent")


def test_folder_that_is_not_what_was_pinned(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "encoder")
    pinned = resolve(str(folder)).sha256
    (folder / "saved_model.pb").write_bytes(b"other")
    with pytest.raises(HubError, match=rf"has sha256 [0-9a-f]+, but hub\.sha256 is {pinned}"):
        resolve(str(folder), sha256=pinned)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_local_archive(tmp_path: Path, cache: Path, scheme: str) -> None:
    (tmp_path / "encoder v1.tgz").write_bytes(ARCHIVE)
    path = str(tmp_path / "encoder v1.tgz")
    handle = f"file://{path.replace(' ', '%20')}" if scheme else path
    module = resolve(handle, sha256=f"sha256:{DIGEST.upper()}")
    assert module.sha256 == DIGEST
    assert (module.path / "saved_model.pb").read_bytes() == GRAPH
    assert entries(cache) == {DIGEST}
    assert resolve(handle) == module


@pytest.mark.parametrize(
    ("handle", "complaint"),
    [
        ("/nowhere/encoder", "does not exist"),
        ("file://elsewhere/encoder", "names the machine 'elsewhere'"),
        ("", r"holds no saved_model\.pb"),
    ],
)
def test_local_handle_without_a_module(handle: str, complaint: str) -> None:
    with pytest.raises(HubError, match=complaint):
        resolve(handle)


def test_malformed_pin(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "encoder")
    with pytest.raises(HubError, match=r"hub\.sha256=abc, which is not 64 hexadecimal digits"):
        resolve(str(folder), sha256="abc")


# The Hub web protocol.


def test_pinned_handle_is_fetched_once_and_then_needs_no_server(cache: Path) -> None:
    with serving(HubServer()) as server:
        server.answers["/encoder/1"] = Answer(ARCHIVE)
        handle = f"{server.url}/encoder/1"
        module = resolve(handle, sha256=DIGEST, allow_http=True)
        assert server.requests == ["/encoder/1?tf-hub-format=compressed"]
    assert (module.path / "saved_model.pb").read_bytes() == GRAPH
    assert (module.handle, module.sha256) == (handle, DIGEST)
    assert resolve(handle, sha256=DIGEST, allow_http=True) == module


def test_handle_that_is_not_pinned_is_refused_with_its_digest(
    server: HubServer, cache: Path
) -> None:
    handle = f"{server.url}/encoder/1"
    with pytest.raises(HubError, match=f"is not pinned.*add --set hub.sha256={DIGEST}$"):
        resolve(handle, allow_http=True)
    resolve(handle, sha256=DIGEST, allow_http=True)
    assert len(server.requests) == 1, "the pinned run uses what was fetched for the refusal"


def test_plain_http_is_refused_before_any_request(server: HubServer) -> None:
    with pytest.raises(HubError, match=r"plain http.*hub\.allow_http=true"):
        resolve(f"{server.url}/encoder/1", sha256=DIGEST)
    assert server.requests == []


def test_credentials_in_a_handle_are_refused_and_not_shown() -> None:
    with pytest.raises(HubError, match=r"hub.handle https://a\.io/m holds credentials") as error:
        resolve("https://me:secret@a.io/m", sha256=DIGEST)
    assert "secret" not in str(error.value)


def test_credentials_come_from_netrc(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/private"] = Answer(ARCHIVE, user="me:secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with pytest.raises(HubError, match=r"is refused by localhost \(401\).*~/\.netrc"):
        resolve(f"{server.url}/private", sha256=DIGEST, allow_http=True)
    (tmp_path / "netrc").write_text("machine localhost login me password secret")
    assert resolve(f"{server.url}/private", sha256=DIGEST, allow_http=True).sha256 == DIGEST


def test_redirects_are_followed(server: HubServer) -> None:
    server.answers["/new/1"] = Answer(status=301, headers={"Location": "/encoder/1"})
    server.answers["/old/1"] = Answer(status=302, headers={"Location": f"{server.url}/new/1"})
    assert resolve(f"{server.url}/old/1", sha256=DIGEST, allow_http=True).sha256 == DIGEST
    assert len(server.requests) == 3


def test_redirect_loop_ends(server: HubServer, cache: Path) -> None:
    server.answers["/loop"] = Answer(status=302, headers={"Location": "/loop"})
    with pytest.raises(HubError, match="redirects more than 5 times"):
        resolve(f"{server.url}/loop", sha256=DIGEST, allow_http=True)
    assert entries(cache) == set()


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (Answer(status=404), "localhost answered 404 Not Found"),
        (Answer(status=503), "localhost answered 503 Service Unavailable"),
        (Answer(status=304), "localhost answered 304"),
        (Answer(ARCHIVE[:-10]), "but hub.sha256 is"),
        (Answer(ARCHIVE[:-10], declared=len(ARCHIVE)), "cannot be downloaded .*more expected"),
        (Answer(bytes(3_000_000)), r"larger than 2 MB: .*raise hub\.max_megabytes"),
        (
            Answer(b"2dc6c0\r\n" + bytes(3_000_000), headers={"Transfer-Encoding": "chunked"}),
            "larger than 2 MB",
        ),
    ],
)
def test_failed_download_is_one_sentence_and_leaves_nothing(
    server: HubServer, cache: Path, answer: Answer, complaint: str
) -> None:
    server.answers["/bad"] = answer
    with pytest.raises(HubError, match=complaint) as error:
        resolve(f"{server.url}/bad", sha256=DIGEST, max_megabytes=2, allow_http=True)
    assert str(error.value).startswith(f"hub.handle {server.url}/bad ")
    assert "\n" not in str(error.value)
    assert entries(cache) == set()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>Sign in</html>", "a web page"),
        (tar_gz(**{"../evil": b""}), "not a path inside it"),
        (tar_gz(**{"README.md": b""}), r"holds no saved_model\.pb but README\.md"),
        (tar_gz(**{"saved_model.pb": bytes(3_000_000)}), "unpacks to more than 2 MB"),
    ],
)
@pytest.mark.parametrize("pinned", [True, False])
def test_bad_archive_is_refused_pinned_or_not_and_leaves_nothing(
    server: HubServer, cache: Path, body: bytes, complaint: str, pinned: bool
) -> None:
    server.answers["/bad"] = Answer(body)
    pin = digest_of(body) if pinned else None
    with pytest.raises(HubError, match=complaint):
        resolve(f"{server.url}/bad", sha256=pin, max_megabytes=2, allow_http=True)
    assert entries(cache) == set()


def test_wrong_digest_is_refused_before_unpacking(server: HubServer, cache: Path) -> None:
    server.answers["/evil.tar.gz"] = Answer(tar_gz(**{"../evil": b""}))
    with pytest.raises(HubError, match=f"but hub.sha256 is {DIGEST}"):
        resolve(f"{server.url}/evil.tar.gz", sha256=DIGEST, allow_http=True)
    assert entries(cache) == set()


def test_single_top_folder(server: HubServer) -> None:
    body = tar_gz(**{"encoder/saved_model.pb": GRAPH})
    server.answers["/nested"] = Answer(body)
    module = resolve(f"{server.url}/nested", sha256=digest_of(body), allow_http=True)
    assert (module.path / "saved_model.pb").read_bytes() == GRAPH


def test_bytes_are_taken_as_stored_whatever_encoding_is_claimed(server: HubServer) -> None:
    server.answers["/m.tar.gz"] = Answer(ARCHIVE, headers={"Content-Encoding": "gzip"})
    assert resolve(f"{server.url}/m.tar.gz", sha256=DIGEST, allow_http=True).sha256 == DIGEST


def test_server_that_is_not_there() -> None:
    with HubServer() as closed:
        handle = f"{closed.url}/encoder/1"
    with pytest.raises(HubError, match=r"cannot be downloaded \(Connection refused\)"):
        resolve(handle, sha256=DIGEST, allow_http=True)


def test_server_that_does_not_answer() -> None:
    with (
        HubServer() as silent,
        pytest.raises(HubError, match=r"cannot be downloaded \(.*timed out"),
    ):
        resolve(f"{silent.url}/m", sha256=DIGEST, allow_http=True, timeout=0.2)


@pytest.mark.parametrize("handle", ["https://[::1/m", "https:///m", "file://[/m"])
def test_address_that_is_none(handle: str) -> None:
    with pytest.raises(HubError, match=r"not an address|Invalid URL"):
        resolve(handle, sha256=DIGEST, timeout=1)


def test_altered_cache_is_fetched_again(server: HubServer) -> None:
    handle = f"{server.url}/encoder/1"
    module = resolve(handle, sha256=DIGEST, allow_http=True)
    (module.path / "variables/variables.index").write_bytes(b"other")
    assert resolve(handle, sha256=DIGEST, allow_http=True) == module
    assert (module.path / "variables/variables.index").read_bytes() == b"index"
    assert len(server.requests) == 2


def test_many_at_once(server: HubServer, cache: Path) -> None:
    def once(_: int) -> Module:
        return resolve(f"{server.url}/encoder/1", sha256=DIGEST, allow_http=True)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(once, range(16)))) == 1
    assert entries(cache) == {DIGEST}


def test_cache_argument_goes_before_the_environment(
    server: HubServer, tmp_path: Path, cache: Path
) -> None:
    resolve(f"{server.url}/encoder/1", sha256=DIGEST, allow_http=True, cache=tmp_path / "given")
    assert entries(tmp_path / "given") == {DIGEST}
    assert not cache.exists()


def test_cache_in_the_home_folder(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    module = resolve(f"{server.url}/encoder/1", sha256=DIGEST, allow_http=True)
    assert module.path.is_relative_to(tmp_path / ".cache/tfhub_modules")


def test_cache_that_cannot_be_written(server: HubServer, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(HubError, match="set TFHUB_CACHE_DIR"):
        resolve(f"{server.url}/encoder/1", sha256=DIGEST, allow_http=True)


def test_cache_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", "gs://bucket/cache")
    with pytest.raises(HubError, match="TFHUB_CACHE_DIR=gs://bucket/cache: set it to a local"):
        resolve("https://a.io/m", sha256=DIGEST)


def test_large_download_reports_progress(
    server: HubServer, caplog: pytest.LogCaptureFixture
) -> None:
    body = tar_gz(**{"saved_model.pb": os.urandom(1_500_000)})
    server.answers["/large"] = Answer(body)
    with caplog.at_level(logging.INFO, logger="progress"):
        resolve(f"{server.url}/large", sha256=digest_of(body), allow_http=True)
    assert "downloading the Hub module from localhost: 1." in caplog.text
    assert caplog.records[0].__dict__["total"] == len(body)


def test_tls_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}",
        shell=True,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure = HubServer()
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    secure.scheme = "https"
    with serving(HubServer()) as plain, serving(secure):
        plain.answers["/encoder/1"] = secure.answers["/encoder/1"] = Answer(ARCHIVE)
        location = {"Location": f"{plain.url}/encoder/1"}
        secure.answers["/downgrade"] = Answer(status=302, headers=location)
        with pytest.raises(HubError, match="certificate verify failed"):
            resolve(f"{secure.url}/encoder/1", sha256=DIGEST)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert resolve(f"{secure.url}/encoder/1", sha256=DIGEST).sha256 == DIGEST
        with pytest.raises(HubError, match="from https to plain http"):
            resolve(f"{secure.url}/downgrade", sha256=digest_of(b""), allow_http=True)
        assert plain.requests == []


# The command.


def test_command_prints_path_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "encoder.tar.gz").write_bytes(ARCHIVE)
    assert main([str(tmp_path / "encoder.tar.gz")]) == 0
    path, digest = capsys.readouterr().out.splitlines()
    assert Path(path.split()[1], "saved_model.pb").is_file()
    assert digest.split() == ["sha256", DIGEST]


def test_command_ends_with_one_sentence(server: HubServer) -> None:
    command = [sys.executable, "-m", "models.hub", f"{server.url}/encoder/1", "--allow-http"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith(f"--set hub.sha256={DIGEST}")
    assert len(result.stderr.splitlines()) == 1


# With TensorFlow.


@pytest.mark.slow
def test_file_systems_that_tensorflow_reads(cache: Path) -> None:
    import tensorflow as tf

    # ram:// is TensorFlow's own; gs:// and s3:// go the same way.
    for name in ("saved_model.pb", "variables/variables.index"):
        tf.io.gfile.makedirs(os.path.dirname(f"ram://encoder/{name}"))
        with tf.io.gfile.GFile(f"ram://encoder/{name}", "wb") as file:
            file.write(GRAPH)
    with tf.io.gfile.GFile("ram://archives/encoder.tar.gz", "wb") as file:
        file.write(ARCHIVE)
    with pytest.raises(HubError, match=r"is not pinned.*hub\.sha256=") as error:
        resolve("ram://encoder")
    module = resolve("ram://encoder", sha256=str(error.value).rpartition("=")[2])
    assert (module.path / "variables/variables.index").read_bytes() == GRAPH
    assert resolve("ram://archives/encoder.tar.gz", sha256=DIGEST).sha256 == DIGEST
    for handle, complaint in [
        ("ram://encoder/variables", r"holds no saved_model\.pb"),
        ("ram://absent", "cannot be read by TensorFlow"),
        ("nonsense://encoder", "cannot be read by TensorFlow .*not implemented"),
    ]:
        with pytest.raises(HubError, match=complaint):
            resolve(handle)
    with pytest.raises(HubError, match="larger than 0 MB"):
        resolve("ram://encoder", max_megabytes=0)


@pytest.mark.slow
def test_keras_layer_gives_the_same_through_a_resolved_archive(
    tmp_path: Path, server: HubServer
) -> None:
    import numpy as np
    import tensorflow as tf
    import tensorflow_hub as hub

    class Doubler(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.factor = tf.Variable([2.0, 3.0])

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)], autograph=False)
        def __call__(self, values: tf.Tensor) -> tf.Tensor:
            return values * self.factor

    tf.saved_model.save(Doubler(), str(tmp_path / "doubler"))
    with tarfile.open(tmp_path / "doubler.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "doubler", arcname="doubler")
    body = (tmp_path / "doubler.tar.gz").read_bytes()
    server.answers["/doubler/1"] = Answer(body)
    module = resolve(f"{server.url}/doubler/1", sha256=digest_of(body), allow_http=True)
    outputs = hub.KerasLayer(str(module.path))(tf.constant([[1.0, 1.0]]))
    np.testing.assert_array_equal(outputs, [[2.0, 3.0]])
