import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.options import TrainingOptions
from pipeline.init.training import IMAGE_STEPS, TABLE_STEPS, stopping, training


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


@pytest.mark.parametrize(
    ("examples", "epochs", "patience"),
    [(442, 60, 30), (3_000, 41, 20), (10_000, 25, 12), (15_000, 17, None), (299, 60, None)],
)
def test_what_may_be_learned_by_heart_ends_with_its_best_epoch(
    examples: int, epochs: int, patience: int | None
) -> None:
    found = stopping(examples, epochs)
    assert found == ({"early_stopping": {"patience": patience}} if patience else {})
    TrainingOptions.validated({**training(examples, TABLE_STEPS), **found})


@given(st.integers(1, 10**9))
def test_any_number_of_examples_can_be_trained_on(examples: int) -> None:
    found = TrainingOptions.validated(training(examples, TABLE_STEPS))
    assert found.batch_size <= max(1, examples)
