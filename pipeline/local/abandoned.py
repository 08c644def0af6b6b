"""Executions that nobody works on any more: marked as failed, their unfinished outputs removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.orchestration import metadata
from tfx.orchestration.portable.mlmd import execution_lib

from documents.run_owner import LEASE, RunOwner
from documents.run_record import KILLED
from pipeline.local import output_folders


def settle_all(connection: metadata.Metadata, artifacts: str, *, killed: bool = False) -> None:
    """Settles every execution of a store that is this ROOT's own.

    The caller holds the run lock, so nothing that is still marked as running can be.
    """
    with connection as handle:
        _settle(handle.store, _active(handle.store.get_executions()), artifacts, killed)


def settle_gone(
    connection: metadata.Metadata, artifacts: str, pipeline: str, owner: RunOwner, run_id: str
) -> None:
    """Settles in a store that several share: executions of this pipeline whose owner is gone.

    Args:
      connection: to the store.
      artifacts: of this ROOT.
      pipeline: the name that is recorded.
      owner: this process, which holds the lock of its ROOT.
      run_id: its run, whose executions are none that it works on either.
    """
    with connection as handle:
        store = handle.store
        context = store.get_context_by_type_and_name(constants.PIPELINE_CONTEXT_TYPE_NAME, pipeline)
        for execution in _active(store.get_executions_by_context(context.id) if context else ()):
            run = _run(store, execution)
            if run is None:
                continue
            properties = {
                name: getattr(value, value.WhichOneof("value"))
                for name, value in run.custom_properties.items()
                if value.WhichOneof("value")
            }
            other = RunOwner.of(properties)
            if other is None:
                continue  # Nobody of ours, so nobody whom we could know to be gone.
            same_root = other.is_here() and other.root == owner.root
            lease = properties.get(LEASE)
            if same_root or other.is_gone(lease if isinstance(lease, (int, float)) else None):
                _settle(store, [execution], artifacts if same_root else None, run.name != run_id)


def _active(
    executions: Iterable[metadata_store_pb2.Execution],
) -> list[metadata_store_pb2.Execution]:
    return [each for each in executions if execution_lib.is_execution_active(each)]


def _run(
    store: metadata_store.MetadataStore, execution: metadata_store_pb2.Execution
) -> metadata_store_pb2.Context | None:
    kind = constants.PIPELINE_RUN_CONTEXT_TYPE_NAME
    found: Iterator[metadata_store_pb2.Context] = (
        context for context in store.get_contexts_by_execution(execution.id) if context.type == kind
    )
    return next(found, None)


def _settle(
    store: metadata_store.MetadataStore,
    executions: list[metadata_store_pb2.Execution],
    artifacts: str | None,
    killed: bool,
) -> None:
    for execution in executions:
        execution.last_known_state = metadata_store_pb2.Execution.FAILED
        if killed:
            execution.custom_properties[KILLED].int_value = 1
    if executions:
        store.put_executions(executions)
    if artifacts is not None:
        output_folders.remove(artifacts, [execution.id for execution in executions])
