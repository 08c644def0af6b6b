"""Thresholds that hold nobody back, and what is said of them."""

from components.evaluator.coverage import idle, uncovered
from components.evaluator.verdict import Threshold, Yardsticks, judge
from tests.there import there

ACCURACY = "SparseCategoricalAccuracy"
OVERALL = Threshold(ACCURACY, lower_bound=0.9, max_drop=0.01)
BY_LABEL = Threshold(ACCURACY, feature="label", lower_bound=0.6)


def test_a_threshold_that_nothing_was_held_against_is_named():
    rows = judge([OVERALL, BY_LABEL], {(ACCURACY, "overall"): 0.95}, {})
    assert "no value of SparseCategoricalAccuracy on any slice of label" in there(
        uncovered([OVERALL, BY_LABEL], rows)
    )
    assert uncovered([OVERALL], rows) is None
    assert "on all examples" in there(uncovered([OVERALL], []))


def test_nothing_is_blessed_of_which_nothing_was_measured():
    assert uncovered([Threshold(ACCURACY)], []) == (
        f"Evaluator: there is no value of {ACCURACY} nor of any other metric; see that the split"
        " that is evaluated has examples, or set data.split so that it has."
    )


def test_a_metric_without_limits_needs_no_value():
    shown = Threshold("Calibration")
    rows = judge([shown], {("Calibration", "overall"): 1.0}, {})
    assert uncovered([shown], rows) is None


def test_limits_that_count_on_no_slice_are_told():
    values = {(ACCURACY, "overall"): 0.9, (ACCURACY, "label=6"): 0.1, (ACCURACY, "label=7"): 0.2}
    sizes = {"overall": 2_029, "label=6": 1_029, "label=7": 1_000}

    def said(smallest, *thresholds):
        rows = judge(thresholds, values, {}, Yardsticks(sizes=sizes, smallest=smallest))
        return [*idle(thresholds, rows, smallest)]

    assert said(1_029, OVERALL, BY_LABEL) == []
    assert said(1_030, OVERALL, BY_LABEL, BY_LABEL) == [
        "no limit on slices of label counts: none has evaluation.smallest_slice = 1,030 examples,"
        " the largest one, label=6, 1,029; evaluate more examples, or set a smaller one"
    ]
    assert said(5_000, OVERALL) == []
    assert said(5_000, Threshold(ACCURACY, feature="label")) == []
    # Of which nothing was measured, the candidate is refused.
    assert [*idle([BY_LABEL], [], 30)] == []
