from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from components.variants import gate
from components.variants.options import VariantOptions
from tests.there import there

ACCURACY, ERROR = "SparseCategoricalAccuracy", "RootMeanSquaredError"
OPTIONS = VariantOptions.model_validate(
    {
        "max_drop": 0.01,
        "max_slice_drop": 0.1,
        "metrics": {ERROR: {"overall": 2.0}},
    }
)


def test_limits_of_all_examples_and_of_slices() -> None:
    before = {(ACCURACY, "overall"): 0.9, (ACCURACY, "label=6"): 0.8}
    now = {(ACCURACY, "overall"): 0.895, (ACCURACY, "label=6"): 0.65}
    rows = gate.held(before, now, OPTIONS, ())
    assert [(row.slice, row.max_drop, row.ok) for row in rows] == [
        ("label=6", 0.1, False),
        ("overall", 0.01, True),
    ]
    assert gate.refusal("int8", rows, ["Shirt"] * 7) == (
        "int8: SparseCategoricalAccuracy on slice label=6 (Shirt) is 0.6500, 0.1500 worse than the"
        " model's 0.8000 (allowed: 0.1)."
    )
    rows = gate.held({(ACCURACY, "kind=6"): 0.8}, {(ACCURACY, "kind=6"): 0.65}, OPTIONS, ())
    assert " on slice kind=6 (Shirt) is " in str(gate.refusal("int8", rows, ["Shirt"] * 7, "kind"))


def test_metric_of_which_less_is_better_has_a_limit_of_its_own() -> None:
    rows = gate.held({(ERROR, "overall"): 10.0}, {(ERROR, "overall"): 11.5}, OPTIONS, (ERROR,))
    assert [(row.drop, row.max_drop, row.ok) for row in rows] == [(1.5, 2.0, True)]
    rows = gate.held({(ERROR, "overall"): 10.0}, {(ERROR, "overall"): 12.5}, OPTIONS, (ERROR,))
    assert there(gate.refusal("int8", rows)).startswith(
        "int8: RootMeanSquaredError on slice overall is"
    )


def test_metric_that_the_variant_lacks_or_has_no_number_of_is_refused() -> None:
    before = {(ACCURACY, "overall"): 0.9}
    for now in ({}, {(ACCURACY, "overall"): math.nan}):
        reason = gate.refusal("int8", gate.held(before, now, OPTIONS, ()))
        assert reason == "int8: SparseCategoricalAccuracy on slice overall is not a number."


def test_slice_of_which_the_model_has_no_number_decides_nothing() -> None:
    before = {(ACCURACY, "overall"): 0.9, (ACCURACY, "label=1"): math.nan}
    rows = gate.held(before, before, OPTIONS, ())
    assert gate.refusal("int8", rows) is None


def test_nothing_measured_is_no_blessing() -> None:
    assert there(gate.refusal("int8", ())).startswith("int8: no metric was measured")


@given(
    st.dictionaries(st.sampled_from(["overall", "label=1", "label=2"]), st.floats(0, 1)),
    st.floats(0, 1),
    st.floats(0, 0.5),
)
def test_blessed_only_within_every_limit(
    values: dict[str, float], now: float, limit: float
) -> None:
    options = VariantOptions(max_drop=limit, max_slice_drop=limit)
    before = {(ACCURACY, name): value for name, value in values.items()}
    rows = gate.held(before, dict.fromkeys(before, now), options, ())
    blessed = gate.refusal("int8", rows) is None
    assert blessed == (bool(values) and all(value - now <= limit for value in values.values()))
