"""The files of an artifact between an object store and a folder here, several at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO, Any, cast

from serving.base_path import storage
from serving.objects.place import Place
from serving.objects.store import Found, StoreError

_AT_ONCE = 8
"""Each holds one piece of an object in memory, of serving.objects.store.LARGEST_REQUEST."""


class TransferError(RuntimeError):
    """An artifact could not be fetched or stored; the message says which, why, and what mends."""


def fetch(uri: str, folder: str, scratch: str) -> None:
    """Puts what lies at `uri` to `folder`: all of it, or nothing.

    Args:
      uri: of an artifact, objects below it or one object.
      folder: where it goes; what is there gives way.
      scratch: a folder on the same disk, for what has not arrived wholly.

    Raises:
      TransferError: the store does not give it.
      OSError: it cannot be written here, as on a full disk.
    """
    os.makedirs(scratch, exist_ok=True)
    part = tempfile.mkdtemp(dir=scratch)
    try:
        arrived = os.path.join(part, "artifact")
        place = storage.place(uri)
        with _translated("fetched", uri):
            objects = place.files()
        for path in objects:
            _demand_inside(uri, path)
        os.makedirs(arrived)
        if objects:
            _at_once(
                lambda path, stopped: _fetch(uri, place, objects, arrived, path, stopped), objects
            )
        else:
            with _translated("fetched", uri), contextlib.suppress(FileNotFoundError):
                source = place.open()
                os.rmdir(arrived)
                _copy(source, arrived)
        storage.remove(folder)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        os.rename(arrived, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def store(folder: str, uri: str) -> None:
    """Puts the files of `folder`, or the file at it, to `uri`.

    Raises:
      TransferError: the store does not take them.
      OSError: they cannot be read here.
    """
    if os.path.isfile(folder):
        _store(folder, uri, threading.Event())
    else:
        _at_once(
            lambda path, stopped: _store(f"{folder}/{path}", f"{uri}/{path}", stopped),
            storage.files(folder),
        )


def _fetch(
    uri: str,
    place: Place,
    objects: Mapping[str, Found],
    folder: str,
    path: str,
    stopped: threading.Event,
) -> None:
    target = Path(folder, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _translated("fetched", f"{uri}/{path}"):
        _copy(cast(IO[bytes], _Stoppable(place.open(objects[path]), stopped)), str(target))


def _copy(source: IO[bytes], target: str) -> None:
    with contextlib.closing(source), open(target, "wb") as file:
        shutil.copyfileobj(source, file, storage.CHUNK)


def _store(path: str, address: str, stopped: threading.Event) -> None:
    with storage.reading(path) as file, _translated("stored", address):
        storage.write(address, cast(IO[bytes], _Stoppable(file, stopped)))


def _demand_inside(uri: str, path: str) -> None:
    """An object is called as whoever wrote it liked; a file is nowhere but below its folder."""
    if any(part in ("", ".", "..") or "\0" in part for part in path.split("/")):
        raise TransferError(
            f"{uri} cannot be fetched: it holds an object called {path!r}, which is no file of an"
            " artifact; remove it, and run the same command again."
        )


def _at_once(act: Callable[[str, threading.Event], None], paths: Iterable[str]) -> None:
    stopped = threading.Event()
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        begun = [pool.submit(act, path, stopped) for path in paths]
        for each in as_completed(begun):
            each.result()
    except BaseException:
        # After an error, or Ctrl-C, nobody waits for the rest of a large file.
        stopped.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _Stoppable:
    """A file of which nothing more is read when that has no purpose any more."""

    def __init__(self, file: IO[bytes], stopped: threading.Event) -> None:
        self._file, self._stopped = file, stopped

    def read(self, size: int = -1) -> bytes:
        if self._stopped.is_set():
            # No Exception, which boto3 would take for the connection's, and send all of it again.
            raise KeyboardInterrupt
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextlib.contextmanager
def _translated(what: str, address: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if error.filename is not None:  # of a file here
            raise
        raise TransferError(
            f"{address} cannot be {what}: it was removed or written anew meanwhile; run the same"
            " command again."
        ) from error
    except StoreError as error:
        raise TransferError(f"{address} cannot be {what}: {error.strerror}.") from error
