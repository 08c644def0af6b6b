"""The batches of a data set again and again, without making them ready anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf


class Rounds:
    """Each iteration gives all batches once; one has to end before the next one begins.

    All go through one iterator of TensorFlow's: for each, it optimizes what the batches go through,
    which of a table costs twenty times as much as to read a thousand rows. So that a round's end is
    seen, the next one's first batch is held until then.
    """

    def __init__(self, batches: tf.data.Dataset):
        """Reads nothing yet."""
        self._numbered = batches.enumerate().repeat()
        self._iterator: Iterator[Any] | None = None
        self._ahead: Any = None

    def __iter__(self) -> Iterator[Any]:
        if self._iterator is None:
            self._iterator = iter(self._numbered)
            self._ahead = next(self._iterator, None)
        while self._ahead is not None:
            _, batch = self._ahead
            self._ahead = next(self._iterator, None)
            yield batch
            if self._ahead is not None and not int(self._ahead[0]):
                return
