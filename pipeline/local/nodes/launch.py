"""Launches the nodes of a pipeline and tells an observer how each one goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2

from documents.run_record import RunRecord
from pipeline.local.nodes.node_launch import NodeLaunch
from pipeline.local.nodes.partial import mark_partial
from pipeline.local.nodes.result import NodeResult, Observer
from pipeline.local.nodes.side_by_side.nodes import SideBySide, told_first
from pipeline.local.store.record import begin
from pipeline.local.store.run_store import OwnStore, Run, RunStore


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
    side_by_side: SideBySide | None = None,
    copies: Path,
) -> list[NodeResult]:
    """Runs `pipeline`, in topological order.

    TFX's own LocalDagRunner does the same silently; this one reports, notices a node whose inputs
    could not be resolved, settles what a killed run left behind, and lets no node use files that
    are not what another wrote: what is damaged in the cache is made anew.

    Args:
      stopped: asked before each node whether the run shall end, since libraries swallow
        KeyboardInterrupt.
      record: how the run was started, for the store.
      store: where the run is recorded; None: the file that the pipeline names.
      side_by_side: runs nodes at the same time, as far as they do not wait for each other; None:
        one after another, in this process.
      copies: folder for copies of artifacts in stores that executors do not reach.

    Raises:
      NodeFailedError: a node failed or was interrupted; those that were done are recorded and will
        be cache hits.
      pipeline.local.store.leftovers.LeftoversError: the store does not know what `artifacts` holds.
      pipeline.local.store.connection.StoreGoneError: the store that several share takes no record.
      pipeline.local.nodes.partial.PartialRunError: `from_node` or `to_node` cannot be used.
    """
    ir = _compiled(pipeline, run_id)
    deployment = runner_utils.extract_local_deployment_config(ir)
    config = deployment.metadata_connection_config
    place: RunStore = store or OwnStore(Path(config.database_connection_config.sqlite.filename_uri))
    nodes = [node.pipeline_node for node in ir.nodes]
    run = Run(str(pipeline.pipeline_info.pipeline_root), ir.pipeline_info.id, run_id)
    try:
        place.begin(run)
        if from_node or to_node:
            mark_partial(ir, place.connection, from_node, to_node, place.owner)
        begin(place.connection, run_id, record or RunRecord(), place.owner, run.artifacts)
    except Exception as raised:
        raise place.explained(raised) from raised

    observer.run_started([node.node_info.id for node in nodes])
    own = (side_by_side.execute, side_by_side.get_ready, side_by_side.aside) if side_by_side else ()
    one = NodeLaunch(ir, deployment, place, run, copies, *own)
    with place.working(run):
        if side_by_side is None:
            results = _in_turn(nodes, one, observer, stopped, place, run)
        else:
            results = _at_once(nodes, one, observer, stopped, place, run, side_by_side)
        one.end(results)
    return results


def _compiled(pipeline: tfx_pipeline.Pipeline, run_id: str) -> pipeline_pb2.Pipeline:
    ir = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        ir, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    return ir


def _in_turn(
    nodes: Sequence[pipeline_pb2.PipelineNode],
    one: NodeLaunch,
    observer: Observer,
    stopped: Callable[[], bool],
    place: RunStore,
    run: Run,
) -> list[NodeResult]:
    results = []
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
                one.lend(node)
                result = one.launch(node)
            except (Exception, KeyboardInterrupt) as raised:
                error = place.explained(raised)
                # TFX settles what an executor raises, but not what a driver does or Ctrl-C.
                place.settle(run, error)
                observer.node_finished(NodeResult(name, "failed", time.monotonic() - start))
                raise NodeFailedError(name, str(error)) from error
        observer.node_finished(result)
        if result.state == "failed":
            raise _unresolved(name)
        results.append(result)
    return results


def _at_once(
    nodes: Sequence[pipeline_pb2.PipelineNode],
    one: NodeLaunch,
    observer: Observer,
    stopped: Callable[[], bool],
    place: RunStore,
    run: Run,
    side_by_side: SideBySide,
) -> list[NodeResult]:
    results, failures = side_by_side.run(nodes, one, observer, stopped)
    if not failures:
        return results
    name = told_first(failures, [node.node_info.id for node in nodes])
    error = failures[name]
    if error is None:
        raise _unresolved(name)
    error = place.explained(error)
    place.settle(run, error)
    raise NodeFailedError(name, str(error)) from error


def _unresolved(name: str) -> NodeFailedError:
    return NodeFailedError(name, "its inputs could not be resolved")
