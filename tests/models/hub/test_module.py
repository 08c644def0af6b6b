from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.hub.__main__ import main
from models.hub.module import REPOSITORY, HubError, Module, resolve

if TYPE_CHECKING:
    from tests.models.conftest import HubServer

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


@pytest.fixture
def handle(server: HubServer) -> str:
    return server.answer("/encoder/1", ARCHIVE)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
        ("", "hub.handle  is empty: name a folder, an archive or an address"),
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


def fetch(handle: str, pin: str | None = DIGEST, cache: Path | None = None) -> Module:
    return resolve(handle, sha256=pin, allow_http=True, max_megabytes=2, cache=cache)


def test_pinned_handle_is_fetched_once_and_then_needs_no_server(
    stopped_server: HubServer,
) -> None:
    handle = stopped_server.answer("/encoder/1", ARCHIVE)
    with stopped_server.running():
        module = fetch(handle)
    assert stopped_server.requests == ["/encoder/1?tf-hub-format=compressed"]
    assert (module.path / "saved_model.pb").read_bytes() == GRAPH
    assert (module.handle, module.sha256) == (handle, DIGEST)
    assert fetch(handle) == module


def test_handle_that_is_not_pinned_is_refused_with_its_digest(
    handle: str, server: HubServer
) -> None:
    with pytest.raises(HubError, match=f"is not pinned.*add --set hub.sha256={DIGEST}$"):
        fetch(handle, pin=None)
    fetch(handle)
    assert len(server.requests) == 1, "the pinned run uses what was fetched for the refusal"


def test_plain_http_is_refused_before_any_request(handle: str, server: HubServer) -> None:
    with pytest.raises(HubError, match=r"plain http.*hub\.allow_http=true"):
        resolve(handle, sha256=DIGEST)
    assert server.requests == []


def test_credentials_in_a_handle_are_refused_and_not_shown() -> None:
    with pytest.raises(HubError, match=r"hub.handle https://a\.io/m holds credentials") as error:
        fetch("https://me:secret@a.io/m")
    assert "secret" not in str(error.value)


def test_failed_download_is_one_sentence_and_leaves_nothing(server: HubServer, cache: Path) -> None:
    address = server.answer("/m", ARCHIVE, headers={"Content-Length": "9999"})
    with pytest.raises(HubError, match=f"^hub.handle {address} cannot be downloaded .*[^\n]$"):
        fetch(address)
    assert entries(cache) == set()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>Sign in</html>", "a web page"),
        (ARCHIVE[:-10], "damaged"),
        (tar_gz(**{"../evil": b""}), "not a path inside it"),
        (tar_gz(**{"README.md": b""}), r"holds no saved_model\.pb but README\.md"),
        (tar_gz(**{"saved_model.pb": bytes(3_000_000)}), "unpacks to more than 2 MB"),
    ],
    # Names of their own: archives hold the time they were made, which no test's name may.
    ids=["page", "cut", "outside", "no_model", "large"],
)
@pytest.mark.parametrize("pinned", [True, False])
def test_bad_archive_is_refused_pinned_or_not_and_leaves_nothing(
    server: HubServer, cache: Path, body: bytes, complaint: str, pinned: bool
) -> None:
    with pytest.raises(HubError, match=complaint):
        fetch(server.answer("/bad", body), digest_of(body) if pinned else None)
    assert entries(cache) == set()


def test_wrong_digest_is_refused_before_unpacking(server: HubServer, cache: Path) -> None:
    address = server.answer("/evil.tar.gz", tar_gz(**{"../evil": b""}))
    with pytest.raises(HubError, match=f"but hub.sha256 is {DIGEST}"):
        fetch(address)
    assert entries(cache) == set()


def test_single_top_folder(server: HubServer) -> None:
    body = tar_gz(**{"encoder/saved_model.pb": GRAPH})
    module = fetch(server.answer("/nested", body), digest_of(body))
    assert (module.path / "saved_model.pb").read_bytes() == GRAPH


@pytest.mark.parametrize("malformed", ["https://[::1/m", "https:///m", "file://[/m"])
def test_address_that_is_none(malformed: str) -> None:
    with pytest.raises(HubError, match=r"not an address|Invalid URL"):
        fetch(malformed)


def test_altered_cache_is_fetched_again(handle: str, server: HubServer) -> None:
    module = fetch(handle)
    (module.path / "variables/variables.index").write_bytes(b"other")
    assert fetch(handle) == module
    assert (module.path / "variables/variables.index").read_bytes() == b"index"
    assert len(server.requests) == 2


def test_many_at_once(handle: str, cache: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(fetch, [handle] * 16))) == 1
    assert entries(cache) == {DIGEST}


def test_cache_argument_goes_before_the_environment(
    handle: str, tmp_path: Path, cache: Path
) -> None:
    fetch(handle, cache=tmp_path / "given")
    assert entries(tmp_path / "given") == {DIGEST}
    assert not cache.exists()


def test_cache_in_the_home_folder(
    handle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fetch(handle).path.is_relative_to(tmp_path / ".cache/tfhub_modules")


def test_cache_that_cannot_be_written(handle: str, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(HubError, match="set TFHUB_CACHE_DIR"):
        fetch(handle)


def test_without_a_home_folder_the_cache_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.getuid", lambda: 3_999_999)
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    with pytest.raises(HubError, match="this user has no home folder: set TFHUB_CACHE_DIR"):
        resolve("https://example.org/encoder/1", sha256="ab" * 32)
    assert list(tmp_path.iterdir()) == []


def test_cache_on_another_machine(handle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", "gs://bucket/cache")
    with pytest.raises(HubError, match="TFHUB_CACHE_DIR=gs://bucket/cache: set it to a local"):
        fetch(handle)


# The command.


def test_command_prints_path_and_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "encoder.tar.gz").write_bytes(ARCHIVE)
    assert main([str(tmp_path / "encoder.tar.gz")]) == 0
    path, digest = capsys.readouterr().out.splitlines()
    assert Path(path.split()[1], "saved_model.pb").is_file()
    assert digest.split() == ["sha256", DIGEST]


def test_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "encoder.tar.gz").write_bytes(ARCHIVE)
    assert main([str(tmp_path / "encoder.tar.gz"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found.pop("path"), "saved_model.pb").is_file()
    assert found == {"sha256": DIGEST}


def test_command_ends_with_one_sentence(handle: str) -> None:
    command = [sys.executable, "-m", "models.hub", handle, "--allow-http"]
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
    module = fetch(server.answer("/doubler/1", body), digest_of(body))
    outputs = hub.KerasLayer(str(module.path))(tf.constant([[1.0, 1.0]]))
    np.testing.assert_array_equal(outputs, [[2.0, 3.0]])


def test_what_has_no_end_is_not_copied(tmp_path: Path, cache: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    for handle in ("/dev/zero", "file:///dev/zero", str(tmp_path / "link")):
        with pytest.raises(HubError, match=r"^hub\.handle \S+ is a device, not a file: set it to"):
            resolve(handle)
    with pytest.raises(HubError, match=r"is a FIFO, not a file"):
        resolve(str(tmp_path / "fifo"))
    assert entries(cache) == set()


def test_a_file_is_copied_only_as_far_as_it_may_be(tmp_path: Path, cache: Path) -> None:
    with (tmp_path / "huge.tar.gz").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(HubError, match=r"is larger than 2 MB: .* raise hub\.max_megabytes"):
        resolve(str(tmp_path / "huge.tar.gz"), max_megabytes=2)
    assert entries(cache) == set()
