"""A worker whose answers end; tests/e2e/test_workers.py kills a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import ControlConnection

from pipeline.beam_workers.lost_worker import LostWorkerError, notice_lost_workers


def test_whoever_waits_for_a_lost_worker_is_told():
    notice_lost_workers(["--direct_running_mode=multi_processing"])
    notice_lost_workers(["--direct_running_mode=multi_processing"])  # Twice is once.
    waiting = threading.Event()

    def answers() -> Iterator[beam_fn_api_pb2.InstructionResponse]:
        waiting.wait(10)
        yield beam_fn_api_pb2.InstructionResponse(instruction_id="first")

    connection: Any = ControlConnection()
    first = connection.push(beam_fn_api_pb2.InstructionRequest(instruction_id="first"))
    second = connection.push(beam_fn_api_pb2.InstructionRequest(instruction_id="second"))
    connection.set_input(answers())
    waiting.set()
    assert first.get(10).instruction_id == "first"
    with pytest.raises(LostWorkerError, match=r"set beam\.workers to fewer"):
        second.get(10)
