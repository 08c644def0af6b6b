from __future__ import annotations

import logging

import pytest

from models.training.progress import Progress


@pytest.fixture(autouse=True)
def _listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="progress")


def at(*times: float) -> Progress:
    """Progress of 5 epochs of 400 steps whose clock shows `times` one after the other."""
    return Progress(steps_per_epoch=400, epochs=5, batch_size=128, clock=iter(times).__next__)


def test_tells_place_loss_rate_and_time_left(caplog: pytest.LogCaptureFixture) -> None:
    progress = at(0.0, 20.0, 22.0)
    # Of which the time says nothing: the graph is traced in it.
    progress.update(600, 2.0)
    assert not caplog.records
    progress.update(640, 0.4123)
    (record,) = caplog.records
    assert record.getMessage() == "epoch 2/5, step 640/2000, loss 0.412, 2,560 examples/s"
    assert [getattr(record, name) for name in ("step", "total", "eta")] == [640, 2000, 68.0]


def test_reports_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    progress = at(0.0, 0.5, 1.1, 1.9, 2.2)
    for step in range(601, 605):
        progress.update(step, 1.0)
    assert [message[11:19] for message in caplog.messages] == ["step 602", "step 604"]


def test_the_last_step_belongs_to_the_last_epoch(caplog: pytest.LogCaptureFixture) -> None:
    progress = at(0.0, 0.5, 1.0)
    progress.update(1999, 0.1)
    progress.update(2000, 0.1)
    assert caplog.messages[0].startswith("epoch 5/5, step 2000/2000")
