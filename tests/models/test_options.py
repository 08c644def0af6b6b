from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from models.options import OptionsError, TrainingOptions


def test_keeps_the_default_of_what_is_not_said() -> None:
    options = TrainingOptions.validated({"epochs": 3, "checkpoint_steps": None})
    assert options == dataclasses.replace(TrainingOptions(), epochs=3)


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("epochs", 0, "a whole number from 1 up"),
        ("epochs", "5", "a whole number from 1 up"),
        ("batch_size", True, "a whole number from 1 up"),
        ("learning_rate", float("nan"), "a number above 0"),
        ("weight_decay", -0.1, "a number from 0 up"),
        ("warmup_fraction", 1, "a number from 0 to below 1"),
        ("label_smoothing", 1.0, "a number from 0 to below 1"),
        ("augment", "no", "true or false"),
        ("seed", -1, "a whole number from 0 up"),
        ("checkpoint_steps", 0, "a whole number from 1 up, or null"),
    ],
)
def test_refuses_a_value_out_of_range(key: str, value: Any, wanted: str) -> None:
    with pytest.raises(OptionsError) as refusal:
        TrainingOptions.validated({key: value})
    assert str(refusal.value) == f"Setting `training.{key}` = {value!r}: it must be {wanted}."


def test_refuses_an_unknown_key() -> None:
    with pytest.raises(OptionsError, match=r"Unknown key `training\.epoch`: use one of epochs, "):
        TrainingOptions.validated({"epoch": 5})
