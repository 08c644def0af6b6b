"""One executor, from an ExecutorInput that TFX understands to its ExecutorOutput.

What tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor does, but for two things: the
executor is told the id of its run, and no executor other than its own is imported.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2
from tfx.dsl.components.base import base_executor
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_entrypoint_utils
from tfx.orchestration.portable import outputs_utils
from tfx.types import artifact_utils, standard_component_specs

from pipeline.beam_workers.lost_worker import notice_lost_workers
from pipeline.beam_workers.shortcuts import take_shortcuts


def execute(
    executor_class: type[base_executor.BaseExecutor],
    executor_input: Mapping[str, Any],
    inputs_spec: Mapping[str, Any],
    beam_arguments: Sequence[str],
    run_id: str | None,
) -> dict[str, Any]:
    """Runs the executor; returns its ExecutorOutput as JSON.

    Args:
      executor_input: as `entry.adapt` makes it, with what a driver decided.
      inputs_spec: ComponentInputsSpec.
      run_id: of the pipeline's run, for provenance.
    """
    message = pipeline_spec_pb2.ExecutorInput()
    json_format.Parse(json.dumps(executor_input), message, ignore_unknown_fields=True)
    spec = pipeline_spec_pb2.ComponentInputsSpec()
    json_format.Parse(json.dumps(inputs_spec), spec, ignore_unknown_fields=True)
    names: dict[int, str] = {}
    parse = kubeflow_v2_entrypoint_utils.parse_raw_artifact_dict
    inputs = parse(message.inputs.artifacts, names)
    outputs = parse(message.outputs.artifacts, names)
    properties = kubeflow_v2_entrypoint_utils.parse_execution_properties(
        message.inputs.parameter_values, message.inputs.parameters, spec
    )
    task_root = os.path.dirname(message.outputs.output_file)
    context = _context_class(executor_class, beam_arguments)(
        unique_id=os.path.basename(task_root),
        tmp_dir=os.path.join(task_root, ".temp"),
        pipeline_run_id=run_id,
    )
    executor_class(context).Do(inputs, outputs, properties)
    return _output(outputs, names)


def _context_class(
    executor_class: type[base_executor.BaseExecutor], beam_arguments: Sequence[str]
) -> Callable[..., base_executor.BaseExecutor.Context]:
    # Beam takes a second to import, so it is asked whether somebody needed it.
    beam = sys.modules.get("tfx.dsl.components.base.base_beam_executor")
    if beam is not None and issubclass(executor_class, beam.BaseBeamExecutor):
        notice_lost_workers(beam_arguments)
        take_shortcuts()
        return functools.partial(
            beam.BaseBeamExecutor.Context, beam_pipeline_args=list(beam_arguments)
        )
    return functools.partial(base_executor.BaseExecutor.Context, extra_flags=list(beam_arguments))


def _output(outputs: Mapping[str, list[Any]], names: Mapping[int, str]) -> dict[str, Any]:
    outputs_utils.tag_output_artifacts_with_version(outputs)
    if standard_component_specs.BLESSING_KEY in outputs:
        # Kubeflow knows artifacts by name where TFX's Evaluator writes hashes of them.
        kubeflow_v2_entrypoint_utils.refactor_model_blessing(
            artifact_utils.get_single_instance(outputs[standard_component_specs.BLESSING_KEY]),
            names,
        )
    message = pipeline_spec_pb2.ExecutorOutput()
    written = kubeflow_v2_entrypoint_utils.translate_executor_output(outputs, names)
    for key, artifacts in written.items():
        message.artifacts[key].CopyFrom(artifacts)
    document: dict[str, Any] = json_format.MessageToDict(message)
    return document
