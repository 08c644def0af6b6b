import numpy as np
import pytest
from sklearn.metrics import r2_score

from components.serving_check.checks.accuracy import of_numbers


@pytest.mark.parametrize("unit", [1e-11, 1.0, 1e9])
def test_of_numbers_it_is_the_share_of_their_variance_in_any_unit(unit: float) -> None:
    wanted = np.random.default_rng(0).normal(3, 1, 200) * unit
    answers = wanted + np.random.default_rng(1).normal(0, 0.3, 200) * unit
    found = of_numbers(answers, wanted)
    assert found is not None
    assert found.value == pytest.approx(r2_score(wanted, answers))
    assert (found.examples, found.is_r2) == (200, True)


def test_nobody_explains_numbers_that_are_all_the_same() -> None:
    assert of_numbers(np.zeros(5), np.ones(5)) is None
