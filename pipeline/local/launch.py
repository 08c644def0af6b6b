"""Launches the nodes of a pipeline one after another and tells an observer how each one goes."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import launcher, partial_run_utils, runtime_parameter_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import pipeline_pb2

from documents.run_record import KILLED, RunRecord
from pipeline.local.contents import Contents
from pipeline.local.leftovers import refuse_leftovers
from pipeline.local.operators import NO_DRIVER, driver_operators, executor_operators
from pipeline.local.partial import mark_partial
from pipeline.local.record import begin
from pipeline.local.result import NodeResult, Observer


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
) -> list[NodeResult]:
    """Runs `pipeline` in this process, in topological order.

    TFX's own LocalDagRunner does the same silently; this one reports, notices a node whose inputs
    could not be resolved, settles what a killed run left behind, and lets no node use files that
    are not what another wrote: what is damaged in the cache is made anew.

    Args:
      stopped: asked before each node whether the run shall end, since libraries swallow
        KeyboardInterrupt.
      record: how the run was started, for the store.

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
    connection = metadata.Metadata(getattr(config, config.WhichOneof("connection_config")))
    nodes = [node.pipeline_node for node in ir.nodes]
    artifacts = Path(str(pipeline.pipeline_info.pipeline_root))
    refuse_leftovers(artifacts, connection)
    _settle_abandoned_executions(connection, artifacts, killed=True)
    if from_node or to_node:
        mark_partial(ir, connection, from_node, to_node)
    begin(connection, run_id, record or RunRecord())

    observer.run_started([node.node_info.id for node in nodes])
    results, contents = [], Contents()
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
                execution_id = _launch_node(ir, node, deployment, connection, contents)
                result = _result(connection, name, execution_id, time.monotonic() - start)
            except (Exception, KeyboardInterrupt) as error:
                # TFX settles what an executor raises, but not what a driver does or Ctrl-C.
                _settle_after(error, connection, artifacts)
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
    connection: metadata.Metadata,
    contents: Contents,
) -> int | None:
    if node.execution_options.run.perform_snapshot:
        with connection as handle:
            partial_run_utils.snapshot(handle, ir)
    name = node.node_info.id
    executor_spec = runner_utils.extract_executor_spec(deployment, name)
    info = launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=connection,
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


def _settle_after(error: BaseException, connection: metadata.Metadata, artifacts: Path) -> None:
    """Settles; what made the node fail may keep this from working, and the next run does it."""
    try:
        _settle_abandoned_executions(connection, artifacts)
    except Exception:
        logging.getLogger(__name__).exception("Not settled after %r.", error)


def _settle_abandoned_executions(
    connection: metadata.Metadata, artifacts: Path, *, killed: bool = False
) -> None:
    """Marks executions that nobody works on as failed and removes their unfinished outputs.

    The caller holds the run lock, so nothing that is still marked as running can be.
    """
    with connection as handle:
        stale = [
            execution
            for execution in handle.store.get_executions()
            if execution_lib.is_execution_active(execution)
        ]
        for execution in stale:
            execution.last_known_state = metadata_store_pb2.Execution.FAILED
            if killed:
                execution.custom_properties[KILLED].int_value = 1
        if stale:
            handle.store.put_executions(stale)
    for execution in stale:
        for folder in artifacts.glob(f"*/*/{execution.id}"):
            shutil.rmtree(folder)
