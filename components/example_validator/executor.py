"""Runs TensorFlow Data Validation and acts on what it finds."""

from __future__ import annotations

import logging
import os
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx import types
from tfx.components.example_validator import executor
from tfx.dsl.io import fileio
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils, standard_component_specs

from components.example_validator.anomalies import AnomalyError, describe, refusal

Artifacts = dict[str, list[types.Artifact]]


class Executor(executor.Executor):
    """The standard executor, then the gate."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> execution_result_pb2.ExecutorOutput:
        """Validates; outputs as the standard ExampleValidator.

        Raises:
          AnomalyError: there are anomalies and `on_anomaly` is `stop`.
        """
        output = super().Do(input_dict, output_dict, exec_properties)
        artifact = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.ANOMALIES_KEY]
        )
        findings = describe(
            {
                split: _read(artifact_utils.get_split_uri([artifact], split))
                for split in artifact_utils.decode_split_names(artifact.split_names)
            }
        )
        if findings and exec_properties["on_anomaly"] == "stop":
            raise AnomalyError(refusal(findings))
        for finding in findings:
            logging.getLogger("progress").warning("anomaly in %s", finding)
        return output


def _read(split_uri: str) -> anomalies_pb2.Anomalies:
    with fileio.open(os.path.join(split_uri, executor.DEFAULT_FILE_NAME), "rb") as file:
        return anomalies_pb2.Anomalies.FromString(file.read())
