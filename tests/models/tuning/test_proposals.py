"""Which values come next, and which trials are stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.tuning import Dimension, Trial
from models.tuning.proposals import explored, is_hopeless, propose, ranked
from models.tuning.space import unit_of
from tests.there import there

DIMENSIONS = (
    Dimension(key="training.learning_rate", kind="number", low=1e-4, high=1.0, log=True),
    Dimension(key="training.dropout", kind="number", low=0.0, high=0.5),
    Dimension(key="training.augment", kind="choice", values=(False, True)),
)


def trial(number: int, value: float | None, values=None, **more) -> Trial:
    state = more.pop("state", "failed" if value is None else "done")
    return Trial(number=number, values=values or {"n": number}, value=value, state=state, **more)


def searched(count: int, seed: int = 0, goal=(0.3, 0.7)) -> list[Trial]:
    """A search whose metric is best at `goal`, by units of the two numbers."""
    trials = [trial(0, -1.0, {each.key: None for each in DIMENSIONS})]
    for number in range(1, count):
        values = propose(DIMENSIONS, trials, number=number, seed=seed, higher_is_better=True)
        assert values is not None
        units = [unit_of(each, values[each.key]) for each in DIMENSIONS]
        value = -sum((unit - of) ** 2 for unit, of in zip(units, goal, strict=False))
        trials.append(trial(number, value, values))
    return trials


@given(st.integers(0, 2**31 - 1), st.integers(1, 12))
def test_what_comes_next_depends_on_the_history_alone(seed, count):
    once, again = searched(count, seed), searched(count, seed)

    assert once == again
    assert len({str(each.values) for each in once}) == count


def test_first_trials_cover_each_dimension():
    first = explored(DIMENSIONS)
    trials = searched(first + 1)[1:]

    for dimension in DIMENSIONS[:2]:
        parts = {int(unit_of(dimension, each.values[dimension.key]) * first) for each in trials}
        assert len(parts) >= first - 1  # rounding to three digits may cross a border


def test_a_search_comes_nearer_than_chance_alone_would():
    ends = [max(there(each.value) for each in searched(40, seed)) for seed in range(8)]
    begins = [max(there(each.value) for each in searched(8, seed)[1:]) for seed in range(8)]

    assert sum(ends) > sum(begins) / 4
    assert min(ends) > -0.02


def test_a_space_that_is_used_up_ends():
    only = DIMENSIONS[2:]
    trials = [
        trial(0, 1.0, {"training.augment": False}),
        trial(1, 1.0, {"training.augment": True}),
    ]

    assert propose(only, trials, number=2, seed=0, higher_is_better=True) is None


def test_ranks_what_came_to_its_end_and_prefers_the_earlier_of_equals():
    trials = [trial(0, 0.5), trial(1, 0.5), trial(2, None), trial(3, 0.9, state="stopped")]

    assert [each.number for each in ranked(trials, True)] == [0, 1]
    assert [each.number for each in ranked([*trials, trial(4, 0.4)], False)] == [4, 0, 1]


@pytest.mark.parametrize(
    ("history", "higher", "stops"),
    [
        ([0.1, 0.1, 0.1], True, True),
        ([0.1, 0.1, 0.9], True, False),
        ([0.1, 0.1, 0.9], False, True),
        ([0.1], True, False),  # too young
        ([0.1] * 6, True, False),  # at its end anyway
    ],
)
def test_stops_what_is_worse_than_the_median_was_at_its_age(history, higher, stops):
    peers = [trial(n, 0.5, history=(0.4, 0.5, 0.5, 0.5, 0.5, 0.5)) for n in range(3)]

    assert is_hopeless(history, 6, peers, higher_is_better=higher) is stops
    assert not is_hopeless(history, 6, peers[:2], higher_is_better=higher)
