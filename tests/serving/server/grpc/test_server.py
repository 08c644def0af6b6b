from __future__ import annotations

import threading

import pytest

from serving.server.grpc.server import GrpcServer
from serving.server.status import StatusError


def test_its_threads_are_there_from_the_start():
    before = {*threading.enumerate()}
    GrpcServer([], threads=5)
    # Those of other tests may end meanwhile.
    assert len({*threading.enumerate()} - before) >= 5


def test_a_lack_of_threads_ends_the_start_and_leaves_none(monkeypatch: pytest.MonkeyPatch):
    start, started = threading.Thread.start, list[threading.Thread]()

    def scarce(thread: threading.Thread) -> None:
        if len(started) == 3:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", scarce)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        GrpcServer([], threads=5)


def test_arguments_without_a_value_are_refused():
    with pytest.raises(StatusError, match=r"not key=value: grpc\.x"):
        GrpcServer([], threads=1, arguments="grpc.x")
