"""The files around a store: what artifacts hold, logs, base paths. Reads, and only inside."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from documents import holder, reader
from documents.bucket_addresses import read_addresses
from documents.document import Document
from documents.workspace import Workspace as Layout
from inspection.files.bucket import Bucket, readable
from inspection.files.stored_file import StoredFile, in_bucket, on_disk

LEAST_SHARED_PARTS = 2
"""How many parts of a uri must be found again in a workspace that was moved."""

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://[^/]*)?(?P<path>.*)", re.DOTALL)

MOST_KEPT = 5_000
"""Documents that are kept, each as long as its file is as it was."""

D = TypeVar("D", bound=Document)


class Workspace:
    """What may be read: a folder, and objects below the addresses where its runs had artifacts.

    A uri that leads elsewhere is taken for missing. The uris in a store are absolute. When the
    folder was moved or copied since, the file is found by the end of its uri, `…/Trainer/model/6`.
    """

    def __init__(self, root: str | os.PathLike[str], address: str | None = None):
        """Reads nothing yet.

        Args:
          root: the folder.
          address: of artifacts in a bucket; None for those that the folder tells of.
        """
        self.root = Path(os.path.realpath(root))  # without an error for a link to itself
        self.places = Layout(self.root)
        self._named = None if address is None else (address,)
        self._buckets: dict[tuple[str, ...], Sequence[Bucket]] = {}
        self._former_root: tuple[str, ...] | None = None
        self._read: dict[tuple[object, ...], Document] = {}

    def find(self, uri: str) -> Path | None:
        """The file or folder behind a uri; None when it is gone, elsewhere, or in the cloud."""
        found = _ADDRESS.fullmatch(uri)
        if "\0" in uri or (found and found["scheme"].lower() != "file"):
            return None
        if found is None:
            return self._find(uri)
        # An address is percent-encoded, but to TensorFlow `file://` is only a prefix.
        return self._find(unquote(found["path"])) or self._find(found["path"])

    def _find(self, path: str) -> Path | None:
        steps = steps_of(path)
        if not steps:
            return None
        if path.startswith("/") and self._is_inside(path):
            return Path(path)
        former = self._former_root
        if former is not None and steps[: len(former)] == former:
            return self._moved(steps, len(former))
        for start in range(max(1, len(steps) - LEAST_SHARED_PARTS + 1)):
            found = self._moved(steps, start)
            if found:
                # Whatever else lay there has moved with it.
                self._former_root = steps[:start]
                return found
        return None

    def _moved(self, steps: tuple[str, ...], start: int) -> Path | None:
        path = os.path.join(self.root, *steps[start:])
        return Path(path) if self._is_inside(path) else None

    def _is_inside(self, path: str | os.PathLike[str]) -> bool:
        try:
            # Most candidates do not exist, and that is cheaper to know than where links lead.
            if not os.path.exists(path):
                return False
            real, root = os.path.realpath(path), str(self.root)
            return real == root or real.startswith(f"{root.rstrip(os.sep)}{os.sep}")
        except (OSError, ValueError):
            return False

    def begin(self) -> None:
        """From here on this thread asks for another page, or answers another question."""
        for buckets in self._buckets.values():
            for bucket in buckets:
                bucket.begin()

    def place(self, uri: str) -> str | None:
        """The path of the file or folder behind a uri, or its address in a bucket; None where
        nothing is."""
        bucket = self.bucket(uri)
        if bucket:
            return uri if bucket.is_there(uri) else None
        found = self.find(uri) if uri else None
        return str(found) if found else None

    def files(self, uri: str, pattern: str) -> list[StoredFile]:
        """The files below a uri whose paths there match a pattern of `Path.glob`, sorted.

        None of them is a link that leads out of the workspace.
        """
        bucket = self.bucket(uri)
        if bucket:
            return in_bucket(bucket, uri, pattern)
        folder = self.find(uri) if uri else None
        if folder is None or not folder.is_dir():
            return []
        return on_disk(folder, [path for path in folder.glob(pattern) if self.find(str(path))])

    def bucket(self, uri: str) -> Bucket | None:
        """The bucket that a uri lies in and that may be read; None without one."""
        if "://" not in uri:
            return None
        addresses = self._named or read_addresses(self.root)
        if addresses not in self._buckets:
            self._buckets[addresses] = readable(addresses)
        return next((each for each in self._buckets[addresses] if each.holds(uri)), None)

    def read(self, kind: type[D], uri: str) -> D | None:
        """The document of a kind in the folder behind `uri`; None without a sound one."""
        bucket = self.bucket(uri)
        if bucket:
            return self._read_object(kind, bucket, uri)
        folder = self.find(uri)
        path = folder / kind.FILE if folder else None
        if path is None:
            return None
        try:
            status = path.lstat()
        except (OSError, ValueError):
            return None
        # A plain file is where its folder is; what is a link may lead anywhere.
        if not stat.S_ISREG(status.st_mode):
            if not self._is_inside(path):
                return None
            try:
                status = path.stat()
            except OSError:
                return reader.read(kind, str(path))
        key = str(path), kind, status.st_mtime_ns, status.st_size, status.st_ino
        return self._kept(key, kind, lambda: reader.read(kind, str(path)))

    def _read_object(self, kind: type[D], bucket: Bucket, uri: str) -> D | None:
        found = bucket.files(uri).get(kind.FILE)
        if found is None:
            return None
        address = f"{uri.rstrip('/')}/{kind.FILE}"
        key = address, kind, found.tag
        return self._kept(
            key, kind, lambda: reader.read(kind, address, lambda _: bucket.open(found))
        )

    def _kept(
        self, key: tuple[object, ...], kind: type[D], read: Callable[[], D | None]
    ) -> D | None:
        kept = self._read.get(key)
        if isinstance(kept, kind):
            return kept
        found = read()
        if found is not None:  # or the next one that asks would not hear what is wrong with it
            if len(self._read) >= MOST_KEPT:
                self._read.clear()
            self._read[key] = found
        return found

    def size(self, uri: str) -> int | None:
        """Bytes of all files behind a uri; None when there is nothing."""
        bucket = self.bucket(uri)
        if bucket:
            objects = bucket.files(uri).values()
            return sum(each.size for each in objects) if bucket.is_there(uri) else None
        found = self.find(uri)
        if found is None:
            return None
        if found.is_file():
            return found.stat().st_size
        total = 0
        for folder, _, names in os.walk(found):
            for name in names:
                try:
                    total += os.lstat(os.path.join(folder, name)).st_size
                except OSError:
                    continue
        return total

    def log(self, run: str) -> Path | None:
        """What the local runner wrote down during the run of that name."""
        path = self.places.log(run)
        return path if os.sep not in run and self._is_inside(path) else None

    def is_in_use(self) -> bool | None:
        """Whether a process runs the pipeline here now; None where nobody here can know.

        The lock says so. The number beside it would not: it may be another process's by now, or
        one of another user or container, which cannot be asked. A lock that is free says nothing
        where it cannot be opened, where the runner was never at work, or where another machine
        may hold it, whose locks do not reach everywhere.
        """
        held = is_locked(self.places.lock)
        if held is False and not holder.is_of_this_machine(self.places.pid):
            return None
        return held


def steps_of(path: str) -> tuple[str, ...] | None:
    """The parts of a path; None where it may lead anywhere."""
    steps = tuple(step for step in path.split("/") if step not in ("", "."))
    return None if ".." in steps or "\0" in path else steps


def is_locked(path: Path) -> bool | None:
    """Whether a process holds the lock file; None where it cannot be asked.

    Asking takes it for a moment, shared.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False
