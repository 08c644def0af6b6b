"""Signals that end a run."""

import os
import signal
from collections.abc import Iterator

import pytest

from pipeline.local.failures.interruption import SIGNALS, Interruption


@pytest.fixture(params=SIGNALS)
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal that is not ignored, as a hang-up is by tests that run under nohup."""
    former = signal.signal(request.param, signal.default_int_handler)
    yield request.param
    signal.signal(request.param, former)


def test_a_signal_interrupts_once_and_is_remembered(number: int):
    with Interruption() as interruption:
        assert not interruption.came
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        # What a run writes down now is not interrupted again.
        os.kill(os.getpid(), number)
        assert interruption.came
        assert interruption.exit_code == 128 + number


def test_the_handlers_of_before_are_back_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_run_under_nohup_survives_its_terminal(monkeypatch: pytest.MonkeyPatch):
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interruption.came
    finally:
        signal.signal(signal.SIGHUP, former)
