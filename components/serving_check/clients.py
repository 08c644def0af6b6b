"""Clients that go on asking a model server while something is done to it."""

from __future__ import annotations

import dataclasses
import threading
import time
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from components.serving_check.answers import AnswerError, output_array
from components.serving_check.connection import Connection

CLIENTS = 8
PAUSE_SECONDS = 0.025
"""Between two requests of one client: what is looked for are failures, not the greatest rate."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one client got."""

    client: int
    time: float
    """time.monotonic() when it came."""
    values: NDArray[np.float32] | None
    """float32 [n, ...]; None when the request failed."""
    error: str | None = None


class Clients:
    """Eight of them, for the length of a `with` block."""

    def __init__(self, rest_url: str, path: str, body: bytes, output: str) -> None:
        """Asks with `body`, posted to `path`, and reads `output` of the answer."""
        self._rest_url = rest_url
        self._request = (path, body)
        self._output = output
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._answers: list[Answer] = []
        self._threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True)
            for number in range(CLIENTS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def answers(self) -> list[Answer]:
        """All so far, in the order in which they came."""
        with self._lock:
            return sorted(self._answers, key=lambda answer: answer.time)

    def _ask(self, number: int) -> None:
        with Connection(self._rest_url) as connection:
            while not self._stop.wait(PAUSE_SECONDS):
                values, error = None, None
                try:
                    status, body = connection.exchange("POST", *self._request)
                    if status == 200:
                        values = output_array(body, self._output)
                    else:
                        error = f"status {status}: {body[:200].decode('utf-8', 'replace')}"
                except (OSError, AnswerError) as problem:
                    error = str(problem)
                with self._lock:
                    self._answers.append(Answer(number, time.monotonic(), values, error))
