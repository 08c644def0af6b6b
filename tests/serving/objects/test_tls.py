from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.base_path import storage
from serving.base_path.errors import BasePathError
from serving.base_path.versions import list_versions
from serving.objects import place
from serving.objects.place import Place
from serving.objects.store import StoreError
from tests.serving.certificates import Authority
from tests.serving.stores import Store
from tests.there import there

AUTHORITIES = {"gs": "CURL_CA_BUNDLE", "s3": "AWS_CA_BUNDLE"}
SERVERS = {"gs": "STORAGE_EMULATOR_HOST", "s3": "AWS_ENDPOINT_URL"}


@pytest.fixture
def unknown(store: Store) -> Iterator[Store]:
    """A store that this process has never talked to."""
    usual = store.wire.tls
    place._store.cache_clear()
    yield store
    store.wire.tls = usual
    place._store.cache_clear()


@pytest.mark.medium
@pytest.mark.parametrize(
    ("names", "days_ago", "said"),
    [
        (["127.0.0.1"], 30, "has expired; have it renewed, or set the clock"),
        (["127.0.0.1"], -30, "is not valid yet; have it renewed, or set the clock"),
        (["models.example"], 0, "is that of another machine; correct the address"),
        (["127.0.0.2"], 0, "is that of another machine; correct the address"),
    ],
)
def test_a_certificate_that_does_not_hold_is_said_at_once(
    unknown: Store, names: list[str], days_ago: int, said: str
) -> None:
    unknown.wire.tls = unknown.authority.server(names, days_ago=days_ago)
    machine = unknown.wire.url.removeprefix("https://")
    with pytest.raises(StoreError) as raised:
        storage.children(unknown.base())
    assert there(raised.value.strerror).startswith(f"the certificate of {machine} {said}")


@pytest.mark.medium
def test_whom_nobody_vouches_for_is_not_trusted(unknown: Store, tmp_path: Path) -> None:
    unknown.wire.tls = Authority(tmp_path).server()
    base = unknown.base()
    with pytest.raises(BasePathError) as raised:
        list_versions(base)
    said = str(raised.value)
    assert said.startswith(f"Base path {base} cannot be used: the certificate of 127.0.0.1:")
    assert "is not trusted (unable to get local issuer certificate); name a file" in said
    assert said.endswith(f"in {AUTHORITIES[unknown.scheme]}.")
    assert said.count("\n") == 0


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_authorities_that_cannot_be_read_are_named(
    unknown: Store, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, name = tmp_path / "bundle.pem", AUTHORITIES[unknown.scheme]
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(name, str(file))
    with pytest.raises(StoreError, match=f"{name} = {file} names no certificates"):
        storage.children(unknown.base())


def test_a_folder_of_authorities_is_for_clients_that_take_one(
    unknown: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTHORITIES[unknown.scheme], str(tmp_path))
    said = "is not trusted" if unknown.scheme == "gs" else "names no certificates .* directory"
    with pytest.raises(StoreError, match=said):
        storage.children(unknown.base())


@pytest.mark.medium
def test_a_server_that_speaks_no_tls(unknown: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        machine = f"127.0.0.1:{plain.getsockname()[1]}"
        monkeypatch.setenv(SERVERS[unknown.scheme], f"https://{machine}")
        place._store.cache_clear()
        with _answering(plain), pytest.raises(StoreError, match=f"{machine} is asked by https://"):
            storage.children(unknown.base())


@pytest.mark.medium
def test_a_greeting_that_is_cut_is_tried_again(unknown: Store) -> None:
    at = Place(unknown.base())
    unknown.wire.greetings_to_cut = 3
    tag = at.write_new(io.BytesIO(b"content"))
    assert unknown.wire.greetings_to_cut == 0
    assert at.read() == (b"content", tag)


@contextlib.contextmanager
def _answering(listening: socket.socket) -> Iterator[None]:
    """One connection after the other is answered as a web server without TLS does."""

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client:
                    client.recv(1 << 16)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield
    listening.shutdown(socket.SHUT_RDWR)
    thread.join()
