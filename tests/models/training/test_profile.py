"""Which steps of a training are profiled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tensorflow as tf

from models.training.profile import FIRST, STEPS, profiled, slowest


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What TensorFlow's profiler was told, and the batches in between."""
    told: list[str] = []
    profiler = tf.profiler.experimental
    monkeypatch.setattr(profiler, "start", lambda folder: told.append(f"start {folder}"))
    monkeypatch.setattr(profiler, "stop", lambda: told.append("stop"))
    return told


def test_three_steps_are_recorded_once_the_first_ones_have_compiled(said: list[str]) -> None:
    for batch in profiled(range(20), "logs"):
        said.append(str(batch))
    assert (FIRST, STEPS) == (10, 3)
    before, recorded, after = range(10), range(10, 13), range(13, 20)
    assert said == [
        *map(str, before),
        "start logs",
        *map(str, recorded),
        "stop",
        *map(str, after),
    ]


@pytest.mark.parametrize("count", [11, 13])
def test_the_recording_ends_with_a_training_that_is_shorter(said: list[str], count: int) -> None:
    assert [*profiled(range(count), "logs")] == [*range(count)]
    assert said == ["start logs", "stop"]


def test_the_recording_ends_with_a_training_that_fails(said: list[str]) -> None:
    batches = profiled(range(20), "logs")
    for _ in range(FIRST + 1):
        next(batches)
    assert isinstance(batches, Iterator)
    batches.close()  # type: ignore[attr-defined]
    assert said == ["start logs", "stop"]


def test_a_training_of_few_steps_is_not_recorded(said: list[str]) -> None:
    assert [*profiled(range(10), "logs")] == [*range(10)]
    assert said == []


def test_where_nothing_was_recorded_there_is_no_table(tmp_path) -> None:
    assert slowest(str(tmp_path)) is None
