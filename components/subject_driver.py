"""Brings what a validator is about to judge into its cache key."""

from __future__ import annotations

from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types_utils
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2
from tfx.types import artifact_utils

from components.subject import DIGEST_KEY, observe

BASELINE_KEYS = ("baseline", "baseline_model")
BASELINE_DIGEST_KEY = "baseline_digest"


class Driver(base_driver.BaseDriver):
    """Adds the execution properties `content_digest` and `baseline_digest` (empty: none).

    Without them TFX would answer from its cache for files that were changed since: it knows a
    model by the number of its artifact.
    """

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Reads the files; nothing is judged.

        Raises:
          DamagedError: they are not what was written.
        """
        inputs = execution_info.input_dict
        baseline = next((inputs[key][0] for key in BASELINE_KEYS if inputs.get(key)), None)
        subject = observe(artifact_utils.get_single_instance(inputs["model"]), baseline)
        output = driver_output_pb2.DriverOutput()
        compared = subject.baseline.digest if subject.baseline else ""
        for key, value in ((DIGEST_KEY, subject.digest), (BASELINE_DIGEST_KEY, compared)):
            data_types_utils.set_metadata_value(output.exec_properties[key], value)
        return output
