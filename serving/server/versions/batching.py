"""Runs requests that wait at the same time as one batch (tensorflow/serving batching/)."""

from __future__ import annotations

import collections
import os
import threading
import time
from collections.abc import Mapping, Sequence

import numpy as np

from serving.server.servable import Servable
from serving.server.status import Code, StatusError, invalid_argument
from serving.server.tensors import texts
from serving.server.tensors.texts import Array, Tensor
from serving.server.versions.text_config import BatchingParameters

_MAX_QUEUES = 64
"""Clients choose the shapes and outputs; beyond so many of them the queues without work go."""


class BatchedModel:
    """A loaded model whose `run` shares runs of the graph between threads."""

    def __init__(self, model: Servable, parameters: BatchingParameters) -> None:
        self._model = model
        self._parameters = parameters
        self._queues: dict[tuple[object, ...], _Queue] = {}
        self._lock = threading.Lock()
        self.signatures = model.signatures
        self.signature_defs = model.signature_defs

    def run(self, feeds: Mapping[str, Tensor], fetches: Sequence[str]) -> list[Tensor]:
        """As SavedModel.run; the first dimension of every tensor must be the batch.

        Raises:
          StatusError: also UNAVAILABLE when too many requests wait; INVALID_ARGUMENT for tensors
            without a batch dimension, and for batches larger than the largest allowed.
        """
        arrays = {name: texts.unpacked(array) for name, array in feeds.items()}
        sizes = {array.shape[:1] for array in arrays.values()}
        if () in sizes:
            raise invalid_argument(
                "Batching session Run() input tensors must have at least one dimension."
            )
        if len(sizes) != 1:
            raise invalid_argument(
                "Batching session Run() input tensors must have equal 0th-dimension size"
            )
        [(size,)] = sizes
        if size > self._parameters.max_batch_size:
            raise invalid_argument(
                f"Task size {size} is larger than maximum input batch size"
                f" {self._parameters.max_batch_size}"
            )
        # Only arrays of the same shape beyond the batch can be put together.
        shapes = tuple((name, array.shape[1:]) for name, array in arrays.items())
        key = (shapes, tuple(fetches))
        with self._lock:
            queue = self._queues.get(key)
            if queue is None:
                if len(self._queues) >= _MAX_QUEUES:
                    self._queues = {k: q for k, q in self._queues.items() if q.busy}
                queue = self._queues[key] = _Queue(self._model, fetches, self._parameters)
        return list(queue.run(_Task(arrays, size)))

    def close(self) -> None:
        """Frees the model; nothing may be running."""
        self._model.close()


class _Task:
    """One request on its way through a queue."""

    def __init__(self, feeds: dict[str, Array], size: int) -> None:
        self.feeds = feeds
        self.size = size
        self.since = time.monotonic()
        self.done = False
        self.answer: list[Array] = []
        # Until the answer is there, so that no failure of a batch looks like one.
        self.error: StatusError | None = StatusError(Code.INTERNAL, "The batch was not run")


class _Queue:
    """Requests that can be put together.

    There are no threads of its own: whoever waits for an answer runs the next batch when it is due.
    """

    def __init__(
        self, model: Servable, fetches: Sequence[str], parameters: BatchingParameters
    ) -> None:
        self._model = model
        self._fetches = list(fetches)
        self._parameters = parameters
        self._threads = parameters.num_batch_threads or os.cpu_count() or 1
        self._changed = threading.Condition()
        self._waiting: collections.deque[_Task] = collections.deque()
        self._running = 0

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._running)

    def run(self, task: _Task) -> list[Array]:
        with self._changed:
            limit = self._parameters.max_enqueued_batches * self._parameters.max_batch_size
            if sum(other.size for other in self._waiting) + task.size > limit:
                raise StatusError(
                    Code.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is full",
                )
            self._waiting.append(task)
            self._changed.notify_all()
        while (batch := self._next_batch(task)) is not None:
            try:
                self._run_batch(batch)
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()
        if task.error is not None:
            raise task.error
        return task.answer

    def _next_batch(self, task: _Task) -> list[_Task] | None:
        """Waits until `task` is done (None) or a batch, of whatever tasks, is to be run."""
        with self._changed:
            while not task.done:
                wait = self._time_until_due()
                if wait is not None and wait <= 0:
                    self._running += 1
                    return self._take()
                self._changed.wait(wait)
            return None

    def _time_until_due(self) -> float | None:
        """Seconds until a batch may run; None when that depends on other threads."""
        if not self._waiting or self._running >= self._threads:
            return None
        if sum(task.size for task in self._waiting) >= self._parameters.max_batch_size:
            return 0.0
        age = time.monotonic() - self._waiting[0].since
        return self._parameters.batch_timeout_micros / 1e6 - age

    def _take(self) -> list[_Task]:
        batch = [self._waiting.popleft()]
        size = batch[0].size
        while self._waiting and size + self._waiting[0].size <= self._parameters.max_batch_size:
            batch.append(self._waiting.popleft())
            size += batch[-1].size
        return batch

    def _run_batch(self, batch: list[_Task]) -> None:
        try:
            size = sum(task.size for task in batch)
            fetched = self._model.run(self._joined(batch, size), self._fetches)
            padded = self._padded(size)
            if any(array.ndim == 0 or len(array) != padded for array in fetched):
                raise StatusError(
                    Code.FAILED_PRECONDITION,
                    "Batched output tensor's 0th dimension does not equal the sum of the 0th"
                    " dimension sizes of the input tensors",
                )
            start = 0
            for task in batch:
                task.answer = [array[start : start + task.size] for array in fetched]
                task.error = None
                start += task.size
        except StatusError as error:
            for task in batch:
                task.error = error
        finally:
            for task in batch:
                task.done = True

    def _joined(self, batch: list[_Task], size: int) -> dict[str, Tensor]:
        padding = self._padded(size) - size
        joined: dict[str, Tensor] = {}
        for name, first in batch[0].feeds.items():
            parts = [task.feeds[name] for task in batch]
            if padding:
                # As upstream: the first row again, which is sure to be valid.
                parts.append(np.repeat(first[:1], padding, axis=0))
            joined[name] = np.concatenate(parts) if len(parts) > 1 else first
        return joined

    def _padded(self, size: int) -> int:
        return next((s for s in self._parameters.allowed_batch_sizes if s >= size), size)
