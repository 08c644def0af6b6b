"""Clients that go on asking a model server while something is done to it."""

from __future__ import annotations

import dataclasses
import http
import threading
import time
from collections.abc import Sequence

from typing_extensions import Self

from components.serving_check.answers import AnswerError
from components.serving_check.connection import Connection
from components.serving_check.control import is_of_the_machine, machine_error

CLIENTS = 8
PAUSE_SECONDS = 0.1
"""Between two requests of one client: what is looked for are failures, not the greatest rate."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one client got."""

    client: int
    time: float
    """time.monotonic() when it came."""
    question: int
    """Which of the bodies it had sent."""
    body: bytes | None
    """What it was answered; None when the request failed."""
    error: str | None = None


class Clients:
    """Eight of them, for the length of a `with` block."""

    def __init__(
        self, rest_url: str, path: str, bodies: Sequence[bytes], pause: float = PAUSE_SECONDS
    ) -> None:
        """Each asks with one of `bodies` after the other, posted to `path`."""
        self._rest_url = rest_url
        self._path = path
        self._bodies = bodies
        self._pause = pause
        self.fault: Exception | None = None
        """What the machine lacked for a client to go on."""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._answers: list[Answer] = []
        self._threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True)
            for number in range(CLIENTS)
        ]

    def __enter__(self) -> Self:
        try:
            for thread in self._threads:
                thread.start()
        except RuntimeError as error:
            self._end()
            raise machine_error(error) from error
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def _end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    @property
    def answers(self) -> list[Answer]:
        """All so far, in the order in which they came."""
        with self._lock:
            return sorted(self._answers, key=lambda answer: answer.time)

    def _ask(self, number: int) -> None:
        question = number
        with Connection(self._rest_url, patient=False) as connection:
            while not self._stop.wait(self._pause):
                question = (question + 1) % len(self._bodies)
                found, error = None, None
                try:
                    status, body = connection.exchange("POST", self._path, self._bodies[question])
                    if status == http.HTTPStatus.OK:
                        found = body
                    else:
                        error = f"status {status}: {body[:200].decode('utf-8', 'replace')}"
                except (OSError, AnswerError, MemoryError) as problem:
                    if is_of_the_machine(problem):
                        self.fault = problem
                        return
                    error = str(problem) or type(problem).__name__
                with self._lock:
                    answer = Answer(number, time.monotonic(), question, found, error)
                    self._answers.append(answer)
