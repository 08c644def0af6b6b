"""What a drafted threshold lets a candidate lose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from pipeline.init.limits import max_drop, quarantine


@pytest.mark.parametrize(
    ("examples", "limit"),
    [(1_000_000, 0.01), (36_000, 0.01), (35_500, 0.011), (860, 0.065), (400, 0.095), (50, 0.1)],
)
def test_few_examples_may_lose_more(examples: int, limit: float) -> None:
    assert max_drop(examples) == limit


@given(st.integers(0, 10**9))
def test_is_a_share_and_no_less_than_one_answer(examples: int) -> None:
    limit = max_drop(examples)
    assert 0.01 <= limit <= 0.1
    # One answer of those that are evaluated, unless they are a handful.
    assert limit >= min(0.1, 10 / max(1, examples))


@pytest.mark.medium
@pytest.mark.parametrize("kind", ["a class of half of all rows", "a rare class"])
def test_a_later_model_that_is_as_good_is_seldom_refused(kind: str) -> None:
    """Two models that learned of other rows of the same kind, asked about the same new rows."""
    made = np.random.default_rng(0)

    def rows(count: int) -> tuple[np.ndarray, np.ndarray]:
        features = made.normal(size=(count, 8))
        odds = features[:, 0] * 1.6 + features[:, 1] - (2.5 if "rare" in kind else 0)
        return features, made.random(count) < 1 / (1 + np.exp(-odds))

    refused = 0
    for _ in range(60):
        models = [LogisticRegression().fit(*rows(400)) for _ in range(2)]
        features, labels = rows(50)
        live, later = (model.score(features, labels) for model in models)
        refused += live - later > max_drop(500)
    assert refused <= 60 / 20


@given(st.floats(0, 1), st.integers(1, 10**9))
def test_a_quarantine_lets_pass_what_there_is(share: float, rows: int) -> None:
    assert max(0.01, share * 0.99) <= quarantine(share, rows) <= 1


def test_a_quarantine_lets_pass_what_chance_makes_of_few_bad_rows() -> None:
    made = np.random.default_rng(0)
    later = made.binomial(500, 12 / 700, size=1_000) / 500
    assert (later > quarantine(12 / 700, 700)).mean() < 0.06
    assert quarantine(0.1, 1_000_000) == 0.12
