"""The store as it is now, read again when it has changed."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import threading
import time
from collections.abc import Callable

from inspection.files.base_path import BasePath, find_base_paths, read_base_path
from inspection.files.notes import Notes, read_notes
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Artifact
from inspection.questions.executions.killed import settle
from inspection.questions.fate.fate import word_of
from inspection.questions.fate.standing import Standings

SERVER_SECONDS = 10.0
"""A store without a file is read again after so long."""

Stamp = tuple[object, ...]


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What one request sees."""

    history: History
    workspace: Workspace
    base_paths: tuple[BasePath, ...]
    now: datetime.datetime
    tensorboard: str | None = None
    """Address of a TensorBoard over the workspace; None where nobody named one."""
    server: str | None = None
    """Likewise, the REST address of a model server on the base paths."""

    @functools.cached_property
    def standings(self) -> Standings:
        """How pushed versions stand now."""
        return Standings(self.history, self.workspace, self.base_paths)

    @functools.cached_property
    def notes(self) -> Notes:
        """What people said about runs and models."""
        return read_notes(self.workspace)

    def word_of(self, artifact: Artifact) -> str | None:
        """The fate of a model or version in a word or two."""
        return word_of(self.history, artifact, self.workspace, self.standings)


class Source:
    """Opens the store when it is first asked for, and whenever it has changed since."""

    def __init__(
        self,
        open_history: Callable[[], History],
        workspace: Workspace,
        base_path: str | None = None,
        tensorboard: str | None = None,
        server: str | None = None,
    ) -> None:
        """Takes what to open.

        Args:
          open_history: opens the store.
          workspace: whose files may be read.
          base_path: the only one to look at; None for all that can be found, at each request.
          tensorboard: see Snapshot, likewise `server`.
        """
        self._open_history = open_history
        self._workspace = workspace
        self._base_path = base_path
        self._tensorboard = tensorboard
        self._server = server
        self._lock = threading.Lock()
        self._history: History | None = None
        self._stamp: Stamp = ()

    def now(self) -> Snapshot:
        """What there is.

        Raises:
          StoreError: the store cannot be read (any more).
          serving.base_path.errors.BasePathError: a base path cannot be read.
        """
        self._workspace.begin()
        history = settle(self._current())
        paths = [self._base_path] if self._base_path else find_base_paths(history, self._workspace)
        return Snapshot(
            history,
            self._workspace,
            tuple(read_base_path(path) for path in paths),
            datetime.datetime.now(datetime.timezone.utc),
            self._tensorboard,
            self._server,
        )

    def _current(self) -> History:
        with self._lock:
            if self._history is None or _stamp(self._history) != self._stamp:
                # Before it is read: what is written meanwhile is seen with the next request.
                stamp = _stamp(self._history) if self._history else ()
                self._history = self._open_history()
                self._stamp = stamp or _stamp(self._history)
            return self._history


def _stamp(history: History) -> Stamp:
    """Differs when the store may have changed."""
    if history.path is None:
        return (time.monotonic() // SERVER_SECONDS,)
    found: list[object] = []
    for suffix in ("", "-wal"):
        try:
            status = history.path.with_name(history.path.name + suffix).stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(found)
