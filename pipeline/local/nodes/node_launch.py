"""Launches one node of a compiled pipeline, and tells how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import partial_run_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import pipeline_pb2

from pipeline.local.nodes.contents import Contents
from pipeline.local.nodes.operators import NO_DRIVER, Run, driver_operators, executor_operators
from pipeline.local.nodes.result import NodeResult
from pipeline.local.nodes.staging.copies import Copies
from pipeline.local.nodes.staging.stage import Stage
from pipeline.local.store.run_store import Run as StoredRun
from pipeline.local.store.run_store import RunStore


class NodeLaunch:
    """What all nodes of a run have in common."""

    def __init__(
        self,
        ir: pipeline_pb2.Pipeline,
        deployment: Any,
        store: RunStore,
        run: StoredRun,
        copies: Path,
        execute: Run | None = None,
        before_executor: Callable[[], object] | None = None,
        aside: Callable[[], AbstractContextManager[object]] = nullcontext,
    ):
        """Launches nothing yet.

        Args:
          ir: the compiled pipeline.
          deployment: its executors and drivers.
          store: where executions are recorded.
          run: which the nodes belong to.
          copies: folder for copies of artifacts in stores that executors do not reach.
          execute: runs executors; None: in this process.
          before_executor: called before the first thread that an executor needs is there.
          aside: entered while an executor works.
        """
        self._ir = ir
        self._deployment = deployment
        self._store = store
        self._run = run
        self._contents = Contents()
        self._stage = Stage(Copies(copies, self._contents))
        self._execute = execute
        self._before_executor = before_executor
        self._aside = aside

    def lend(self, node: pipeline_pb2.PipelineNode) -> None:
        """Has nodes that do not run lend their artifacts, before the first one that does."""
        if node.execution_options.run.perform_snapshot:
            with self._store.connection as handle:
                partial_run_utils.snapshot(handle, self._ir)

    def launch(self, node: pipeline_pb2.PipelineNode) -> NodeResult:
        """Runs a node, or takes its outputs from the cache.

        A result that failed is of a node whose inputs could not be resolved.

        Raises:
          Exception: whatever its driver, its executor or the store raises.
        """
        name, start = node.node_info.id, time.monotonic()
        executor_spec = runner_utils.extract_executor_spec(self._deployment, name)
        driver_spec = runner_utils.extract_custom_driver_spec(self._deployment, name)
        info = self._store.launcher(
            self._run,
            pipeline_node=node,
            pipeline_info=self._ir.pipeline_info,
            pipeline_runtime_spec=self._ir.runtime_spec,
            executor_spec=executor_spec,
            custom_driver_spec=driver_spec or NO_DRIVER,
            custom_executor_operators=executor_operators(
                self._contents, self._stage, self._execute, self._aside
            ),
            custom_driver_operators=driver_operators(self._contents, self._stage, executor_spec),
            before_executor=self._before_executor,
        ).launch()
        execution_id = info.execution_id if info else None
        return _result(self._store.connection, name, execution_id, time.monotonic() - start)

    def end(self, results: Sequence[NodeResult]) -> None:
        """Call it when all nodes have ended well: copies of other artifacts are removed."""
        self._stage.keep(result.outputs for result in results)


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
