"""Has a job of this process fail when one of its workers dies, for want of memory for example.

Beam's local runner with several processes would wait for its answer for ever: the thread that reads
a worker's answers ends with the stream, and nobody is told
(apache_beam/runners/portability/fn_api_runner/worker_handlers.py, ControlConnection._read).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_SAID = (
    "One of Beam's worker processes died in the middle of its work, as the system kills what needs "
    "too much memory; set beam.workers to fewer, or to 1 for none"
)


class LostWorkerError(RuntimeError):
    """A worker is gone, and with it what it was doing."""


def notice_lost_workers(arguments: Sequence[object]) -> None:
    """From now on, in this process, if `arguments` (or placeholders of them) start workers here."""
    if not any("multi_processing" in str(argument) for argument in arguments):
        return
    from apache_beam.runners.portability.fn_api_runner import worker_handlers

    connection: Any = worker_handlers.ControlConnection
    if connection._read is not _read:
        connection._beam_read = connection._read
        connection._read = _read


def _read(connection: Any) -> None:
    try:
        connection._beam_read()
    finally:
        # Whatever still waits for an answer gets none.
        connection.abort(LostWorkerError(_SAID))
