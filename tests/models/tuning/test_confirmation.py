"""Better by more than seeds alone make, or not."""

from __future__ import annotations

import pytest

from documents.tuning import Repeat
from models.tuning.confirmation import confirm, seeds_of
from tests.there import there


def repeats(default, best):
    return [
        Repeat(number=number, seed=seed, value=value)
        for number, values in ((0, default), (4, best))
        for seed, value in enumerate(values, 1)
    ]


@pytest.mark.parametrize(
    ("default", "best", "higher", "better"),
    [
        ([0.90, 0.91, 0.92], [0.94, 0.95, 0.96], True, True),
        ([0.90, 0.91, 0.92], [0.905, 0.915, 0.925], True, False),  # within the noise
        ([0.90, 0.91, 0.92], [0.80, 0.81, 0.82], True, False),
        ([0.90, 0.91, 0.92], [0.80, 0.81, 0.82], False, True),
        ([0.9, 0.9, 0.9], [0.9, 0.9, 0.9], True, False),  # no noise, no gain
    ],
)
def test_is_better_only_beyond_the_noise(default, best, higher, better):
    found = there(confirm(repeats(default, best), 4, [1, 2, 3], higher_is_better=higher))

    assert found.better is better
    assert (found.gain > 0) is (higher == (sum(best) > sum(default)) and best != default)


def test_says_nothing_while_a_training_is_missing_or_failed():
    whole = repeats([0.9, 0.9, 0.9], [0.95, 0.95, 0.95])

    assert confirm(whole[:-1], 4, [1, 2, 3], higher_is_better=True) is None
    failed = [*whole[:-1], Repeat(number=4, seed=3, value=None)]
    assert confirm(failed, 4, [1, 2, 3], higher_is_better=True) is None


def test_its_seeds_are_none_that_a_trial_had():
    assert seeds_of(7) == [8, 9, 10]
    assert all(0 <= seed < 2**31 for seed in seeds_of(2**31 - 1))
    assert 2**31 - 1 not in seeds_of(2**31 - 1)
