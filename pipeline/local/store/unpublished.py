"""Finished executions that the store could not be told of: kept, and published by the next run.

What a node has made is worth hours; the record of it, a moment of a database. So where the store is
away for too long after an executor is done, all that the record takes is written beside the
artifacts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import execution_publish_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils

from documents.json_object import parse_object
from serving.base_path import storage
from serving.objects.store import StoreError

_FOLDER = ".unpublished"
_SUFFIX = ".json"


def keep(
    artifacts: str,
    execution: int,
    contexts: Sequence[metadata_store_pb2.Context],
    outputs: Mapping[str, Sequence[types.Artifact]],
    result: execution_result_pb2.ExecutorOutput,
) -> None:
    """Writes down what publishing takes.

    Raises:
      OSError: it cannot be written.
    """
    document = {
        "contexts": [context.id for context in contexts],
        "outputs": {key: [_written(each) for each in made] for key, made in outputs.items()},
        "result": json_format.MessageToDict(result),
    }
    storage.replace(f"{artifacts}/{_FOLDER}/{execution}.json", json.dumps(document).encode())


def adopt(artifacts: str, connection: metadata.Metadata) -> list[int]:
    """Publishes what was kept and is still there; returns the executions.

    One that cannot be any more is forgotten, and its node runs again.

    Raises:
      StoreError: the object store does not answer, which says nothing of what is kept there.
    """
    adopted = []
    for name in _kept(folder := f"{artifacts}/{_FOLDER}"):
        path, execution = f"{folder}/{name}", int(name.removesuffix(_SUFFIX))
        try:
            with storage.reading(path) as file:
                document = parse_object(file.read())
            outputs = {
                key: [_read(each) for each in made] for key, made in document["outputs"].items()
            }
            whole = all(storage.exists(each.uri) for made in outputs.values() for each in made)
            if whole and _publish(connection, execution, document, outputs):
                adopted.append(execution)
        except StoreError:
            raise
        except OSError:
            logging.getLogger(__name__).exception("%s cannot be read.", path)
            continue
        except (
            *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
            json_format.ParseError,
        ):
            logging.getLogger(__name__).exception("%s is no record of an execution.", path)
        # What is no file of ours may be anything; it is left where it is.
        with contextlib.suppress(OSError):
            storage.remove_file(path)
    return adopted


def _kept(folder: str) -> list[str]:
    """Names of the files that are records; others are left where they are."""
    try:
        names = storage.children(folder)
    except FileNotFoundError:
        return []
    return sorted(
        name
        for name in names
        if name.endswith(_SUFFIX) and name.isascii() and name.removesuffix(_SUFFIX).isdecimal()
    )


def _publish(
    connection: metadata.Metadata,
    identity: int,
    document: Mapping[str, Any],
    outputs: Mapping[str, Sequence[types.Artifact]],
) -> bool:
    result = execution_result_pb2.ExecutorOutput()
    json_format.ParseDict(document["result"], result)
    with connection as handle:
        [execution] = handle.store.get_executions_by_id([identity]) or [None]
        # Others who met it first may have settled it as failed: its process had ended.
        if execution is None or execution_lib.is_execution_successful(execution):
            return False
        # Every output is there: what an executor writes is recorded, see
        # pipeline/local/nodes/operators.py.
        for artifact in (
            each for made in result.output_artifacts.values() for each in made.artifacts
        ):
            # Unique in the store, so that of two machines that begin at once one publishes.
            artifact.external_id = hashlib.sha256(artifact.uri.encode()).hexdigest()
        try:
            execution_publish_utils.publish_succeeded_execution(
                metadata_handle=handle,
                execution_id=identity,
                contexts=handle.store.get_contexts_by_id(document["contexts"]),
                output_artifacts=outputs,
                executor_output=result,
            )
        except errors.AlreadyExistsError:
            return False
    return True


def _written(artifact: types.Artifact) -> dict[str, Any]:
    return {
        "type": json_format.MessageToDict(artifact.artifact_type),
        "artifact": json_format.MessageToDict(artifact.mlmd_artifact),
    }


def _read(document: Mapping[str, Any]) -> types.Artifact:
    kind = json_format.ParseDict(document["type"], metadata_store_pb2.ArtifactType())
    found = json_format.ParseDict(document["artifact"], metadata_store_pb2.Artifact())
    return artifact_utils.deserialize_artifact(kind, found)
