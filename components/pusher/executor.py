"""Publishes the candidate, or says why not."""

from __future__ import annotations

import datetime
import json
import logging
import os
import uuid
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils, standard_component_specs

from components.pusher import inputs, provenance
from components.pusher.decision import decide
from components.pusher.driver import PUSH_ID_KEY
from serving import storage
from serving.content import PROVENANCE, WARMUP, content_digest
from serving.versions import Version, publish

TRAINING_FILE = "training.json"

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_executor.BaseExecutor):
    """Replaces upstream's executor, which copies straight into the version's folder."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Decides, publishes, and keeps a copy of what was published, as upstream does.

        Args:
          input_dict: `model`; `model_blessing` and `infra_blessing` where they are wired.
          output_dict: `pushed_model`.
          exec_properties: `push_destination`, `custom_config`, and the driver's `push_id`.

        Raises:
          BasePathError: the base path cannot be read, or not be written (PublishError).
        """
        pushed_model = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.PUSHED_MODEL_KEY]
        )
        base = inputs.base_path(exec_properties)
        digest = content_digest(inputs.model_path(input_dict))
        version = inputs.live_twin(base, digest)
        decision = decide(inputs.verdicts(input_dict), version.number if version else None)
        if decision.outcome == "pushed":
            version = self._publish(input_dict, exec_properties, base, digest)
            storage.copy(version.path, storage.files(version.path), pushed_model.uri)
        pushed_model.set_int_custom_property("pushed", int(decision.outcome == "pushed"))
        pushed_model.set_string_custom_property("outcome", decision.outcome)
        if version and decision.outcome != "refused":
            pushed_model.set_string_custom_property("pushed_destination", version.path)
            pushed_model.set_string_custom_property("pushed_version", str(version.number))
        if decision.reason:
            pushed_model.set_string_custom_property("reason", decision.reason)
        logging.getLogger(__name__).info(
            "%s: %s", decision.outcome, decision.reason or (version and version.path)
        )

    def _publish(
        self, input_dict: Artifacts, exec_properties: dict[str, Any], base: str, digest: str
    ) -> Version:
        config = json.loads(exec_properties.get("custom_config") or "null") or {}
        training = inputs.document(input_dict, "model", TRAINING_FILE)
        evaluation = inputs.document(input_dict, "model_blessing", inputs.VERDICT_FILE)
        serving_check = inputs.document(input_dict, "infra_blessing", inputs.VERDICT_FILE)
        warm_up = inputs.file_content(input_dict, "infra_blessing", os.path.basename(WARMUP))

        def extra_files(number: int) -> dict[str, bytes]:
            document = provenance.build(
                model_name=config.get("model_name"),
                version=number,
                pushed_at=datetime.datetime.now(datetime.timezone.utc).isoformat(
                    timespec="seconds"
                ),
                # Kubeflow Pipelines does not run the drivers of custom components.
                push_id=exec_properties.get(PUSH_ID_KEY) or uuid.uuid4().hex,
                run_id=self._context.pipeline_run_id if self._context else None,
                content_digest=digest,
                training=training,
                evaluation=evaluation,
                serving_check=serving_check,
                artifacts={
                    key: {"id": artifact.id, "uri": artifact.uri}
                    for key, artifacts in input_dict.items()
                    for artifact in artifacts
                },
            )
            files = {PROVENANCE: provenance.encode(document)}
            if warm_up is not None:
                files[WARMUP] = warm_up
            return files

        return publish(inputs.model_path(input_dict), base, extra_files=extra_files)
