"""The files of an artifact between an object store and a folder here, several at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

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
        _at_once(lambda path: _fetch(uri, place, objects, arrived, path), objects)
        if not objects:
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
        _store(folder, uri)
    else:
        _at_once(lambda path: _store(f"{folder}/{path}", f"{uri}/{path}"), storage.files(folder))


def _fetch(uri: str, place: Place, objects: Mapping[str, Found], folder: str, path: str) -> None:
    target = Path(folder, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _translated("fetched", f"{uri}/{path}"):
        _copy(place.open(objects[path]), str(target))


def _copy(source: IO[bytes], target: str) -> None:
    with source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, storage.CHUNK)


def _store(path: str, address: str) -> None:
    with storage.reading(path) as file, _translated("stored", address):
        storage.write(address, file)


def _demand_inside(uri: str, path: str) -> None:
    """An object is called as whoever wrote it liked; a file is nowhere but below its folder."""
    if any(part in ("", ".", "..") or "\0" in part for part in path.split("/")):
        raise TransferError(
            f"{uri} cannot be fetched: it holds an object called {path!r}, which is no file of an"
            " artifact; remove it, and run the same command again."
        )


def _at_once(act: Callable[[str], None], paths: Iterable[str]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(act, paths):
            pass


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
