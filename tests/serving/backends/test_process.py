from __future__ import annotations

import os
from pathlib import Path

from serving.backends.process import parse_status
from tests.there import there


def test_a_process_has_resident_memory_now_and_at_its_peak():
    memory = there(
        parse_status("Name:\tserver\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nThreads:\t8\n")
    )
    assert (memory.now, memory.peak) == (1024 * 1024, 2048 * 1024)
    own = there(parse_status(Path(f"/proc/{os.getpid()}/status").read_text()))
    assert own.peak >= own.now > 2**20


def test_a_process_that_is_ending_has_none():
    assert parse_status("Name:\tserver\nState:\tZ (zombie)\n") is None
    assert parse_status("") is None
