"""Tells how far the training is, about once a second, to the `progress` logger."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

logger = logging.getLogger("progress")
INTERVAL = 1.0
"""Seconds between two reports."""


class Progress:
    """Counts steps; the rate and the time left are those of this process, not of a resumed one, and
    of what follows its first step, in which TensorFlow traces the graph for many seconds."""

    def __init__(
        self,
        *,
        steps_per_epoch: int,
        epochs: int,
        batch_size: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._steps_per_epoch = steps_per_epoch
        self._epochs = epochs
        self._batch_size = batch_size
        self._clock = clock
        self._reported = clock()
        self._began: tuple[int, float] | None = None
        """The first step of this process, and when it was done."""

    def update(self, step: int, loss: float) -> None:
        """Notes that `step` steps are done; reports when it is time to."""
        now = self._clock()
        if self._began is None:
            self._began = step, now
            return
        if now - self._reported < INTERVAL:
            return
        self._reported = now
        first, began = self._began
        rate = (step - first) / (now - began)
        total = self._steps_per_epoch * self._epochs
        epoch = min(step // self._steps_per_epoch + 1, self._epochs)
        logger.info(
            "epoch %d/%d, step %d/%d, loss %.3f, %s examples/s",
            epoch,
            self._epochs,
            step,
            total,
            loss,
            f"{rate * self._batch_size:,.0f}",
            extra={"step": step, "total": total, "eta": (total - step) / rate},
        )
