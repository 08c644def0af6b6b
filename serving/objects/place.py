"""An address such as gs://bucket/models, taken for a folder or a file.

Object stores know no folders: one is there while there are objects whose keys begin with its name.
"""

from __future__ import annotations

import errno
import functools
import io
import os
from collections.abc import Callable, Mapping
from typing import IO

from serving.objects.content import as_file, opened
from serving.objects.gs import GoogleStore
from serving.objects.patience import PatientStore
from serving.objects.s3 import S3Store
from serving.objects.store import ABSENT, ANY, ChangedError, Found, Store, StoreError

STORES: Mapping[str, Callable[[str], Store]] = {"gs": GoogleStore, "s3": S3Store}
"""By the scheme of the addresses."""


class Place:
    """What lies at an address, and below it."""

    def __init__(self, address: str) -> None:
        """Sends nothing yet.

        Raises:
          StoreError: nothing here reads such addresses, or no credentials are at hand.
        """
        scheme, _, rest = address.partition("://")
        bucket, _, key = rest.strip("/").partition("/")
        if scheme not in STORES or not bucket:
            known = " and ".join(f"{name}://BUCKET" for name in STORES)
            raise StoreError(
                errno.EPROTONOSUPPORT, f"nothing here reads or writes {scheme}://, only {known}"
            )
        self._store = _store(scheme, bucket, os.getpid())
        self._key = key
        self._prefix = f"{key}/" if key else ""

    def children(self) -> list[str]:
        """Names of the files and folders directly below, sorted.

        Raises:
          FileNotFoundError: there are none, so that there is no such folder.
        """
        # Other tools mark a folder by an object of its name and a slash.
        names = sorted({name for name in self._store.names(self._prefix) if name})
        if not names:
            raise FileNotFoundError(errno.ENOENT, "no such folder")
        return names

    def files(self) -> dict[str, Found]:
        """The objects below, by their keys relative to this one."""
        return {
            found.key[len(self._prefix) :]: found
            for found in self._store.objects(self._prefix)
            if not found.key.endswith("/")
        }

    def exists(self) -> bool:
        """Whether an object is here, or below."""
        if self._key:
            try:
                self._store.find(self._key)
                return True
            except FileNotFoundError:
                pass
        return self.is_folder()

    def is_folder(self) -> bool:
        """Whether an object is below, or a mark that there is a folder."""
        return bool(self._store.names(self._prefix))

    def make_folder(self) -> None:
        """Marks a folder in which nothing need be, as other tools do."""
        self._store.put(self._prefix, io.BytesIO(), 0, ANY)

    def open(self, found: Found | None = None) -> io.BufferedReader:
        """The bytes of the object, or of one that `files` has found below.

        Raises:
          FileNotFoundError: there is none.
        """
        return as_file(self._store, found) if found else opened(self._store, self._key)

    def read(self) -> tuple[bytes, str]:
        """A small object, and its tag.

        Raises:
          FileNotFoundError: there is none, or it is being written anew just now.
        """
        found = self._store.find(self._key)
        return self._store.read(found, 0, found.size), found.tag

    def write(self, content: IO[bytes], condition: str | None = ANY) -> str:
        """Writes the object; returns its tag.

        Raises:
          ChangedError: the condition does not hold.
        """
        begin = content.tell()
        size = content.seek(0, io.SEEK_END) - begin
        content.seek(begin)
        return self._store.put(self._key, content, size, condition)

    def write_new(self, content: IO[bytes]) -> str:
        """Writes the object if there is none.

        Raises:
          ChangedError: there is one.
        """
        return self.write(content, ABSENT)

    def demand_conditions(self) -> None:
        """Returns when the store keeps to conditions; the object has to be there.

        Raises:
          StoreError: it passes over them, as some that speak S3 do, and wrote over the object.
        """
        try:
            self.write_new(io.BytesIO(b"{}"))
        except ChangedError:
            return
        raise StoreError(
            errno.EOPNOTSUPP,
            "the store passes over If-None-Match, so that two publishers could not be kept apart; "
            "use one that has conditional writes",
        )

    def copy_to(self, other: Place) -> None:
        """Copies the object within the store, without its bytes coming here."""
        self._store.copy(self._key, other._key)

    def remove(self) -> None:
        """Removes the object."""
        self._store.remove(self._key)

    def remove_all(self) -> None:
        """Removes the object and all below."""
        keys = [found.key for found in self._store.objects(self._prefix)]
        for key in [*([self._key] if self._key else []), *keys]:
            self._store.remove(key)


@functools.lru_cache(maxsize=16)
def _store(scheme: str, bucket: str, process: int) -> Store:
    """Of this process: connections do not survive a fork."""
    return PatientStore(STORES[scheme](bucket))
