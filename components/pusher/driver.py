"""Brings the state of the base path into the cache key of a push."""

from __future__ import annotations

import uuid

from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types_utils
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from components.pusher import decision, inputs
from serving.base_path.versions import provenance_of

PUSH_ID_KEY = "push_id"


class Driver(base_driver.BaseDriver):
    """Adds the execution property `push_id`; see decision.push_id for what it is equal to.

    Without it TFX would take a push from its cache although the base path was deleted since.
    """

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Decides as the executor would, but publishes nothing.

        Raises:
          BasePathError: the base path cannot be read.
          DamagedError: the model is not what the Trainer wrote.
          StaleVerdictError: what would be pushed, or over what, is not what was judged.
        """
        base = inputs.base_path(execution_info.exec_properties)
        digest = inputs.candidate_digest(execution_info.input_dict)
        live, choice = inputs.live_choice(base)
        decided = decision.decide(
            inputs.verdicts(execution_info.input_dict),
            digest,
            choice,
            inputs.withdrawal(base, digest),
        )
        push_id = decision.push_id(
            decided,
            provenance_of(live.path) if live else None,
            fresh=uuid.uuid4().hex,
            restored=inputs.restored_at(base, live) if live else None,
        )
        output = driver_output_pb2.DriverOutput()
        data_types_utils.set_metadata_value(output.exec_properties[PUSH_ID_KEY], push_id)
        return output
