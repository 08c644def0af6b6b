"""The record of a change in an ML Metadata store, beside the executions of the pipeline."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock

from documents.store_address import PORTS, AddressError, parse_address, read_address
from documents.workspace import Workspace
from serving.base_path import ledger, storage
from serving.base_path.changes import Change
from serving.base_path.metadata_client import open_store, silence
from serving.base_path.metadata_connection import connection_config
from serving.base_path.metadata_protocol import demand_protocol

CONTEXT_TYPE = "serving.base_path"
EXECUTION_TYPE = "serving."
"""Followed by the action."""

_NONE = 0


class RecordError(RuntimeError):
    """A store has no record of a change; the change itself stands."""


def find_store(base_path: str | os.PathLike[str]) -> str | Path | None:
    """Where the runs are recorded that push to a base path `ROOT/serving/<model>`; else None.

    A file, `ROOT/metadata.db`, or the address of a server.
    """
    base = os.fspath(base_path)
    if storage.is_remote(base):
        return None
    folder = Path(base).absolute()
    if len(folder.parts) <= 2:
        return None
    root = Workspace(folder.parents[1])
    if root.serving != folder.parent:
        return None
    return read_address(root.root) or (root.metadata if root.metadata.is_file() else None)


def record_change(
    base_path: str | os.PathLike[str], change: Change, store: str | os.PathLike[str]
) -> int:
    """Writes a change as one execution, in one transaction.

    Args:
      base_path: where the change was made; the name of the execution's context.
      change: one that names a version.
      store: SQLite file of the store, or the address of a server.

    Returns:
      The id of the execution.

    Raises:
      RecordError: nothing was written.
    """
    if os.fspath(store).partition("://")[0] in PORTS:
        return _record_on_server(base_path, change, os.fspath(store))
    path = Path(store)
    if not path.is_file():
        raise RecordError(f"There is no metadata store {path}, so none has a record of the change.")
    from ml_metadata import errors

    try:
        with filelock.FileLock(Workspace(path.parent).lock, timeout=0):
            return _write(os.fspath(base_path), change, _file_config(path))
    except filelock.Timeout as error:
        raise RecordError(
            f"A pipeline run is using {path}, so it has no record of the change; "
            "the ledger of the base path has."
        ) from error
    except (errors.StatusError, RuntimeError, OSError) as error:
        raise RecordError(
            f"{path} has no record of the change, the ledger of the base path has: {error}"
        ) from error


def _record_on_server(base_path: str | os.PathLike[str], change: Change, store: str) -> int:
    silence()
    from ml_metadata import errors

    try:
        address = parse_address(store).with_password()
    except AddressError as error:
        raise RecordError(str(error)) from error
    try:
        demand_protocol(address)
        config = connection_config(address, make_database=False)
        return _write(os.fspath(base_path), change, config)
    except (errors.StatusError, RuntimeError) as error:
        text = " ".join(address.without_password(str(error)).split())
        raise RecordError(
            f"{address.shown} has no record of the change, the ledger of the base path has: {text}"
        ) from error


def _file_config(path: Path) -> Any:
    from ml_metadata.proto import metadata_store_pb2 as pb

    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = _utf8(path)
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE
    return config


def _write(base_path: str, change: Change, config: Any) -> int:
    from ml_metadata.proto import metadata_store_pb2 as pb

    store = open_store(config)
    base = base_path if storage.is_remote(base_path) else _utf8(os.path.abspath(base_path))
    execution = pb.Execution(
        type_id=store.put_execution_type(pb.ExecutionType(name=EXECUTION_TYPE + change.action)),
        last_known_state=pb.Execution.COMPLETE,
    )
    time = ledger.now()
    _set(execution, "base_path", base)
    _set(execution, "version", change.version or _NONE)
    _set(execution, "live_before", change.live_before or _NONE)
    _set(execution, "live_after", change.live_after or _NONE)
    reason = (change.reason or "").encode("utf-8", "backslashreplace").decode()
    _set(execution, "reason", reason)
    _set(execution, "time", time)
    milliseconds = int(datetime.fromisoformat(time).timestamp() * 1000)
    event = pb.Event(type=pb.Event.INPUT, milliseconds_since_epoch=milliseconds)
    event.path.steps.add().key = "pushed_model"
    event.path.steps.add().index = 0
    inputs = [(model, event) for model in _pushed(store, base, change.version)[-1:]]
    context_type = store.put_context_type(pb.ContextType(name=CONTEXT_TYPE))
    context = store.get_context_by_type_and_name(CONTEXT_TYPE, base)
    context = context or pb.Context(type_id=context_type, name=base)
    identity, _, _ = store.put_execution(execution, inputs, [context])
    return int(identity)


def _pushed(store: Any, base: str, number: int | None) -> list[Any]:
    """The PushedModel artifacts of a version, oldest first."""
    return [
        model
        for model in store.get_artifacts_by_type("PushedModel")
        if model.custom_properties["pushed_version"].string_value == str(number)
        and model.custom_properties["pushed_destination"].string_value
        == os.path.join(base, str(number))
    ]


def _utf8(path: str | os.PathLike[str]) -> str:
    """A path as its bytes read in UTF-8, whatever this process's locale is: MLMD knows no other.

    Raises:
      RecordError: they are no UTF-8.
    """
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(
            f"{path} has no record of the change, the ledger of the base path has: ML Metadata"
            " takes only paths in UTF-8."
        ) from error


def _set(execution: Any, key: str, value: int | str) -> None:
    if isinstance(value, int):
        execution.custom_properties[key].int_value = value
    else:
        execution.custom_properties[key].string_value = value
