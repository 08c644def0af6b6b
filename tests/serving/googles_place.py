"""Runs a program where Google's addresses lead to fake-gcs-server on this machine, over TLS.

TensorFlow asks https://www.googleapis.com and https://storage.googleapis.com for gs://, and no
variable changes that. So the program gets a network of its own with nothing but a loopback, where
these names are this machine's: python -m tests.serving.googles_place PROGRAM [ARGUMENT …]
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.certificates import GOOGLE, HERE, Authority
from tests.serving.google_account import service_account
from tests.serving.object_stores import google_behind
from tests.serving.wire import Wire

PORT = 443
TENSORFLOWS = b"Transfer-Encoding: identity\r\n"
"""With each upload, which servers in Go refuse (net/http/transfer.go)."""
PART = b"Content-Type: application/http\n%s\n"
BEAMS, NAMED = PART % b"MIME-Version: 1.0", PART % b"Content-ID: <b+1>"
"""Parts of a batch of requests have no name, and fake-gcs-server passes over them (fakestorage/
server.go). Of equal length, since the length of all has been sent."""

LAYOUT, BUCKET = b"/storageLayout HTTP/1.1\r\n", b" HTTP/1.1\r\n"
"""TensorFlow 2.21 asks before it renames: has the bucket folders of its own? fake-gcs-server knows
no such question (404); what it says of the bucket names none, as that of a flat one does."""

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def enter() -> list[str] | None:
    """What starts a program there; None where this machine allows no such network."""
    ask = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    try:
        tried = subprocess.run([*ask, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return [*ask, sys.executable, "-m", __name__] if tried.returncode == 0 else None


@contextlib.contextmanager
def here() -> Iterator[Wire]:
    """Sets the place up in the network of this process, and in the mounts, which end with it."""
    _raise_loopback()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        hosts = Path(folder) / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()} {' '.join(GOOGLE)}\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
        authority = Authority(Path(folder))
        patch.setenv("GOOGLE_AUTH_TOKEN_FOR_TESTING", "a token")
        patch.setenv("NO_GCE_CHECK", "true")
        tls = authority.server((*GOOGLE, *HERE))
        account = Path(folder) / "account.json"
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        with (
            service_account(account),
            Wire(tls, GOOGLE[0], PORT) as wire,
            google_behind(wire, authority),
        ):
            wire.instead = {TENSORFLOWS: b"", BEAMS: NAMED, LAYOUT: BUCKET}
            yield wire


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        name = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(sock, _SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | _IFF_UP))


if __name__ == "__main__":
    with here():
        raise SystemExit(subprocess.run(sys.argv[1:], check=False).returncode)
