"""Greetings as MariaDB 10.11 and PostgreSQL 15 send them, and others; tests/pipeline/local/
test_run_store.py has a real one."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from documents.store_address import StoreAddress
from pipeline.local.store.first_words import first_words

FULL = b"\x17\x00\x00\x00\xff\x10\x04Too many connections"
BLOCKED = b"\x1d\x00\x00\x00\xff\x69\x04#HY000Host '10.0.0.1' is b"
WELCOME = b"\x05\x00\x00\x00\x0a10.1"
ENTRY = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for host\0Fauth.c\0\0"
CLOSED = b"NE" + struct.pack("!i", 4 + len(ENTRY)) + ENTRY
ASKS = b"NR" + struct.pack("!ii", 8, 10)


@contextmanager
def answering(scheme: str, content: bytes) -> Iterator[StoreAddress]:
    def answer() -> None:
        client, _ = server.accept()
        with client:
            client.sendall(content)
            client.settimeout(0.2)
            try:
                while client.recv(1 << 12):
                    pass
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        yield StoreAddress(scheme, "127.0.0.1", port, "metadb", "me", "s3cret")
        thread.join()


@pytest.mark.medium
@pytest.mark.parametrize(
    ("scheme", "content", "words"),
    [
        ("mysql", FULL, "Too many connections"),
        ("mysql", BLOCKED, "Host '10.0.0.1' is b"),
        ("mysql", WELCOME, ""),
        ("postgresql", CLOSED, "no pg_hba.conf entry for host"),
        ("postgresql", ASKS, ""),
        *((scheme, b"", "") for scheme in ("mysql", "postgresql")),
        *((scheme, b"HTTP/1.1 400 Bad Request\r\n\r\n", "") for scheme in ("mysql", "postgresql")),
        *(("mysql", FULL[:size], "") for size in (2, 4, 6)),
        *(("postgresql", CLOSED[:size], "") for size in (1, 3, 9)),
        ("postgresql", b"NE\xff\xff\xff\xff", ""),
        ("postgresql", b"S", ""),
    ],
)
def test_what_a_server_says_before_it_asks_who_it_is(
    scheme: str, content: bytes, words: str
) -> None:
    with answering(scheme, content) as address:
        assert first_words(address) == words


def test_nobody_there_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert first_words(StoreAddress("mysql", "127.0.0.1", port, "metadb", "me", "")) == ""
    assert first_words(StoreAddress("grpc", "127.0.0.1", port, "", "", "")) == ""
