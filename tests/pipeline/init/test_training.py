import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.options import TrainingOptions
from pipeline.init.training import IMAGE_STEPS, TABLE_STEPS, training


@pytest.mark.parametrize(
    ("examples", "steps", "epochs", "batch_size"),
    [
        (300, TABLE_STEPS, 60, 16),
        (1_800, IMAGE_STEPS, 28, 64),
        (15_000, TABLE_STEPS, 17, 128),
        (70_000, IMAGE_STEPS, 5, 128),
        (10_000_000, TABLE_STEPS, 5, 128),
    ],
)
def test_few_examples_are_seen_more_often(
    examples: int, steps: int, epochs: int, batch_size: int
) -> None:
    assert training(examples, steps) == {"epochs": epochs, "batch_size": batch_size}


@given(st.integers(1, 10**9))
def test_any_number_of_examples_can_be_trained_on(examples: int) -> None:
    found = TrainingOptions.validated(training(examples, TABLE_STEPS))
    assert found.batch_size <= max(1, examples)
