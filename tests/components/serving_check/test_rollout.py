"""A switch that takes too long on a machine that is busy with others."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.serving_check import rollout
from components.serving_check.checks.rollout import Stage
from components.serving_check.clients import Clients
from components.serving_check.connection import Connection
from components.serving_check.control import MachineError
from components.serving_check.options import Options
from tests.components.serving_check.parts import served_of

FAST = Stage(requests=100, failures=(), failed=0, wrong=0, seconds=1.0)
HELD_UP = dataclasses.replace(FAST, seconds=9.0, waited=2.0, busy=0.8)


def there_and_back(monkeypatch: pytest.MonkeyPatch, *swaps: Stage) -> Stage:
    """The swap that is judged when they go so, one after another."""
    going = iter(swaps)

    def once(self: object, again: int) -> tuple[Stage, Stage]:
        return dataclasses.replace(next(going), again=again), FAST

    monkeypatch.setattr(rollout._RolledOut, "_there_and_back", once)
    monkeypatch.setattr(rollout, "Sides", lambda *_: SimpleNamespace(signatures=["s"], bodies=[]))
    served = served_of(options=Options(), model_name="m")
    server: Any = SimpleNamespace(rest_url="http://127.0.0.1:1")
    swap, _ = rollout._RolledOut(server, Path("/base"), served).there_and_back()
    assert not list(going), "not all were needed"
    return swap


@pytest.mark.parametrize(
    ("seconds", "failed", "means"),
    [(None, 0, False), (1.0, 3, False), (1.0, 0, True)],
    ids=["never live", "requests failed", "nothing amiss"],
)
def test_what_went_wrong_while_descriptors_ran_out_refuses_nobody(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, failed: int, means: bool
):
    stage = dataclasses.replace(FAST, seconds=seconds, failed=failed)
    clients = contextlib.nullcontext(SimpleNamespace(answers=[], fault=None))
    monkeypatch.setattr(rollout, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(rollout, "Sides", lambda *_: SimpleNamespace(signatures=["s"], bodies=[]))
    for name, found in (("_clients", clients), ("_wait", seconds), ("_stage", stage)):
        monkeypatch.setattr(rollout._RolledOut, name, lambda *_, found=found, **__: found)
    options = Options(switch_seconds=0.01)
    server: Any = SimpleNamespace(
        rest_url="http://127.0.0.1:1",
        pid=os.getpid(),
        alive=True,
        held=False,
        shortage="Too many open files",
    )
    drill = rollout._RolledOut(server, Path("/base"), served_of(options=options, model_name="m"))
    said = contextlib.nullcontext() if means else pytest.raises(MachineError, match="open files")
    with said:
        assert drill.change(lambda: None, 2, back=False).requests == stage.requests


def test_a_switch_while_the_server_was_stopped_from_outside_refuses_nobody(monkeypatch):
    monkeypatch.setattr(rollout, "Sides", lambda *_: SimpleNamespace(signatures=["s"], bodies=[]))
    server: Any = SimpleNamespace(rest_url="http://127.0.0.1:1", alive=True, held=True)
    drill = rollout._RolledOut(server, Path("/base"), served_of(options=Options(), model_name="m"))
    clients: Any = SimpleNamespace(fault=None)
    with pytest.raises(MachineError, match="server was stopped from outside"):
        drill._demand_sound(clients)


def test_one_in_time_is_done_once(monkeypatch):
    assert there_and_back(monkeypatch, FAST).again == 0


def test_one_that_others_held_up_is_done_again(monkeypatch):
    assert there_and_back(monkeypatch, HELD_UP, FAST) == dataclasses.replace(FAST, again=1)


def test_one_that_nobody_who_computes_held_up_is_done_once_more(monkeypatch):
    """A server that was stopped, or waited for its pages, waited for no processor."""
    late = dataclasses.replace(FAST, seconds=9.0)
    assert there_and_back(monkeypatch, late, late) == dataclasses.replace(late, again=1)
    assert there_and_back(monkeypatch, late, FAST) == dataclasses.replace(FAST, again=1)


@pytest.mark.parametrize(
    "error", [OSError(errno.EMFILE, "Too many open files"), PermissionError(errno.EPERM, "no")]
)
def test_who_cannot_ask_for_versions_does_not_say_that_there_is_none(monkeypatch, error):
    monkeypatch.setattr(rollout, "Sides", lambda *_: SimpleNamespace(signatures=["s"], bodies=[]))
    server: Any = SimpleNamespace(rest_url="http://127.0.0.1:1")
    drill = rollout._RolledOut(server, Path("/base"), served_of(options=Options(), model_name="m"))
    monkeypatch.setattr(drill._status, "status", raising(error))
    with pytest.raises(MachineError, match="Nobody is refused for that"):
        drill._wait(2, limit=0.1)
    monkeypatch.setattr(drill._status, "status", raising(ConnectionRefusedError("nobody there")))
    assert drill._wait(2, limit=0.1) is None


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EADDRNOTAVAIL, "no port"), PermissionError(errno.EPERM, "no"), MemoryError()],
)
def test_a_client_that_cannot_ask_finds_no_fault_with_the_server(monkeypatch, error):
    monkeypatch.setattr(Connection, "exchange", raising(error))
    with Clients("http://127.0.0.1:1", "/", [b""], pause=0.01) as clients:
        deadline = time.monotonic() + 10
        while clients.fault is None and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (clients.fault, clients.answers) == (error, [])


def test_clients_for_which_there_are_no_threads_refuse_nobody(monkeypatch):
    started: list[threading.Thread] = []

    def start(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        really(thread)

    really = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)
    clients = Clients("http://127.0.0.1:1", "/", [b""], pause=0.01)
    with pytest.raises(MachineError, match="can't start new thread"), clients:
        pass
    assert not started[0].is_alive()


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("seconds", [9.0, None])
def test_one_that_a_crowded_machine_may_have_held_up_refuses_nobody(monkeypatch, seconds):
    late = dataclasses.replace(HELD_UP, seconds=seconds)
    with pytest.raises(MachineError, match="hot swap is above its limit"):
        there_and_back(monkeypatch, late, late, late)


def test_one_that_stays_late_by_itself_is_judged(monkeypatch):
    late = dataclasses.replace(HELD_UP, busy=0.3)
    assert there_and_back(monkeypatch, late, late, late).again == 2
