"""The other end of a hand-over: what a replica asks of the step that it belongs to."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from documents.settings.section import short
from pipeline.kubeflow.training_job.hand_over import DONE, PIECE, STEP, digest, listed, quoted

T = TypeVar("T")
Json = dict[str, Any]

ATTEMPTS = 6
_SECONDS = 1.0
"""Before the second attempt; then twice as long each time."""
_TIMEOUT = 60.0
_LOOK_SECONDS = 30.0
ABSENT_SECONDS = 300.0
"""After which a step that does not answer is gone, and its job with it."""


class HandedError(RuntimeError):
    """The step does not answer, or not as it should."""


class HandedStep:
    """The step at `address`, to whom `token` is shown.

    Args:
      pause: waits so many seconds.
    """

    def __init__(self, address: str, token: str, pause: Callable[[float], object] = time.sleep):
        found = urllib.parse.urlsplit(address)
        self._host, self._port = found.hostname or "", found.port
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pause = pause

    def told(self) -> Json:
        """`arguments` of the entry point, sizes by path as `files`, and the paths of `outputs`.

        Raises:
          HandedError: the step does not answer.
        """
        found: Json = json.loads(self._again("GET", STEP, lambda answer: answer.read()))
        return found

    def fetch(self, files: Mapping[str, int], root: Path) -> None:
        """Every file of `files`, in bytes, below `root`.

        Raises:
          HandedError: the step does not answer, or a file is not whole.
        """
        for path, size in sorted(files.items()):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)

            def save(answer: http.client.HTTPResponse, file: Path = file, size: int = size) -> None:
                with file.open("wb") as opened:
                    for piece in _pieces(answer):
                        opened.write(piece)
                if file.stat().st_size != size:
                    raise OSError(f"{file.stat().st_size} of {size} bytes came")

            self._again("GET", quoted(path), save)

    def deliver(self, output: Json, paths: list[str], root: Path) -> None:
        """Sends what lies at `paths` below `root`, then says that this is all.

        Raises:
          HandedError: the step does not take it.
        """
        digests = {}
        for path, file in listed(root, paths):
            self._again("PUT", quoted(path), lambda answer: answer.read(), file)
            digests[path] = digest(file)
        told = json.dumps({"output": output, "files": digests}).encode()
        self._again("POST", DONE, lambda answer: answer.read(), told)

    def watch(self, gone: Callable[[str], object]) -> None:
        """Asks from time to time, in a thread of its own, and calls `gone` with a sentence.

        A step that was killed cannot delete its job; the job then ends by itself.
        """
        threading.Thread(target=self._watch, args=(gone,), daemon=True).start()

    def _watch(self, gone: Callable[[str], object]) -> None:
        answered = time.monotonic()
        while True:
            self._pause(_LOOK_SECONDS)
            try:
                self._ask("GET", STEP, lambda answer: answer.read(), None)
                answered = time.monotonic()
            except (OSError, http.client.HTTPException):
                if time.monotonic() - answered > ABSENT_SECONDS:
                    gone(f"The step at {self._address} that started this job is gone.")
                    return

    def _again(
        self,
        method: str,
        path: str,
        read: Callable[[http.client.HTTPResponse], T],
        body: bytes | Path | None = None,
    ) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return self._ask(method, path, read, body)
            except (OSError, http.client.HTTPException) as error:
                last: Exception = error
                if attempt < ATTEMPTS - 1:
                    self._pause(_SECONDS * 2**attempt)
        raise HandedError(
            f"The step at {self._address} does not hand over what this replica needs"
            f" ({method} {short(path, 200)}: {short(str(last), 200)}): see that pods of the"
            " namespace reach one another, and run the step again."
        ) from last

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[http.client.HTTPResponse], T],
        body: bytes | Path | None,
    ) -> T:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        with contextlib.ExitStack() as held:
            held.callback(connection.close)
            headers = dict(self._headers)
            if isinstance(body, Path):
                opened = held.enter_context(body.open("rb"))
                headers["Content-Length"] = str(os.fstat(opened.fileno()).st_size)
                connection.request(method, path, body=opened, headers=headers)
            else:
                connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise OSError(f"{answer.status} {answer.reason}")
            return read(answer)


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    return iter(lambda: answer.read(PIECE), b"")
