"""First bytes as MariaDB 10.11, PostgreSQL 15 and gRPC send them, whole and in pieces; tests/
pipeline/local/store/test_run_store.py has real servers."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from documents.store_address import StoreAddress
from serving.base_path import metadata_protocol
from serving.base_path.metadata_protocol import ASKS_FOR_TLS, ProtocolError, demand_protocol

MARIADB = b"d\0\0\0\n5.5.5-10.11.19-MariaDB\0"
FULL = b"\x17\0\0\0\xff\x10\x04Too many connections"
LONG_AS_N = b"N\0\0\0\n8.0"
GRPC = b"\0\0\x1e\x04\0\0\0\0\0"
HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\n"
SCHEMES = ("mysql", "postgresql", "grpc")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said does not depend on how long a greeting is waited for."""
    monkeypatch.setattr(metadata_protocol, "_GREETING_SECONDS", 0.05)


@contextmanager
def answering(scheme: str, *pieces: bytes, when_asked: bool = False) -> Iterator[StoreAddress]:
    """A server that says something, in as many packets; at once, or when it was asked for TLS."""

    def answer() -> None:
        client, _ = server.accept()
        with client:
            client.settimeout(30)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if when_asked:
                assert client.recv(64) == ASKS_FOR_TLS
            for piece in pieces:
                client.sendall(piece)
            # Whoever was told enough hangs up.
            with contextlib.suppress(ConnectionResetError):
                while pieces and client.recv(64):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        of_database = ("", "") if scheme == "grpc" else ("metadb", "me")
        yield StoreAddress(scheme, "127.0.0.1", port, *of_database, "s3cret")
        thread.join()


@pytest.mark.medium
@pytest.mark.parametrize(
    ("scheme", "pieces", "when_asked", "name", "instead"),
    [
        ("mysql", [b"N"], True, "a PostgreSQL server", "postgresql://me@127.0.0.1:{}/metadb,"),
        ("mysql", [b"S"], True, "a PostgreSQL server", "postgresql://me@127.0.0.1:{}/metadb,"),
        ("grpc", [b"N"], True, "a PostgreSQL server", "postgresql://USER@127.0.0.1:{}/DATABASE,"),
        ("postgresql", [MARIADB], False, "a MySQL server", "mysql://me@127.0.0.1:{}/metadb,"),
        ("postgresql", [LONG_AS_N], False, "a MySQL server", "mysql://me@127.0.0.1:{}/metadb,"),
        ("postgresql", [FULL], False, "a MySQL server", "mysql://me@127.0.0.1:{}/metadb,"),
        ("postgresql", [MARIADB[:3], MARIADB[3:]], False, "a MySQL server", "mysql://me@"),
        ("grpc", [MARIADB], False, "a MySQL server", "mysql://USER@127.0.0.1:{}/DATABASE,"),
        ("mysql", [GRPC], False, "a gRPC server", "grpc://127.0.0.1:{},"),
        ("postgresql", [GRPC], False, "a gRPC server", "grpc://127.0.0.1:{},"),
        ("mysql", [HTTP], True, "an HTTP server", "name the port on which mysql:// is spoken"),
    ],
)
def test_another_server_is_named_with_the_address_that_leads_to_it(
    scheme: str, pieces: Sequence[bytes], when_asked: bool, name: str, instead: str
) -> None:
    with (
        answering(scheme, *pieces, when_asked=when_asked) as address,
        pytest.raises(ProtocolError) as caught,
    ):
        demand_protocol(address)
    sentence = str(caught.value)
    assert sentence.startswith(f"The metadata store {address.shown} cannot be used: {name} ans")
    assert instead.format(address.port) in sentence
    assert "s3cret" not in sentence


@pytest.mark.medium
@pytest.mark.parametrize(
    ("scheme", "pieces", "when_asked"),
    [
        ("mysql", [MARIADB], False),
        ("mysql", [FULL], False),
        ("mysql", [LONG_AS_N], False),
        ("mysql", [MARIADB], True),  # it looked for our name first
        ("postgresql", [b"N"], True),
        ("postgresql", [b"S"], True),
        ("grpc", [GRPC], False),
        ("grpc", [GRPC], True),
        *((scheme, [], False) for scheme in SCHEMES),
        *((scheme, [b"E\0\0\0\x60SFATAL"], True) for scheme in SCHEMES),
    ],
)
def test_the_right_one_and_what_nobody_knows_are_left_to_their_client(
    scheme: str, pieces: Sequence[bytes], when_asked: bool
) -> None:
    with answering(scheme, *pieces, when_asked=when_asked) as address:
        demand_protocol(address)


@pytest.mark.parametrize("scheme", ["mysql", "postgresql"])
def test_one_that_never_says_anything_is_not_left_to_a_client_that_waits_for_ever(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_SECONDS", "_SILENT_SECONDS"):
        monkeypatch.setattr(metadata_protocol, name, 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = StoreAddress(scheme, "127.0.0.1", server.getsockname()[1], "metadb", "me", "x")
        with pytest.raises(ProtocolError, match=r"whoever listens there says nothing; name the "):
            demand_protocol(address)


def test_a_server_of_http_that_waits_for_the_end_of_a_line_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As Python's does; it says what it is."""
    monkeypatch.setattr(metadata_protocol, "_SECONDS", 0.05)
    with http.server.HTTPServer(("127.0.0.1", 0), _Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = StoreAddress("postgresql", "127.0.0.1", server.server_port, "metadb", "me", "x")
        with pytest.raises(ProtocolError, match=r": an HTTP server answers there; name the port"):
            demand_protocol(address)
        server.shutdown()


class _Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None: ...


def test_nobody_there_is_no_other_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    demand_protocol(StoreAddress("mysql", "127.0.0.1", port, "metadb", "me", ""))
