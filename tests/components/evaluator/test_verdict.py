"""The verdict of an evaluation: which rows fail, and the sentence about them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluator.verdict import Threshold, Yardsticks, judge, refusal
from tests.there import there

ACCURACY = "SparseCategoricalAccuracy"
OVERALL = Threshold(ACCURACY, lower_bound=0.9, max_drop=0.01)
BY_LABEL = Threshold(ACCURACY, feature="label", lower_bound=0.6)


def test_a_candidate_within_every_limit_is_not_refused():
    rows = judge([OVERALL, BY_LABEL], {(ACCURACY, "overall"): 0.92, (ACCURACY, "label=6"): 0.7}, {})
    assert [row.slice for row in rows] == ["overall", "label=6"]
    assert refusal(rows, None) is None


def test_a_refusal_names_metric_slice_threshold_value_and_baseline():
    rows = judge(
        [OVERALL, BY_LABEL],
        {(ACCURACY, "overall"): 0.91, (ACCURACY, "label=6"): 0.52},
        {(ACCURACY, "overall"): 0.93, (ACCURACY, "label=6"): 0.71},
    )
    sentence = refusal(rows, 17, labels=["T-shirt/top", *["?"] * 5, "Shirt"])
    assert sentence == (
        "Evaluator: SparseCategoricalAccuracy on slice label=6 (Shirt) is 0.5200, below the lower "
        "bound 0.6; baseline version 17; 1 more slice fails."
    )
    assert refusal(rows[1:], 17) == (
        "Evaluator: SparseCategoricalAccuracy on slice overall is 0.9100, 0.0200 worse than the "
        "baseline's 0.9300 (allowed: 0.01); baseline version 17."
    )


def test_without_a_baseline_change_thresholds_are_passed_over():
    rows = judge([OVERALL], {(ACCURACY, "overall"): 0.9}, {})
    assert rows[0].ok
    assert rows[0].written.as_written()["ok"] is True
    assert "baseline_value" not in rows[0].written.as_written()


def test_a_value_that_is_not_a_number_holds_no_limit():
    [row] = judge([OVERALL], {(ACCURACY, "overall"): math.nan}, {})
    assert not row.ok


def test_for_a_loss_worse_means_higher():
    threshold = Threshold("Loss", upper_bound=1.0, max_drop=0.1, higher_is_better=False)
    [better] = judge([threshold], {("Loss", "overall"): 0.3}, {("Loss", "overall"): 0.5})
    [worse] = judge([threshold], {("Loss", "overall"): 0.7}, {("Loss", "overall"): 0.5})
    assert better.ok
    assert not worse.ok


@given(
    value=st.floats(0, 1),
    baseline=st.none() | st.floats(0, 1),
    lower=st.none() | st.floats(0, 1),
    drop=st.none() | st.floats(0, 1),
)
def test_a_row_is_ok_exactly_when_its_margin_is_not_negative(value, baseline, lower, drop):
    threshold = Threshold("m", lower_bound=lower, max_drop=drop)
    known = {} if baseline is None else {("m", "overall"): baseline}
    [row] = judge([threshold], {("m", "overall"): value}, known)
    assert row.ok == (row.margin >= 0)


def test_a_value_that_is_no_number_is_refused_and_told_as_null():
    rows = judge(
        [Threshold("Loss", upper_bound=2.0, higher_is_better=False)],
        {("Loss", "overall"): math.nan},
        {},
    )
    assert refusal(rows, None) == "Evaluator: Loss on slice overall is nan, not a finite number."
    assert rows[0].written.as_written() == {
        "metric": "Loss",
        "slice": "overall",
        "value": None,
        "upper_bound": 2.0,
        "higher_is_better": False,
        "ok": False,
    }


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.booleans())
def test_no_limit_and_no_baseline_makes_a_value_that_is_no_number_good(value, higher):
    limits = Threshold("M", None, None, None, 0.1, higher)
    [row] = judge([limits], {("M", "overall"): value}, {("M", "overall"): 0.5})
    assert not row.ok
    [row] = judge([limits], {("M", "overall"): 0.5}, {("M", "overall"): value})
    assert row.ok


def test_the_worst_row_is_one_without_a_number():
    values = {(ACCURACY, "label=1"): 0.1, (ACCURACY, "label=2"): math.nan}
    rows = judge([BY_LABEL], values, {})
    assert there(refusal(rows, None)).startswith(f"Evaluator: {ACCURACY} on slice label=2 is nan")


def test_a_candidate_has_to_be_better_than_always_the_same_answer():
    yardsticks = Yardsticks(constants={ACCURACY: 0.7}, must_beat=ACCURACY)
    for value, said in ((0.71, None), (0.7 + 1e-9, "is 0.7000, no better"), (0.6, "is 0.6000, no")):
        rows = judge([Threshold(ACCURACY)], {(ACCURACY, "overall"): value}, {}, yardsticks)
        found = refusal(rows, None, constant="yes")
        assert (found is None) if said is None else said in there(found)
    assert found == (
        "Evaluator: SparseCategoricalAccuracy on slice overall is 0.6000, no better than the "
        "0.7000 of always the same answer, yes; evaluation.beat_constant = false would let it pass."
    )
    whole, part = (f"{ACCURACY} {name}" for name in ("overall", "label=6"))
    values = {(ACCURACY, "overall"): 0.9, (ACCURACY, "label=6"): 0.1}
    rows = judge([Threshold(ACCURACY), Threshold(ACCURACY, "label")], values, {}, yardsticks)
    beaten = {f"{row.metric} {row.slice}": row.written.must_beat_constant for row in rows}
    assert beaten == {whole: True, part: False}
    loss = Threshold("Loss", higher_is_better=False)
    yardsticks = Yardsticks(constants={"Loss": 0.7}, must_beat="Loss")
    [row] = judge([loss], {("Loss", "overall"): 0.6}, {}, yardsticks)
    assert row.ok
    assert there(row.written.margin) > 0


def test_a_metric_without_limits_is_shown_whatever_it_is():
    yardsticks = Yardsticks(constants={"Calibration": 1.0}, must_beat=ACCURACY)
    [row] = judge(
        [Threshold("Calibration")], {("Calibration", "overall"): math.nan}, {}, yardsticks
    )
    assert row.ok
    assert row.written.as_written() == {
        **{"metric": "Calibration", "slice": "overall", "value": None, "ok": True},
        **{"higher_is_better": True, "constant_value": 1.0},
    }


# As TFMA's float32 has them.
NINE_OF_TEN, EIGHT_OF_TEN = float(np.float32(0.9)), float(np.float32(0.8))


@pytest.mark.parametrize("value", [0.9, NINE_OF_TEN, float(np.float32(0.9) + np.float32(6e-8))])
def test_a_value_exactly_at_a_limit_holds_it(value):
    for threshold in (
        Threshold(ACCURACY, lower_bound=0.9),
        Threshold(ACCURACY, upper_bound=0.9),
        Threshold(ACCURACY, max_drop=0.1),
        Threshold(ACCURACY, max_drop=0.0),
        Threshold(ACCURACY, max_drop=0.1, higher_is_better=False),
    ):
        before = 0.9 if not threshold.max_drop else 1.0 if threshold.higher_is_better else 0.8
        [row] = judge([threshold], {(ACCURACY, "overall"): value}, {(ACCURACY, "overall"): before})
        assert row.ok, (threshold, row.failures)
        assert row.margin >= 0


@pytest.mark.parametrize("off", [1e-4, 1e-5])
def test_a_value_beyond_a_limit_is_told_with_as_many_places_as_show_it(off):
    rows = judge([Threshold(ACCURACY, lower_bound=0.9)], {(ACCURACY, "overall"): 0.9 - off}, {})
    assert f"is {0.9 - off:.{4 if off == 1e-4 else 6}f}, below the lower bound 0.9" in there(
        refusal(rows, None)
    )
    assert rows[0].margin < 0


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e9])
def test_limits_and_yardsticks_hold_in_any_unit(scale):
    error = "MeanAbsoluteError"
    threshold = Threshold(error, upper_bound=3 * scale, max_drop=scale, higher_is_better=False)
    yardsticks = Yardsticks(constants={error: 5 * scale}, must_beat=error)

    def failures(value, before):
        [row] = judge(
            [threshold],
            {(error, "overall"): value * scale},
            {(error, "overall"): before * scale},
            yardsticks,
        )
        return len(row.failures)

    assert failures(3, 2) == 0
    assert failures(2.9, 1.8) == 1
    assert failures(3.1, 2.9) == 1
    assert failures(5, 5) == 2


def test_a_baseline_without_the_metric_or_the_slice_holds_nobody_back():
    values = {(ACCURACY, "overall"): 0.95, (ACCURACY, "label=6"): 0.7}
    rows = judge([OVERALL, BY_LABEL], values, {("AUC", "overall"): 0.99})
    assert all(row.ok and row.drop is None for row in rows)


def test_both_bounds_may_be_set_and_either_may_fail():
    threshold = Threshold("Calibration", lower_bound=0.9, upper_bound=1.1)
    found = {
        value: judge([threshold], {("Calibration", "overall"): value}, {})[0].failures
        for value in (0.89, 0.9, 1.0, 1.1, 1.11)
    }
    assert [len(each) for each in found.values()] == [1, 0, 0, 0, 1]


def test_a_slice_of_few_examples_is_shown_and_holds_nobody_back():
    yardsticks = Yardsticks(sizes={"label=6": 29, "label=7": 30}, smallest=30)
    values = {(ACCURACY, "label=6"): 0.1, (ACCURACY, "label=7"): 0.2, (ACCURACY, "label=8"): 0.3}
    rows = judge([BY_LABEL], values, {}, yardsticks)
    assert {row.slice: (row.ok, row.gated) for row in rows} == {
        "label=6": (True, False),
        "label=7": (False, True),
        "label=8": (False, True),
    }
    assert there(refusal(rows, None)).startswith(
        "Evaluator: SparseCategoricalAccuracy on slice label=7"
    )


def test_slices_of_the_label_are_called_by_its_classes():
    by_tip = Threshold(ACCURACY, feature="tip", lower_bound=0.6)
    rows = judge([by_tip], {(ACCURACY, "tip=1"): 0.5}, {})
    assert "slice tip=1 (yes) is" in there(refusal(rows, None, ["no", "yes"], label="tip"))
    assert "slice tip=1 is" in there(refusal(rows, None, ["no", "yes"], label="other"))
