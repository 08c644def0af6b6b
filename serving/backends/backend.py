"""What `serving.launch` needs of a way to run a model server."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from serving.backends.name import BackendName
from serving.backends.place import SOCKET
from serving.backends.port import HOST
from serving.backends.process import ServerProcess


@dataclasses.dataclass(frozen=True)
class Order:
    """What to serve, and where the server's belongings go."""

    base_path: str
    """Folder, or address in an object store."""
    model_name: str
    flags: Sequence[str]
    """Of `tensorflow_model_server`, beyond names, ports and base path."""
    env: Mapping[str, str]
    """Environment variables beyond those that the server would have anyway."""
    grpc: bool
    folder: Path
    """An empty folder, with a path short enough for a Unix socket unless `grpc_port` is given."""
    output: BinaryIO
    """Where the server's log goes."""
    poll_seconds: float = 1.0
    """Between the server's looks at the base path; all but the embedded one take whole seconds."""
    rest_port: int = 0
    """0 for a free one."""
    grpc_port: int = 0
    """0 for a Unix socket in `folder` or, with Docker, a free port."""

    @property
    def grpc_socket(self) -> Path | None:
        """Path of the Unix socket; None where a port is used instead, or neither."""
        return self.folder / SOCKET if self.grpc and not self.grpc_port else None

    @property
    def grpc_target(self) -> str | None:
        """Of a server that is no container, for grpc.insecure_channel; None without gRPC."""
        if not self.grpc:
            return None
        return f"{HOST}:{self.grpc_port}" if self.grpc_port else f"unix:{self.grpc_socket}"


class Backend(Protocol):
    """A way to run a model server."""

    name: BackendName

    def missing(self) -> str | None:
        """Why it does not work here and how to mend that, in one sentence; None when it does."""

    def start(self, order: Order, cleanup: contextlib.ExitStack) -> ServerProcess:
        """Starts a server, which ends at the latest when this process does.

        Args:
          order: what to serve.
          cleanup: takes what to do after the server has ended.

        Raises:
          LaunchError: the server cannot be started.
        """
