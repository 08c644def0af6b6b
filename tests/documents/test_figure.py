import pytest

from documents.figure import amount, measured


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.97654, "0.9765"), (0, "0.0000"), (6.6612e-12, "6.66e-12"), (-0.0012, "-0.0012")],
)
def test_what_was_measured_shows_in_any_unit(value: float, said: str) -> None:
    assert measured(value) == said


@pytest.mark.parametrize(
    ("change", "of", "said"),
    [(0.0131, 0.9, "+0.0131"), (2e-16, 0.9, "+0.0000"), (-2e-12, 6e-12, "-2e-12")],
)
def test_a_change_is_as_exact_as_what_it_is_of(change: float, of: float, said: str) -> None:
    assert measured(change, sign="+", beside=of) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2_173_060.25, "2173060"),
        (-1_207_930.0, "-1207930"),
        (155_838.25, "155838"),
        (12.5, "12.5"),
        (6.76656e-11, "6.76656e-11"),
        (1e20, "1e+20"),
        (float("nan"), "nan"),
    ],
)
def test_what_stands_in_the_data_has_its_digits(value: float, said: str) -> None:
    assert amount(value) == said
