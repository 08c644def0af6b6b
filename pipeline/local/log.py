"""Keeps the noise of TFX, Beam and TensorFlow out of the terminal and in a log file per run."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from documents.terminal.console import raw


@contextlib.contextmanager
def output_to_log(path: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Sends this process's standard output and error to `path`; yields the two real ones.

    The file descriptors themselves are redirected: TensorFlow's C++ code and child processes write
    to them without asking Python.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    real_output, real_error = os.dup(1), os.dup(2)
    streams = tuple(raw(os.dup(real)) for real in (real_output, real_error))
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # A log that cannot be written, on a full disk, is no reason to write traces.
    logging.raiseExceptions = False
    try:
        yield streams[0], streams[1]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in streams:
            stream.close()
        os.dup2(real_output, 1)
        os.dup2(real_error, 2)
        for descriptor in (real_output, real_error):
            os.close(descriptor)
        logging.getLogger().removeHandler(handler)
