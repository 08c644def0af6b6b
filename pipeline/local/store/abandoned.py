"""Executions that nobody works on any more: marked as failed, their unfinished outputs removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.orchestration import metadata
from tfx.orchestration.portable.mlmd import execution_lib

from documents.run_owner import ARTIFACTS, LEASE, RunOwner
from documents.run_record import KILLED
from pipeline.local.store import output_folders


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
            properties = _properties(run)
            other = RunOwner.of(properties)
            if run is None or other is None:
                continue  # Nobody of ours, so nobody whom we could know to be gone.
            same_root = other.has_lock_of(owner)
            if not same_root and not _is_gone(other, properties):
                continue
            # Of another ROOT of this machine, whose process has ended, what is in our bucket.
            is_ours = same_root or (other.is_here() and properties.get(ARTIFACTS) == artifacts)
            _settle(store, [execution], artifacts if is_ours else None, run.name != run_id)


def remove_left(
    connection: metadata.Metadata, artifacts: str, owner: RunOwner, executions: Iterable[int]
) -> None:
    """Removes what runs of this ROOT left that others have settled, who may not remove it.

    Call it after `settle_gone`, when what was kept is published.

    Args:
      connection: to a store that several share.
      artifacts: of this ROOT.
      owner: this process, which holds the lock of its ROOT.
      executions: with a folder below `artifacts`.
    """
    with connection as handle:
        store = handle.store
        left = []
        for execution in store.get_executions_by_id([*executions]):
            if not execution_lib.is_execution_failed(execution):
                continue
            properties = _properties(_run(store, execution))
            other = RunOwner.of(properties)
            if (
                other is not None
                and properties.get(ARTIFACTS) == artifacts
                and _had_this_root(other, owner)
                and _is_gone(other, properties)
            ):
                left.append(execution.id)
    output_folders.remove(artifacts, left)


def _properties(run: metadata_store_pb2.Context | None) -> dict[str, Any]:
    return {
        name: getattr(value, value.WhichOneof("value"))
        for name, value in (run.custom_properties.items() if run else ())
        if value.WhichOneof("value")
    }


def _had_this_root(other: RunOwner, owner: RunOwner) -> bool:
    if other.place and owner.place:
        return other.place == owner.place
    return (other.host, other.root) == (owner.host, owner.root)


def _is_gone(owner: RunOwner, properties: dict[str, Any]) -> bool:
    lease = properties.get(LEASE)
    return owner.is_gone(lease if isinstance(lease, (int, float)) else None)


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
