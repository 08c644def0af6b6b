"""The fixture of tests that talk to object stores."""

from __future__ import annotations

import dataclasses
import io
import itertools

from serving.objects.place import Place
from tests.serving.certificates import Authority
from tests.serving.object_stores import BUCKET
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

    def write(self, address: str, content: bytes = b"x") -> None:
        """Writes an object as any other tool would."""
        Place(address).write(io.BytesIO(content))
