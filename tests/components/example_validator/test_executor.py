"""The gate, on real statistics."""

import logging
from pathlib import Path

import pandas
import pytest
import tensorflow_data_validation as tfdv
from tfx.components.statistics_gen import executor as statistics_gen
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils

from components.example_validator.anomalies import AnomalyError
from components.example_validator.executor import Executor

SCHEMA = """
feature {
  name: "label"
  type: INT
  int_domain { min: 0 max: 9 }
  presence { min_fraction: 1.0 }
  shape { dim { size: 1 } }
}
"""


def _validate(tmp_path: Path, labels: list[int], on_anomaly: str) -> standard_artifacts.Artifact:
    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri = str(tmp_path / "statistics")
    statistics.split_names = artifact_utils.encode_split_names(["train"])
    io_utils.write_bytes_file(
        str(tmp_path / "statistics" / "Split-train" / statistics_gen.DEFAULT_FILE_NAME),
        tfdv.generate_statistics_from_dataframe(
            pandas.DataFrame({"label": labels}), n_jobs=1
        ).SerializeToString(),
    )
    schema = standard_artifacts.Schema()
    schema.uri = str(tmp_path / "schema")
    io_utils.write_string_file(str(tmp_path / "schema" / "schema.pbtxt"), SCHEMA)
    anomalies = standard_artifacts.ExampleAnomalies()
    anomalies.uri = str(tmp_path / "anomalies")
    Executor().Do(
        {"statistics": [statistics], "schema": [schema]},
        {"anomalies": [anomalies]},
        {"exclude_splits": "[]", "on_anomaly": on_anomaly},
    )
    return anomalies


def test_clean_statistics_pass(tmp_path: Path):
    anomalies = _validate(tmp_path, [0, 5, 9], "stop")
    assert anomalies.get_json_value_custom_property("blessed") == {"train": 1}


def test_an_anomaly_stops_the_run_with_a_sentence(tmp_path: Path):
    with pytest.raises(AnomalyError, match=r"split train, feature label: .*11.*anomalies=warn"):
        _validate(tmp_path, [0, 11], "stop")


def test_an_anomaly_is_only_told_when_the_setting_says_warn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, logger="progress"):
        anomalies = _validate(tmp_path, [0, 11], "warn")
    assert anomalies.get_json_value_custom_property("blessed") == {"train": 0}
    assert "split train, feature label" in caplog.text
