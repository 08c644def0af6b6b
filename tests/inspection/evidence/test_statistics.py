"""Statistics as StatisticsGen leaves them."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_metadata.proto.v0 import statistics_pb2

from inspection.evidence.statistics import Bucket, Feature, distance, read_statistics
from inspection.files.workspace import Workspace
from tests.inspection.recorded_runs import RECORDED
from tests.there import there

URI = "/recorded/workspace/artifacts/StatisticsGen/statistics/3"


def feature(*, buckets=(), values=None) -> Feature:
    return Feature("f", "int", 1, 0, {}, tuple(Bucket(*each) for each in buckets), values or {})


def test_each_split_has_its_features_with_their_distributions():
    found = read_statistics(Workspace(RECORDED), URI)
    assert [(each.split, each.examples) for each in found] == [("eval", 400), ("train", 1350)]
    label, image = found[0].features["label"], found[0].features["image"]
    assert (label.type, label.examples, label.missing) == ("int", 400, 0)
    assert label.values == {str(value): 40.0 for value in range(10)}
    assert image.type == "bytes"
    assert image.facts["mean bytes"] == 784


def test_numbers_have_a_histogram_of_equal_widths(tmp_path):
    document = statistics_pb2.DatasetFeatureStatisticsList()
    dataset = document.datasets.add(num_examples=4)
    written = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.FLOAT)
    written.path.step.append("fare")
    written.num_stats.mean = 2.5
    written.num_stats.common_stats.num_missing = 1
    for kind in ("QUANTILES", "STANDARD"):
        histogram = written.num_stats.histograms.add(type=getattr(statistics_pb2.Histogram, kind))
        histogram.buckets.add(low_value=0, high_value=5, sample_count=4)
    path = tmp_path / "stats" / "1" / "Split-train" / "FeatureStats.pb"
    path.parent.mkdir(parents=True)
    path.write_bytes(document.SerializeToString())
    [found] = read_statistics(Workspace(tmp_path), str(path.parents[1]))
    assert found.features["fare"].buckets == (Bucket(0, 5, 4),)
    assert found.features["fare"].facts["mean"] == 2.5
    assert found.features["fare"].missing == 1


def test_a_damaged_file_is_passed_over(tmp_path):
    root = tmp_path / "workspace"
    shutil.copytree(RECORDED, root)
    (root / "artifacts/StatisticsGen/statistics/3/Split-eval/FeatureStats.pb").write_bytes(b"\xff")
    assert [each.split for each in read_statistics(Workspace(root), URI)] == ["train"]


def test_files_outside_of_the_workspace_are_not_read(tmp_path):
    outside = RECORDED / "artifacts/StatisticsGen/statistics/3"
    assert read_statistics(Workspace(tmp_path), str(outside)) == []
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "Split-eval").symlink_to(outside / "Split-eval")
    assert read_statistics(Workspace(tmp_path), str(tmp_path / "linked")) == []


def test_the_distance_of_values_is_the_largest_difference_of_shares():
    assert distance(
        feature(values={"a": 1, "b": 1}), feature(values={"a": 3, "c": 1})
    ) == pytest.approx(0.5)


def test_histograms_apart_are_at_distance_one_and_equal_ones_at_zero():
    first, second = feature(buckets=[(0, 1, 5)]), feature(buckets=[(2, 3, 7)])
    assert distance(first, second) == pytest.approx(1)
    assert distance(first, feature(buckets=[(0, 1, 50)])) == pytest.approx(0)


def test_other_buckets_over_the_same_values_are_no_distance():
    wide = feature(buckets=[(0, 10, 10)])
    narrow = feature(buckets=[(low, low + 1, 1) for low in range(10)])
    assert distance(wide, narrow) == pytest.approx(0, abs=1e-9)


def test_what_has_no_distribution_has_no_distance():
    assert distance(feature(), feature(values={"a": 1})) is None


@pytest.mark.medium
@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4), st.integers(1, 9)), min_size=1),
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4), st.integers(1, 9)), min_size=1),
)
def test_a_distance_is_symmetric_and_between_zero_and_one(first, second):
    one, other = (
        feature(buckets=[(low, low + width, count) for low, width, count in each])
        for each in (first, second)
    )
    found = there(distance(one, other))
    assert 0 <= found <= 1
    assert found == pytest.approx(distance(other, one), abs=1e-9)
