"""On a machine that is busy with others, some values say nothing."""

from __future__ import annotations

import pytest

from components.serving_check.contention import demand_verdict, is_idle, is_still, waited
from components.serving_check.control import MachineError
from components.serving_check.stopwatch import Lap


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        (1.0, 9.0),  # Within the limit, whatever the machine did.
        (1.9, 4.0),  # Most of the time was the candidate's.
        (1.9, 5.0),
        (2.1, 9.0),  # No machine makes a model so slow.
        (1.9, 0.0),
    ],
)
def test_most_values_allow_a_verdict(value: float, lost: float):
    demand_verdict("latency p99", value, 1.0, lost, 10.0)


def test_what_a_crowded_machine_can_have_brought_about_refuses_nobody():
    with pytest.raises(MachineError, match="latency p99 is above its limit") as raised:
        demand_verdict("latency p99", 1.9, 1.0, lost=6.0, total=10.0)
    assert "gave 60% of the time to others" in str(raised.value)
    assert "Nobody is refused for that" in str(raised.value)
    for value in (101.0, 200.0):
        with pytest.raises(MachineError):
            demand_verdict("latency p99", value, 100.0, lost=6.0, total=10.0)


def test_a_machine_is_idle_as_long_as_hardly_anything_is_lost():
    assert is_idle(0.01, 1.0)
    assert is_idle(0.15, 10.0)
    assert not is_idle(0.02, 1.0)
    assert not is_idle(0.1, 1.0)


@pytest.mark.parametrize(
    ("runs", "waits", "still"),
    [
        ((0.1, 3.0), (0.2, 0.0), True),  # Stopped, after what it had answered before.
        ((30.0,), (0.0,), False),  # One that computes for ever.
        ((5.0,) * 6, (0.0,), False),  # Several of its threads do, in turn.
        ((1.0,), (29.0,), False),  # Others computed all the while.
    ],
)
def test_a_server_that_is_stopped_neither_works_nor_waits_for_a_processor(
    runs: tuple[float, ...], waits: tuple[float, ...], still: bool
) -> None:
    assert is_still(Lap(31.0, waits=waits, runs=runs), patience=30.0) == still


@pytest.mark.parametrize(
    ("lap", "seconds"),
    [
        # A load went through three threads, all of which waited most of the time.
        (Lap(9.0, waits=(4.0, 3.0, 1.0), runs=(0.5, 0.3, 0.2)), 8.0),
        # Threads that wait beside one another, while nobody else has much to do.
        (Lap(9.0, waits=(2.0, 1.0, 1.0), runs=(5.0, 1.0, 1.0)), 2.0),
        # What one thread computes is the model's, however long others wait for it.
        (Lap(9.0, waits=(8.0, 8.0, 8.0), runs=(8.0, 0.1, 0.1)), 1.0),
        (Lap(9.0), 0.0),
    ],
)
def test_of_a_switch_what_was_computed_counts_and_what_was_waited_for_does_not(
    lap: Lap, seconds: float
):
    assert waited(lap) == pytest.approx(seconds)
