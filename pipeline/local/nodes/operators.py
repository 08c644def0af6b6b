"""Between TFX's launcher and the nodes: outputs are recorded, inputs and cached outputs checked.

The launcher takes classes of these two kinds, operators of executors and of drivers, from whoever
calls it; so nothing of TFX is changed.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from google.protobuf import message
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.dsl.components.base import base_driver
from tfx.orchestration import metadata
from tfx.orchestration.portable import (
    beam_executor_operator,
    cache_utils,
    data_types,
    outputs_utils,
    python_driver_operator,
    python_executor_operator,
)
from tfx.proto.orchestration import (
    driver_output_pb2,
    executable_spec_pb2,
    execution_result_pb2,
    pipeline_pb2,
)

from pipeline.beam_workers.lost_worker import notice_lost_workers
from pipeline.beam_workers.shortcuts import take_shortcuts
from pipeline.local.nodes.contents import (
    NOT_RECORDED,
    PROPERTY,
    Contents,
    Damage,
    DamagedArtifactError,
)
from pipeline.local.nodes.staging.stage import Stage

Artifacts = Mapping[str, Sequence[types.Artifact]]
Run = Callable[[message.Message, data_types.ExecutionInfo], execution_result_pb2.ExecutorOutput]
"""Runs the executor of a node."""


class NoDriver(base_driver.BaseDriver):
    """For nodes that bring none: their inputs and cached outputs are checked all the same."""

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        return driver_output_pb2.DriverOutput()


NO_DRIVER = executable_spec_pb2.PythonClassExecutableSpec(
    class_path=f"{NoDriver.__module__}.{NoDriver.__name__}"
)


class _Beam(beam_executor_operator.BeamExecutorOperator):
    def run_executor(
        self, execution_info: data_types.ExecutionInfo, *arguments: Any
    ) -> execution_result_pb2.ExecutorOutput:
        notice_lost_workers(self.beam_pipeline_args)
        take_shortcuts()
        return super().run_executor(execution_info, *arguments)


_OPERATORS: Mapping[type[message.Message], Any] = {
    executable_spec_pb2.PythonClassExecutableSpec: python_executor_operator.PythonExecutorOperator,
    executable_spec_pb2.BeamExecutableSpec: _Beam,
}
EXECUTABLE = {kind.DESCRIPTOR.full_name: kind for kind in _OPERATORS}
"""Kinds of executors by name."""


def run_here(
    spec: message.Message, info: data_types.ExecutionInfo
) -> execution_result_pb2.ExecutorOutput:
    """Runs an executor in this process; what it has written is not recorded."""
    output: execution_result_pb2.ExecutorOutput = _OPERATORS[type(spec)](spec).run_executor(info)
    return output


def executor_operators(
    contents: Contents,
    stage: Stage,
    run: Run | None = None,
    aside: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> dict[Any, Any]:
    """The launcher's `custom_executor_operators`: they record what a node has written.

    Args:
      contents: where that is recorded.
      stage: gives the executor paths on this machine, where it can use no addresses.
      run: runs the executor; None: as TFX does, in this process.
      aside: entered while an executor works, and its artifacts are fetched and stored.
    """

    def operator(kind: type[Any]) -> type[Any]:
        class Operator(kind):
            def run_executor(
                self, execution_info: data_types.ExecutionInfo, *arguments: Any
            ) -> execution_result_pb2.ExecutorOutput:
                execute = (
                    functools.partial(run, self._executor_spec)
                    if run
                    else lambda info: super(Operator, self).run_executor(info, *arguments)
                )
                with aside():
                    output = stage.run(execute, execution_info)
                return _recorded(contents, stage, execution_info, output)

        return Operator

    return {spec: operator(kind) for spec, kind in _OPERATORS.items()}


def driver_operators(
    contents: Contents, stage: Stage, executor_spec: message.Message
) -> dict[Any, Any]:
    """The launcher's `custom_driver_operators`, for the node with this executor."""

    class Python(python_driver_operator.PythonDriverOperator):
        def run_driver(
            self, execution_info: data_types.ExecutionInfo
        ) -> driver_output_pb2.DriverOutput:
            _check_inputs(contents, execution_info)
            output = stage.drive(super().run_driver, execution_info)
            if _node(execution_info).execution_options.caching_options.enable_cache:
                with self._mlmd_connection as handle:
                    _drop_damaged(contents, execution_info, output, executor_spec, handle)
            return output

    return {executable_spec_pb2.PythonClassExecutableSpec: Python}


def _node(info: data_types.ExecutionInfo) -> pipeline_pb2.PipelineNode:
    assert info.pipeline_node is not None  # The launcher always says which one.
    return info.pipeline_node


def _recorded(
    contents: Contents,
    stage: Stage,
    info: data_types.ExecutionInfo,
    output: execution_result_pb2.ExecutorOutput,
) -> execution_result_pb2.ExecutorOutput:
    left = {
        key: made for key, made in info.output_dict.items() if key not in output.output_artifacts
    }
    outputs_utils.populate_output_artifact(output, left)
    for key, artifacts in output.output_artifacts.items():
        kind = info.output_dict[key][0]
        # A value is a file, and small enough to lie in the cache key itself.
        if kind.type_name not in NOT_RECORDED and not isinstance(kind, types.ValueArtifact):
            for artifact in artifacts.artifacts:
                contents.record(artifact, stage.copy_of(artifact.uri))
    return output


def _check_inputs(contents: Contents, info: data_types.ExecutionInfo) -> None:
    for damage in _damages(contents, info.input_dict):
        raise DamagedArtifactError(
            f"Before {_node(info).node_info.id} could use it, {damage}; run again without"
            f" --from, which runs {damage.node} anew."
        )


def _drop_damaged(
    contents: Contents,
    info: data_types.ExecutionInfo,
    driven: driver_output_pb2.DriverOutput,
    executor_spec: message.Message,
    handle: metadata.Metadata,
) -> None:
    """Takes executions with damaged outputs out of the cache, so that their node runs anew."""
    context = cache_utils.get_cache_context(
        handle,
        pipeline_node=info.pipeline_node,
        pipeline_info=info.pipeline_info,
        executor_spec=executor_spec,
        input_artifacts=info.input_dict,
        output_artifacts=_driven_outputs(info.output_dict, driven),
        parameters={
            **info.exec_properties,
            **{
                key: getattr(value, value.WhichOneof("value"))
                for key, value in driven.exec_properties.items()
            },
        },
    )
    # The newest that is whole is taken; each pass drops one that is not.
    while outputs := cache_utils.get_cached_outputs(handle, context):
        damages = list(_damages(contents, outputs))
        if not damages:
            return
        damaged = {damage.uri for damage in damages}
        stored = handle.store.get_artifacts_by_id(
            [artifact.id for made in outputs.values() for artifact in made]
        )
        for artifact in stored:
            if artifact.uri in damaged:
                artifact.state = metadata_store_pb2.Artifact.ABANDONED
        handle.store.put_artifacts([artifact for artifact in stored if artifact.uri in damaged])
        for damage in damages:
            text = str(damage)
            logging.getLogger("progress").warning(
                "%s; %s runs anew", f"{text[0].upper()}{text[1:]}", damage.node
            )


def _damages(contents: Contents, artifacts: Artifacts) -> Iterator[Damage]:
    for artifact in (artifact for listed in artifacts.values() for artifact in listed):
        damage = contents.damage(artifact.uri, artifact.get_string_custom_property(PROPERTY))
        if damage:
            yield damage


def _driven_outputs(
    outputs: Artifacts, driven: driver_output_pb2.DriverOutput
) -> dict[str, list[types.Artifact]]:
    """The outputs as the launcher has them after a driver that has changed some."""
    found = {key: list(made) for key, made in outputs.items()}
    for key, changed in driven.output_artifacts.items():
        kind = found[key][0].type
        found[key] = []
        for proto in changed.artifacts:
            artifact = kind()
            artifact.set_mlmd_artifact(proto)
            found[key].append(artifact)
    return found
