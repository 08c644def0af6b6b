"""What is judged of data sets, and the settings that they have."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.data.figures import figures
from benchmarks.data.quality import Compared, judge
from benchmarks.data.sets import ACCURACY, AUC, R2, SETS, TABLES, DataSet
from benchmarks.usage import Usage
from pipeline.settings import load_settings


def compared(data: DataSet, served: float, peer: float) -> Compared:
    figures_ = {data.measure: served, "apart": 0.0 if served > 0.9 else 1e-7}
    return Compared(data.name, data.measure, figures_, {data.measure: peer}, 100, Usage(1, 1, 1))


@pytest.mark.parametrize("data", SETS, ids=lambda data: data.name)
def test_every_set_is_a_settings_file_that_says_where_its_data_are(data: DataSet):
    settings = load_settings(data.config)
    assert settings.data.origin
    assert settings.name == data.name
    assert (settings.label.kind == "number") == (data.measure == R2)
    assert (len(settings.label.names or ()) == 2) or data.measure != AUC


def test_each_is_held_against_its_peer_and_taxi_against_a_figure_too():
    good = judge(SETS, [compared(data, 0.95, 0.95) for data in SETS])
    assert len(good) == 2 * len(SETS) + 2
    assert all(target.met for target in good)
    bad = judge(SETS, [compared(data, 0.90, 0.95) for data in SETS])
    assert not any(target.met for target in bad)
    near = judge(SETS[:1], [compared(SETS[0], 0.946, 0.9505)])
    assert [target.met for target in near] == [True] * 3


def test_the_moonshot_counts_tables_only():
    assert sum(data.name != "reviews" for data in SETS) == TABLES
    found = [compared(data, 0.95, 0.95 if data.name == "reviews" else 0.951) for data in SETS]
    [moonshot] = [target for target in judge(SETS, found) if "moonshot" in target.name]
    assert moonshot.value == 0
    assert not [target for target in judge(SETS[:3], found[:3]) if "moonshot" in target.name]


def test_figures_are_those_of_scikit_learn():
    labels = np.array([0, 1, 1, 0])
    two = figures(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]]), labels)
    assert two == {ACCURACY: 0.75, AUC: 1.0}
    assert figures(np.eye(4)[[0, 1, 2, 3]], np.arange(4)) == {ACCURACY: 1.0}
    assert figures(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == {R2: 1.0}
