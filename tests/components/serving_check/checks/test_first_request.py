from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.serving_check.checks import first_request
from components.serving_check.checks.first_request import FirstRequest, judge, measure
from components.serving_check.control import MachineError
from components.serving_check.options import Options
from tests.components.serving_check.parts import served_of


@pytest.mark.parametrize(
    ("first", "steady", "ok"),
    [(3.0, 1.0, True), (19.0, 1.0, True), (21.0, 1.0, False), (30.0, 10.0, True), (31, 10, False)],
)
def test_thrice_the_steady_p50_or_twenty_milliseconds(first, steady, ok):
    [check] = judge(FirstRequest(first, steady), Options())
    assert (check.ok, check.expected) == (ok, "≤ 3 × the steady p50, or 20 ms")
    assert check.found == f"{first:.2f} ms, p50 {steady:.2f} ms"


@pytest.mark.parametrize(
    ("own", "ok", "said"),
    [
        (12.0, True, "12.00 ms of 31.00 ms, the rest of which it waited for a processor"),
        (30.0, True, "30.00 ms of 31.00 ms, the rest of which it waited for a processor"),
        (30.5, False, "30.50 ms of 31.00 ms, the rest of which it waited for a processor"),
        (None, False, "31.00 ms"),
    ],
)
def test_one_that_is_too_slow_is_judged_by_its_own_time(own, ok, said):
    found = FirstRequest(31, 10, own)
    [check] = judge(found, Options())
    assert (check.ok, check.found) == (ok, f"{said}, p50 10.00 ms")
    assert found.lost == (0 if own is None else 31 - own)


def test_one_that_is_fast_enough_is_told_with_its_waits():
    [check] = judge(FirstRequest(30, 10, 2), Options())
    assert (check.ok, check.found) == (True, "30.00 ms, p50 10.00 ms")


@dataclasses.dataclass(frozen=True)
class Server:
    """One of those that are started to ask the first thing again."""

    rest_url: str = "http://127.0.0.1:1"

    def wait_available(self, version: int, timeout: float) -> None:
        pass

    @contextlib.contextmanager
    def serving(self) -> Iterator[Any]:
        yield self


def measured(monkeypatch: pytest.MonkeyPatch, *requests: FirstRequest) -> FirstRequest:
    """What is found when the servers answer so, one after another."""
    monkeypatch.setattr(first_request, "launch", lambda *_, **__: Server().serving())
    answers = iter(requests)
    monkeypatch.setattr(first_request, "_measured", lambda served: next(answers))
    found = measure(
        served_of(
            server=Server(), options=Options(), candidate=Path("/base/model/1"), model_name="model"
        )
    )
    assert not list(answers), "not all were asked"
    return found


def test_one_that_is_fast_enough_is_asked_once(monkeypatch):
    assert measured(monkeypatch, FirstRequest(3, 1, 3)).again == 0


def test_one_that_a_busy_machine_held_up_is_asked_again_elsewhere_and_the_row_says_so(monkeypatch):
    found = measured(monkeypatch, FirstRequest(40, 1, 24), FirstRequest(3, 1, 3))
    [check] = judge(found, Options())
    assert (check.ok, check.found) == (True, "3.00 ms, measured again once, p50 1.00 ms")


def test_one_that_nobody_who_computes_held_up_is_asked_once_more(monkeypatch):
    """A process that was stopped, or waited for its pages, waited for no processor."""
    slow, fast = FirstRequest(40, 1, 40), FirstRequest(3, 1, 3)
    assert not judge(measured(monkeypatch, slow, slow), Options())[0].ok
    assert judge(measured(monkeypatch, slow, fast), Options())[0].ok


def test_one_that_stays_slow_is_refused_on_a_busy_machine_too(monkeypatch):
    slow = FirstRequest(90, 1, 70)
    assert not judge(measured(monkeypatch, slow, slow, slow), Options())[0].ok


def test_a_machine_that_may_be_to_blame_refuses_nobody(monkeypatch):
    slow = FirstRequest(90, 1, 24)
    with pytest.raises(MachineError, match="first request is above its limit"):
        measured(monkeypatch, slow, slow, slow)
