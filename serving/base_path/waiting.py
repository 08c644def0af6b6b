"""What whoever waits for the turn to change a base path is told: for whom, and for how long."""

from __future__ import annotations

import logging
import time

from documents.shown import shown

SILENT_SECONDS = 2.0
"""Most turns are shorter, and nobody has to hear of them."""

_progress = logging.getLogger("progress")


class Waiting:
    """One wait for a lock, told once and then as it goes on."""

    def __init__(self, lock: str, seconds: float, lease_seconds: float | None = None) -> None:
        """Begins now.

        Args:
          lock: its path or address.
          seconds: after which whoever waits gives up.
          lease_seconds: after which an owner that gives no sign is taken for dead; None where the
            operating system frees the lock of one that ended.
        """
        self._lock, self._seconds, self._lease_seconds = lock, seconds, lease_seconds
        self._began = time.monotonic()
        self._told = False

    def goes_on(self, owner: str | None = None, silent: float = 0.0) -> None:
        """Tells what there is to tell by now.

        Args:
          owner: as a LeaseNote has it; None when nobody knows.
          silent: seconds since its last sign.
        """
        if time.monotonic() - self._began < SILENT_SECONDS:
            return
        if not self._told:
            self._told = True
            _progress.warning("%s", whom(self._lock, self._seconds, self._lease_seconds, owner))
        elif self._lease_seconds is not None:
            of = f"{silent:.0f} s of {self._lease_seconds:.0f}"
            _progress.info("no sign of %s for %s", named(owner), of)

    def taken_over(self, owner: str | None, silent: float) -> None:
        """Tells that the wait is over because the owner gave no sign."""
        _progress.warning(
            "%s gave no sign for %.0f s, so %s was taken over",
            *(named(owner), silent, shown(self._lock)),
        )


def whom(lock: str, seconds: float, lease_seconds: float | None, owner: str | None) -> str:
    """The sentence for a wait that has begun."""
    until = f"until it is done, {seconds:.0f} s at most"
    if lease_seconds is not None:
        until += f", or has given no sign for {lease_seconds:.0f} s"
    return (
        f"waiting for {named(owner)}, which changes the base path and holds {shown(lock)}: {until}"
    )


def named(owner: str | None) -> str:
    """Who holds a lock, as people say it."""
    words = shown(owner or "").split(" ")
    if len(words) != 3 or not words[1].isdecimal():
        return "another process"
    host, process, _ = words
    return f"process {process} of {host}"
