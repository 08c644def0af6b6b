"""What tests that talk to object stores are given."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.objects import patience
from serving.objects.place import Place
from tests.serving.certificates import Authority
from tests.serving.object_stores import BUCKET, SERVERS
from tests.serving.wire import Wire

_count = itertools.count()


@dataclasses.dataclass(frozen=True)
class Store:
    """A bucket in a server that runs, and the wire to it, which speaks TLS."""

    scheme: str
    wire: Wire
    authority: Authority
    """Which signed the certificate of the server."""

    def base(self) -> str:
        """The address of a base path that nobody has used."""
        return f"{self.scheme}://{BUCKET}/serving/base-{next(_count)}"

    def pipeline_root(self) -> str:
        """The address of a pipeline root that nobody has used."""
        return f"{self.scheme}://{BUCKET}/serving/runs-{next(_count)}"

    def write(self, address: str, content: bytes = b"x") -> None:
        """Writes an object as any other tool would."""
        Place(address).write(io.BytesIO(content))


@contextlib.contextmanager
def running(scheme: str, folder: Path) -> Iterator[Store]:
    """A server of that kind of object store; `folder` is for certificates."""
    authority = Authority(folder)
    with SERVERS[scheme](authority) as wire:
        yield Store(scheme, wire, authority)


@contextlib.contextmanager
def impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store, to which nobody waits long to return; whole again afterwards."""
    monkeypatch.setattr(patience, "WAITS", (0.01,) * 5)
    yield store
    store.wire.mend()
