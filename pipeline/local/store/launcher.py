"""TFX's launcher of one node, which tells when it needs an executor, and waits for its store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.portable import execution_publish_utils, launcher
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import execution_result_pb2

from pipeline.local.store import unpublished
from pipeline.local.store.connection import Connection, StoreGoneError


class UnpublishedError(StoreGoneError):
    """A node is done and its outputs are kept, but the store could not be told."""


class Launcher(launcher.Launcher):
    """As TFX's, but for a word before it starts the threads of a node that is not in the cache."""

    def __init__(self, *, before_executor: Callable[[], object] | None = None, **options: Any):
        super().__init__(**options)
        self._before_executor = before_executor

    def _prepare_execution(self) -> Any:
        prepared = super()._prepare_execution()
        if prepared.is_execution_needed and self._before_executor:
            self._before_executor()
        return prepared


class PatientLauncher(Launcher):
    """Publishes again and again, and keeps what could not be published."""

    def __init__(self, *, artifacts: str, connection: Connection, **options: Any):
        super().__init__(mlmd_connection=connection, **options)
        self._connection = connection
        self._artifacts = artifacts

    def _publish_successful_execution(
        self,
        execution_id: int,
        contexts: Sequence[metadata_store_pb2.Context],
        output_dict: Any,
        executor_output: execution_result_pb2.ExecutorOutput,
    ) -> None:
        def publish() -> None:
            with self._connection as handle:
                [execution] = handle.store.get_executions_by_id([execution_id])
                # Its answer to the last attempt may have been lost.
                if not execution_lib.is_execution_successful(execution):
                    execution_publish_utils.publish_succeeded_execution(
                        metadata_handle=handle,
                        execution_id=execution_id,
                        contexts=contexts,
                        output_artifacts=output_dict,
                        executor_output=executor_output,
                    )

        try:
            self._connection.patiently(publish)
        except StoreGoneError as error:
            unpublished.keep(self._artifacts, execution_id, contexts, output_dict, executor_output)
            raise UnpublishedError(f"It is done and its outputs are kept. {error}") from error

    def _publish_failed_execution(self, *arguments: Any, **options: Any) -> None:
        try:
            super()._publish_failed_execution(*arguments, **options)
        except StoreGoneError:
            # Why the node failed is what has to be said; the next run settles its execution.
            logging.getLogger(__name__).exception("A failed execution is not recorded.")
