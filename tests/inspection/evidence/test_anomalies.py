"""Anomalies as ExampleValidator leaves them."""

from __future__ import annotations

from tensorflow_metadata.proto.v0 import anomalies_pb2

from inspection.evidence.anomalies import Anomaly, read_anomalies
from inspection.files.workspace import Workspace
from tests.inspection.recorded_runs import RECORDED


def test_sound_data_have_none():
    found = read_anomalies(
        Workspace(RECORDED), "/recorded/workspace/artifacts/ExampleValidator/anomalies/4"
    )
    assert [(each.split, each.found) for each in found] == [("eval", ()), ("train", ())]


def test_each_is_told_with_its_feature_and_severity(tmp_path):
    document = anomalies_pb2.Anomalies()
    info = document.anomaly_info["label"]
    info.severity = anomalies_pb2.AnomalyInfo.ERROR
    info.short_description = "Out-of-range values"
    info.description = "Unexpectedly large value: 10."
    document.dataset_anomaly_info.severity = anomalies_pb2.AnomalyInfo.WARNING
    document.dataset_anomaly_info.short_description = "Low num examples"
    path = tmp_path / "anomalies" / "4" / "Split-eval" / "SchemaDiff.pb"
    path.parent.mkdir(parents=True)
    path.write_bytes(document.SerializeToString())
    [found] = read_anomalies(Workspace(tmp_path), str(path.parents[1]))
    assert found.found == (
        Anomaly("the data set", "warning", "Low num examples", ""),
        Anomaly("label", "error", "Out-of-range values", "Unexpectedly large value: 10."),
    )


def test_files_that_are_gone_give_nothing(tmp_path):
    assert read_anomalies(Workspace(tmp_path), str(tmp_path / "gone")) == []
