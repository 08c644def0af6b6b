"""The turn to change a base path in an object store: one process at a time, and none for ever.

An object is the lock. It is written only on the condition that it still is the one that was read,
so of two processes one gets it. The owner writes it anew every few seconds; who waits takes it over
when it was the same for LEASE_SECONDS of its own clock, so that no two clocks are compared.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import secrets
import socket
import threading
import time

from documents.lease_note import LeaseNote
from documents.reader import DamagedError, parse
from serving.base_path import storage
from serving.base_path.errors import BasePathError
from serving.base_path.waiting import Waiting
from serving.objects.store import ABSENT, ChangedError

BEAT_SECONDS = 10.0
HELD_SECONDS = 45.0
"""How long an owner relies on its last beat: more than all repetitions of a request take."""
LEASE_SECONDS = 90.0
LOOK_SECONDS = 1.0
NOBODY = ""


class TakenOverError(BasePathError):
    """This process did not reach the store for so long that another one took its turn."""


class Lease:
    """A context in which this process alone changes what the lock at an address is for."""

    def __init__(self, address: str, seconds: float) -> None:
        """Asks for nothing yet.

        Args:
          address: of the lock.
          seconds: how long to wait for another process.
        """
        self._address, self._seconds = address, seconds
        self._place = storage.place(address)
        self._owner = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"
        self._beat = 0
        self._tag = ABSENT
        self._renewed = 0.0
        self._lost = False
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat_on, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        """Waits for the turn, and tells for whom.

        Raises:
          filelock.Timeout: another process had it all the time.
          StoreError: the store cannot be used, or takes no conditions.
        """
        deadline, seen, since = time.monotonic() + self._seconds, None, 0.0
        waiting = Waiting(self._address, self._seconds, LEASE_SECONDS)
        while True:
            tag, owner = self._look()
            if tag != seen:
                seen, since = tag, time.monotonic()
            silent = time.monotonic() - since
            if owner == NOBODY or silent > LEASE_SECONDS:
                with contextlib.suppress(ChangedError):
                    self._write(tag)
                    if owner != NOBODY:
                        waiting.taken_over(owner, silent)
                    break
            if time.monotonic() > deadline:
                import filelock  # Brings asyncio, which nobody needs who only reads.

                raise filelock.Timeout(self._address)
            waiting.goes_on(owner, silent)
            time.sleep(LOOK_SECONDS * random.uniform(0.5, 1))
        try:
            self._place.demand_conditions()
        except BaseException:
            self._release()
            raise
        _held[self._address] = self
        self._heart.start()
        return self

    def __exit__(self, *error: object) -> None:
        _held.pop(self._address, None)
        self._ended.set()
        self._heart.join()
        self._release()

    def demand(self) -> None:
        """Returns while it is certain that nobody else has the turn.

        Raises:
          TakenOverError: it is not.
        """
        if self._lost or time.monotonic() - self._renewed > HELD_SECONDS:
            raise TakenOverError(
                f"The lock {self._address} was not renewed in time, so that another process may "
                "have begun to change the base path; run the same again."
            )

    def _look(self) -> tuple[str, str | None]:
        """The tag of the lock, and who holds it: NOBODY when it is free, None when unknown."""
        try:
            content, tag = self._place.read()
        except FileNotFoundError:
            return ABSENT, NOBODY
        try:
            note = parse(LeaseNote, content)
        except DamagedError:
            return tag, None  # Until it is old.
        return tag, (note.owner or None) if note.held else NOBODY

    def _write(self, tag: str, *, held: bool = True) -> None:
        self._beat += 1
        sent = time.monotonic()
        note = LeaseNote(owner=self._owner, beat=self._beat, held=held).encode()
        self._tag = self._place.write(io.BytesIO(note), tag)
        self._renewed = sent

    def _release(self) -> None:
        # If it cannot be said, the next process waits a little longer.
        with contextlib.suppress(OSError):
            self._write(self._tag, held=False)

    def _beat_on(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self._write(self._tag)
            except ChangedError:
                self._lost = True
                return
            except OSError:
                continue  # The next one may get through in time.


def demand_turn(address: str) -> None:
    """Returns when this process has the turn that the lock at `address` gives.

    Raises:
      TakenOverError: another process may have it by now.
    """
    if address in _held:
        _held[address].demand()


_held: dict[str, Lease] = {}
