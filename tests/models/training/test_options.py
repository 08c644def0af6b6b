from __future__ import annotations

from typing import Any

import pytest

from models.training.options import OptionsError, TrainingOptions


def test_keeps_the_default_of_what_is_not_said() -> None:
    options = TrainingOptions.validated({"epochs": 3, "checkpoint_steps": None})
    assert options == TrainingOptions(epochs=3)
    assert TrainingOptions.validated(options.model_dump()) == options


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("epochs", 0, "greater than or equal to 1"),
        ("epochs", "5", "a valid integer"),
        ("epochs", 10**20, "less than or equal to 100000"),
        ("batch_size", True, "a valid integer"),
        ("learning_rate", float("nan"), "a finite number"),
        ("learning_rate", float("inf"), "a finite number"),
        ("learning_rate", 1e300, "less than or equal to 1000"),
        ("learning_rate", 0, "greater than 0"),
        ("weight_decay", -0.1, "greater than or equal to 0"),
        ("weight_decay", float("inf"), "a finite number"),
        ("warmup_fraction", 1, "less than 1"),
        ("label_smoothing", 1.0, "less than 1"),
        ("augment", "no", "a valid boolean"),
        ("seed", -1, "greater than or equal to 0"),
        ("seed", 2**70, "less than or equal to 2147483647"),
        ("checkpoint_steps", 0, "greater than or equal to 1"),
    ],
)
def test_refuses_a_value_out_of_range(key: str, value: Any, wanted: str) -> None:
    with pytest.raises(OptionsError) as refusal:
        TrainingOptions.validated({key: value})
    shown = str(refusal.value)
    assert shown.startswith(f"Setting `training.{key}` = {value!r} is refused: it should be ")
    assert shown.endswith(f"{wanted}.")


def test_refuses_an_unknown_key() -> None:
    with pytest.raises(OptionsError, match=r"`training\.epoch`: did you mean `training\.epochs`"):
        TrainingOptions.validated({"epoch": 5})
