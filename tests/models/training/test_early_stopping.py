"""When a training is over, and which weights it ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from models.training.early_stopping import EarlyStopping
from models.training.options import EarlyStoppingOptions


def _stopping(losses: list[float], patience: int = 2, **more: float) -> tuple:
    weight = tf.Variable(0.0)
    options = EarlyStoppingOptions(patience=patience, **more)
    return EarlyStopping(options, [weight], iter(losses).__next__), weight


@pytest.mark.parametrize(
    ("losses", "epochs", "best"),
    [
        ([3.0, 2.0, 2.5, 2.1, 1.0], 4, 2),
        ([3.0, 3.1, 3.2], 3, 1),
        ([float("nan"), float("nan")], 2, 0),
        ([3.0, 2.9, 2.8], 3, 3),
    ],
)
def test_ends_after_epochs_that_are_no_better(losses: list[float], epochs: int, best: int) -> None:
    stopping, weight = _stopping(losses)
    trained = 0
    while trained < len(losses) and not stopping.is_over:
        trained += 1
        weight.assign(trained)
        assert stopping.epoch_ended() == stopping.is_over
    assert trained == epochs
    stopping.restore()
    assert weight.numpy() == (best or epochs)


def test_a_little_better_is_not_better() -> None:
    stopping, _ = _stopping([3.0, 2.95, 2.9], min_delta=0.2)
    assert [stopping.epoch_ended() for _ in range(3)] == [False, False, True]


def test_what_it_knows_is_kept_in_a_checkpoint(tmp_path: Path) -> None:
    stopping, weight = _stopping([3.0, 4.0])
    weight.assign(1.0)
    stopping.epoch_ended()
    weight.assign(2.0)
    path = tf.train.Checkpoint(**stopping.state).save(str(tmp_path / "kept"))
    again, other = _stopping([5.0, 5.0])
    tf.train.Checkpoint(**again.state).restore(path).assert_existing_objects_matched()
    assert not again.epoch_ended()
    assert again.epoch_ended()
    again.restore()
    assert other.numpy() == 1.0
