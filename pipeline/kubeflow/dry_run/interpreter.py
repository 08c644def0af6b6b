"""One interpreter for the steps of a dry run: each is a fork of it, with all imports done.

A container starts Python anew and imports TensorFlow and TFX, two to four CPU seconds of a step
that often has nothing else to do. Here that is done once. See preloaded.py for the program.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.settings import REPOSITORY

ENTRY_POINT = ("-m", "pipeline.kubeflow.entrypoint")
_PROGRAM = "pipeline.kubeflow.dry_run.preloaded"
_ENDED = "the interpreter from which steps are forked has ended"


class InterpreterError(RuntimeError):
    """It cannot be started, or it ended before its time."""


class Interpreter:
    """A process from which steps are forked, one at a time.

    Args:
      environment: what all its steps share; each has more of its own.
      classes: the executors to import in advance, module.Class.
      log: file that gets what importing says.

    Raises:
      InterpreterError: it ended before it was ready; its log says why.
    """

    def __init__(self, environment: Mapping[str, str], classes: Sequence[str], log: Path):
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, *classes],
                env=dict(environment),
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        try:
            self.cpu_seconds: float = self._answer()["cpu_seconds"]
        except BaseException:
            self.close()
            raise

    def begin(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ) -> Fork:
        """Starts the entry point with `arguments` in a process of its own, see process.Container.

        Raises:
          InterpreterError: it has ended.
        """
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
            "log": str(log),
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise InterpreterError(_ENDED) from error
        return Fork(self._answer()["pid"], self)

    def ended(self, seconds: float) -> tuple[int, float] | None:
        """Exit code and CPU seconds of the step that was begun last; see process.Started."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        answer = self._answer()
        return answer["code"], answer["cpu_seconds"]

    def close(self) -> None:
        """Ends it; its last step has ended before."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            # What was written and not read cannot be flushed any more.
            with contextlib.suppress(OSError):
                stream.close()
        self._process.kill()
        self._process.wait()

    def _answer(self) -> dict[str, Any]:
        # Read without a buffer, which `select` would not see: answers are short, and come singly.
        assert self._process.stdout is not None
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._process.stdout.fileno(), 1)
            if not byte:
                raise InterpreterError(_ENDED)
            line += byte
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclasses.dataclass(frozen=True)
class Fork:
    """A step that runs; see process.Started."""

    pid: int
    interpreter: Interpreter

    def ended(self, seconds: float) -> tuple[int, float] | None:
        return self.interpreter.ended(seconds)
