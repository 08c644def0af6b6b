"""An HTTP connection as those see it who look after all of them."""

from __future__ import annotations

from typing import Protocol


class OpenConnection(Protocol):
    """One that is open. Times are seconds of the event loop's clock."""

    @property
    def idle_since(self) -> float | None:
        """Since when it waits for a request; None while there is one."""

    @property
    def receiving_since(self) -> float | None:
        """Since when a request is on its way; None when there is none or others are answered."""

    def enforce_time(self, now: float) -> None:
        """Ends the connection if its client takes too long; called every now and then."""

    def close(self) -> None:
        """Ends the connection at once; what it is about to receive is lost."""

    def stop(self) -> None:
        """Closes the connection once what it has begun to receive is answered."""
