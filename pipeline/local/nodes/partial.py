"""Runs of some nodes only: which ones, and whose artifacts the others lend."""

from __future__ import annotations

from collections.abc import Iterable

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable import partial_run_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import pipeline_pb2

from documents.run_owner import OWNER, RunOwner


class PartialRunError(ValueError):
    """--from or --to name a node that is not there, or there is no earlier run to build on."""


def mark_partial(
    ir: pipeline_pb2.Pipeline,
    connection: metadata.Metadata,
    from_node: str | None,
    to_node: str | None,
    owner: RunOwner | None = None,
) -> None:
    """Marks in the compiled pipeline which nodes run; the skipped ones lend earlier artifacts.

    TFX would take them from the latest run, which may itself have been a partial one; here it is
    the latest that has them all, and of those who share the store, in the same ROOT.

    Raises:
      PartialRunError: a node is unknown, none would run, or no earlier run has what is needed.
    """
    nodes = [node.pipeline_node for node in ir.nodes]
    known = [node.node_info.id for node in nodes]
    for flag, name in (("--from", from_node), ("--to", to_node)):
        if name and name not in known:
            raise PartialRunError(
                f"{flag} {name}: there is no such node; choose one of {', '.join(known)}."
            )
    partial_run_utils.mark_pipeline(
        ir,
        from_nodes=[from_node] if from_node else None,
        to_nodes=[to_node] if to_node else None,
    )
    if all(node.execution_options.HasField("skip") for node in nodes):
        raise PartialRunError(f"--from {from_node} --to {to_node}: no node lies between them.")
    lending = [
        node.node_info.id
        for node in nodes
        if node.execution_options.skip.reuse_artifacts_mode
        == pipeline_pb2.NodeExecutionOptions.Skip.REQUIRED
    ]
    if lending:
        run_id = _latest_run_with(connection, ir.pipeline_info.id, lending, owner)
        if run_id is None:
            raise PartialRunError(
                f"--from {from_node}: no earlier run has outputs of {', '.join(lending)}; run once "
                "without --from."
            )
        ir.runtime_spec.snapshot_settings.base_pipeline_run_strategy.base_run_id = run_id


def _latest_run_with(
    connection: metadata.Metadata, pipeline: str, nodes: Iterable[str], owner: RunOwner | None
) -> str | None:
    """The latest run in which every one of `nodes` succeeded, with files where `owner` has its."""
    with connection as handle:
        succeeded = []
        for node in nodes:
            context = handle.store.get_context_by_type_and_name("node", f"{pipeline}.{node}")
            executions = handle.store.get_executions_by_context(context.id) if context else []
            succeeded.append({e.id for e in executions if execution_lib.is_execution_successful(e)})
        runs = handle.store.get_contexts_by_type("pipeline_run")
        for run in sorted(runs, key=lambda run: run.create_time_since_epoch, reverse=True):
            if owner and not _shares_files(run, owner):
                continue
            ids = {e.id for e in handle.store.get_executions_by_context(run.id)}
            if all(ids & of_node for of_node in succeeded):
                name: str = run.name
                return name
    return None


def _shares_files(run: metadata_store_pb2.Context, owner: RunOwner) -> bool:
    found = RunOwner.of({OWNER: run.custom_properties[OWNER].string_value})
    return found is not None and found.has_files_of(owner)
