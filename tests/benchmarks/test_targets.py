"""The ratios, and what is judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.targets import judge
from benchmarks.usage import Usage

TAX = "production tax, CPU c / a"
WITHOUT = "… without the serving check"
CHECK = "the serving check alone, CPU over (a)"
RATIO = "overhead ratio without it, CPU (c - a) / (b - a)"


def _medians(**cpu_seconds: float) -> dict[str, Usage]:
    return {key: Usage(seconds, 60.0, 1_000.0) for key, seconds in cpu_seconds.items()}


def _found(medians: dict[str, Usage], check_seconds: float = 0.0) -> dict[str, float]:
    return {target.name: target.value for target in judge(medians, {"c": 0.93}, check_seconds)}


def test_ratios_are_those_of_the_medians():
    found = _found(_medians(a=100.0, b=160.0, c=120.0, cached=8.0))
    assert found[TAX] == pytest.approx(1.2)
    assert found[RATIO] == pytest.approx(20 / 60)
    assert found["cached re-run, CPU s"] == 8.0


def test_the_serving_check_counts_in_the_tax_and_not_in_the_overhead_beside_stock_tfx():
    found = _found(_medians(a=100.0, b=160.0, c=135.0), check_seconds=20.0)
    assert found[TAX] == pytest.approx(1.35)
    assert found[WITHOUT] == pytest.approx(1.15)
    assert found[CHECK] == pytest.approx(0.2)
    assert found[RATIO] == pytest.approx(15 / 60)


def test_everything_can_be_met_and_everything_can_be_missed():
    good = judge(_medians(a=100.0, b=160.0, c=120.0, cached=8.0), {"c": 0.93}, 0.0)
    assert [target.met for target in good] == [True] * 7
    bad = {
        **_medians(a=100.0, b=160.0, cached=11.0),
        "c": Usage(162.0, 60.0, 1_501.0),
    }
    assert [target.met for target in judge(bad, {"c": 0.919}, 21.0)] == [False] * 7


def test_a_figure_on_its_limit_is_met():
    on_the_limit = _medians(a=100.0, b=162.5, c=140.0, cached=10.0)
    assert all(target.met for target in judge(on_the_limit, {"c": 0.92}, 15.0))


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("a", set()),
        ("ab", set()),
        ("ac", {TAX, WITHOUT, CHECK, "peak RSS of (c), MB", "test accuracy, pushed model"}),
        ("c", {"peak RSS of (c), MB", "test accuracy, pushed model"}),
    ],
)
def test_what_did_not_run_is_not_judged(keys: str, names: set[str]):
    assert set(_found(_medians(**dict.fromkeys(keys, 9.0)))) == names


@given(a=st.floats(1, 1e4), b=st.floats(1, 1e4), overhead=st.floats(1e-2, 1e4))
def test_a_stock_without_overhead_is_no_excuse(a: float, b: float, overhead: float):
    ratio = _found(_medians(a=a, b=b, c=a + overhead))[RATIO]
    if b <= a:
        assert 0.4 < ratio < float("inf")
    else:
        assert ratio > 0
