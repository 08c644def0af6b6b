"""The two kinds of ML Metadata stores that a run can have: its ROOT's own file, or a shared one."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import threading
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from tfx.orchestration import metadata
from tfx.proto.orchestration import pipeline_pb2

from documents.place_id import place_id
from documents.run_owner import RENEW_SECONDS, RunOwner
from documents.store_address import StoreAddress
from pipeline.local.store import abandoned, record, unpublished
from pipeline.local.store.claim import claim, is_claimed
from pipeline.local.store.connection import Connection, connection_to_file
from pipeline.local.store.launcher import Launcher, PatientLauncher
from pipeline.local.store.leftovers import refuse_leftovers
from serving.base_path.storage import is_remote

_ROOT_ID = ".id"
_UNKNOWN_FIELD = 15_000
"""Number of a field that TFX's PipelineInfo does not have, and would hardly get."""


@dataclasses.dataclass(frozen=True)
class Run:
    """One run, as its executions are recorded."""

    artifacts: str
    """The pipeline root, a folder or an address in an object store."""
    pipeline: str
    run_id: str


class RunStore(Protocol):
    """What a run asks of its store besides what TFX does."""

    @property
    def connection(self) -> metadata.Metadata: ...

    @property
    def owner(self) -> RunOwner | None:
        """Of the run, for others who share the store."""

    def begin(self, run: Run) -> None:
        """Settles what nobody works on any more."""

    def working(self, run: Run) -> AbstractContextManager[object]:
        """Lets others know, while it is entered, that somebody does."""

    def launcher(self, run: Run, **options: Any) -> Launcher:
        """Of one node."""

    def explained(self, error: BaseException) -> BaseException:
        """What is to be said instead of an error in a node; mostly the same."""

    def settle(self, run: Run, error: BaseException) -> None:
        """Settles a node that failed; never raises."""


class OwnStore:
    """A file that only runs of this ROOT write to."""

    owner = None

    def __init__(self, path: Path):
        """Made when it is first used."""
        self.connection, self._path = connection_to_file(path), path

    def begin(self, run: Run) -> None:
        _refuse_others(run.artifacts, self._path, self.connection)
        abandoned.settle_all(self.connection, run.artifacts, killed=True)

    def working(self, run: Run) -> AbstractContextManager[object]:
        return contextlib.nullcontext()

    def launcher(self, run: Run, **options: Any) -> Launcher:
        return Launcher(mlmd_connection=self.connection, **options)

    def explained(self, error: BaseException) -> BaseException:
        return error

    def settle(self, run: Run, error: BaseException) -> None:
        with _logged(error):
            abandoned.settle_all(self.connection, run.artifacts)


class SharedStore:
    """A database that other pipelines, and other machines, write to as well."""

    def __init__(self, address: StoreAddress, patience_seconds: float, owner: RunOwner):
        self._address, self._patience = address, patience_seconds
        self.connection, self.owner = self._connect(), owner

    def _connect(self) -> Connection:
        return Connection(self._address, self._patience)

    def begin(self, run: Run) -> None:
        found = _refuse_others(run.artifacts, self._address.shown, self.connection)
        unpublished.adopt(run.artifacts, self.connection)
        self._settle(run)
        abandoned.remove_left(self.connection, run.artifacts, self.owner, found)

    def _settle(self, run: Run) -> None:
        abandoned.settle_gone(self.connection, run.artifacts, run.pipeline, self.owner, run.run_id)

    @contextlib.contextmanager
    def working(self, run: Run) -> Any:
        ended = threading.Event()
        # A thread needs a connection of its own.
        renewing = threading.Thread(
            target=_renew, args=(self._connect(), run.run_id, ended), name="lease", daemon=True
        )
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join(self._patience)

    def launcher(self, run: Run, **options: Any) -> Launcher:
        info = _with_root(options.pop("pipeline_info"), _root_id(run.artifacts))
        return PatientLauncher(
            artifacts=run.artifacts, connection=self.connection, pipeline_info=info, **options
        )

    def explained(self, error: BaseException) -> BaseException:
        return self.connection.explained(error)

    def settle(self, run: Run, error: BaseException) -> None:
        if self.connection.is_gone:
            return  # The next run does it, or adopts what was kept.
        with _logged(error):
            abandoned.settle_gone(
                self.connection, run.artifacts, run.pipeline, self.owner, run.run_id
            )


def _renew(connection: Connection, run_id: str, ended: threading.Event) -> None:
    while not ended.wait(RENEW_SECONDS):
        try:
            record.renew(connection, run_id, time.time())
        except Exception:
            # One that is away for long is noticed where it is needed.
            logging.getLogger(__name__).exception("The lease is not renewed.")


@contextlib.contextmanager
def _logged(error: BaseException) -> Any:
    try:
        yield
    except Exception:
        logging.getLogger(__name__).exception("Not settled after %r.", error)


def _refuse_others(
    artifacts: str, store: Path | str, connection: metadata.Metadata
) -> Collection[int]:
    """The executions that have a folder in a pipeline root, which is `store`'s from now on.

    Raises:
      ClaimedError: it is that of another store.
      LeftoversError: the store does not know what is there.
    """
    is_ours = is_claimed(artifacts, store)
    found = refuse_leftovers(artifacts, connection)
    if not is_ours:
        claim(artifacts, store)
    return found


def _root_id(artifacts: str) -> str:
    """Names a folder of artifacts, wherever it is mounted; an address is the same everywhere."""
    if is_remote(artifacts):
        return hashlib.sha256(artifacts.encode()).hexdigest()[:16]
    return place_id(Path(artifacts, _ROOT_ID))


def _with_root(info: pipeline_pb2.PipelineInfo, root: str) -> pipeline_pb2.PipelineInfo:
    """The same pipeline to everybody but TFX's cache, whose key holds all bytes of this message.

    On another machine, the same path may hold other files, or none.
    """
    own = pipeline_pb2.PipelineInfo()
    own.CopyFrom(info)
    value = root.encode()
    own.MergeFromString(_varint(_UNKNOWN_FIELD << 3 | 2) + _varint(len(value)) + value)
    return own


def _varint(number: int) -> bytes:
    """https://protobuf.dev/programming-guides/encoding/#varints"""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
