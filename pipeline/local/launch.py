"""Launches the nodes of a pipeline one after another and tells an observer how each one goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import partial_run_utils, runtime_parameter_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import pipeline_pb2

from documents.run_record import RunRecord
from pipeline.local.contents import Contents
from pipeline.local.operators import NO_DRIVER, driver_operators, executor_operators
from pipeline.local.partial import mark_partial
from pipeline.local.record import begin
from pipeline.local.result import NodeResult, Observer
from pipeline.local.run_store import OwnStore, Run, RunStore


class NodeFailedError(RuntimeError):
    """A node failed; `node` names it and `__cause__` is what it raised."""

    def __init__(self, node: str, message: str):
        super().__init__(message)
        self.node = node


def launch(
    pipeline: tfx_pipeline.Pipeline,
    run_id: str,
    observer: Observer,
    *,
    from_node: str | None = None,
    to_node: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
    record: RunRecord | None = None,
    store: RunStore | None = None,
) -> list[NodeResult]:
    """Runs `pipeline` in this process, in topological order.

    TFX's own LocalDagRunner does the same silently; this one reports, notices a node whose inputs
    could not be resolved, settles what a killed run left behind, and lets no node use files that
    are not what another wrote: what is damaged in the cache is made anew.

    Args:
      stopped: asked before each node whether the run shall end, since libraries swallow
        KeyboardInterrupt.
      record: how the run was started, for the store.
      store: where the run is recorded; None: the file that the pipeline names.

    Raises:
      NodeFailedError: a node failed or was interrupted; the nodes before it are recorded and will
        be cache hits.
      pipeline.local.leftovers.LeftoversError: the store does not know what `artifacts` holds.
      pipeline.local.partial.PartialRunError: `from_node` or `to_node` cannot be used.
    """
    ir = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        ir, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    deployment = runner_utils.extract_local_deployment_config(ir)
    config = deployment.metadata_connection_config
    place: RunStore = store or OwnStore(
        metadata.Metadata(getattr(config, config.WhichOneof("connection_config")))
    )
    connection = place.connection
    nodes = [node.pipeline_node for node in ir.nodes]
    run = Run(Path(str(pipeline.pipeline_info.pipeline_root)), ir.pipeline_info.id, run_id)
    place.begin(run)
    if from_node or to_node:
        mark_partial(ir, connection, from_node, to_node, place.owner)
    begin(connection, run_id, record or RunRecord(), place.owner)

    observer.run_started([node.node_info.id for node in nodes])
    results, contents = [], Contents()
    with place.working(run):
        for node in nodes:
            name = node.node_info.id
            if node.execution_options.HasField("skip"):
                result = NodeResult(name, "skipped", 0.0)
            else:
                observer.node_started(name)
                start = time.monotonic()
                try:
                    if stopped():
                        raise KeyboardInterrupt
                    execution_id = _launch_node(ir, node, deployment, place, run, contents)
                    result = _result(connection, name, execution_id, time.monotonic() - start)
                except (Exception, KeyboardInterrupt) as raised:
                    error = place.explained(raised)
                    # TFX settles what an executor raises, but not what a driver does or Ctrl-C.
                    place.settle(run, error)
                    observer.node_finished(NodeResult(name, "failed", time.monotonic() - start))
                    raise NodeFailedError(name, str(error)) from error
            observer.node_finished(result)
            if result.state == "failed":
                raise NodeFailedError(name, "its inputs could not be resolved")
            results.append(result)
    return results


def _launch_node(
    ir: pipeline_pb2.Pipeline,
    node: Any,
    deployment: Any,
    store: RunStore,
    run: Run,
    contents: Contents,
) -> int | None:
    if node.execution_options.run.perform_snapshot:
        with store.connection as handle:
            partial_run_utils.snapshot(handle, ir)
    name = node.node_info.id
    executor_spec = runner_utils.extract_executor_spec(deployment, name)
    info = store.launcher(
        run,
        pipeline_node=node,
        pipeline_info=ir.pipeline_info,
        pipeline_runtime_spec=ir.runtime_spec,
        executor_spec=executor_spec,
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, name) or NO_DRIVER,
        custom_executor_operators=executor_operators(contents),
        custom_driver_operators=driver_operators(contents, executor_spec),
    ).launch()
    return info.execution_id if info else None


def _result(
    connection: metadata.Metadata, name: str, execution_id: int | None, seconds: float
) -> NodeResult:
    if execution_id is None:
        return NodeResult(name, "failed", seconds)
    with connection as handle:
        [execution] = handle.store.get_executions_by_id([execution_id])
        if not execution_lib.is_execution_successful(execution):
            return NodeResult(name, "failed", seconds, execution_id)
        cached = execution.last_known_state == metadata_store_pb2.Execution.CACHED
        outputs = execution_lib.get_output_artifacts(handle, execution_id)
    return NodeResult(name, "cached" if cached else "done", seconds, execution_id, outputs)
