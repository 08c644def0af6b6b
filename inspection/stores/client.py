"""Reads a store behind a server, through ML Metadata's own client: plain reads, page by page."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from documents.store_address import (
    PASSWORD,
    PASSWORD_FILE,
    AddressError,
    StoreAddress,
    parse_address,
)
from inspection.history.history import History
from inspection.history.records import Artifact, ContextLine, Event, Value
from inspection.stores import kubeflow, words
from inspection.stores.assembly import assemble
from inspection.stores.error import StoreError
from inspection.stores.stored import CONTEXT_TYPES, PIPELINE_TYPES, RUN_TYPES, Context, Executions
from serving.base_path.metadata_client import open_store, silence
from serving.base_path.metadata_connection import connection_config
from serving.base_path.metadata_protocol import ProtocolError, absence, demand_protocol

if TYPE_CHECKING:
    from ml_metadata.metadata_store.metadata_store import MetadataStore

_BATCH = 500
"""Executions whose events are asked for at once."""
_LONGEST_REASON = 300
_BROKEN_STRUCT = "Unable to parse serialized `google.protobuf.Struct`"
_FORWARD = (
    "; start it, or forward Kubeflow's with `kubectl port-forward --namespace kubeflow"
    " svc/metadata-grpc-service 8080`"
)


def open_client(address: str) -> History:
    """Reads a MySQL or PostgreSQL database, or asks an MLMD gRPC server.

    The client never migrates, but it makes its tables where there are none. So the session with
    PostgreSQL is read-only. MySQL's client cannot be told so: log in as a user who may only SELECT.

    Raises:
      StoreError: the address is incomplete, nothing answers, or the store has another schema.
    """
    try:
        parsed = parse_address(address).with_password()
    except AddressError as error:
        raise StoreError(str(error)) from error
    with _explained(parsed):
        return _Reader(parsed, _connect(parsed)).history()


class _Reader:
    def __init__(self, address: StoreAddress, store: MetadataStore):
        self._address = address
        self._store = store

    def history(self) -> History:
        contexts = [
            Context(
                each.id,
                each.type,
                each.name,
                words.time(each.create_time_since_epoch),
                _properties(each),
            )
            for each in sorted(self._store.get_contexts(), key=lambda each: int(each.id))
            if each.type in CONTEXT_TYPES
        ]
        executions = _executions(self._store.get_executions())
        associations = [
            (context.id, execution.id)
            for context in contexts
            for execution in self._store.get_executions_by_context(context.id)
        ]
        parents = self._parents(contexts, associations)
        columns = [each for each, _ in associations], [each for _, each in associations]
        runs, steps = assemble(contexts, columns, executions, parents)
        # Versions of a type have one name.
        bases = {
            found.id: _BASES[found.base_type]
            for found in self._store.get_artifact_types()
            if found.base_type in _BASES
        }
        ids = list(steps)
        return History(
            address=self._address.shown,
            path=None,
            runs=runs,
            steps=steps,
            artifacts={
                each.id: _artifact(each, bases.get(each.type_id))
                for each in sorted(self._store.get_artifacts(), key=lambda each: int(each.id))
            },
            read_events=lambda: self._events(ids),
            read_contexts=self._read_contexts,
        )

    def _read_contexts(self) -> Iterator[ContextLine]:
        with _explained(self._address):
            for each in sorted(self._store.get_contexts(), key=lambda each: int(each.id)):
                count = len(self._store.get_executions_by_context(each.id))
                created = words.time(each.create_time_since_epoch)
                yield ContextLine(each.id, each.type, each.name, created, count)

    def _parents(
        self, contexts: Sequence[Context], associations: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        """Of those runs whose executions do not tell a pipeline."""
        pipelines = {each.id for each in contexts if each.type in PIPELINE_TYPES}
        of_one = {execution for context, execution in associations if context in pipelines}
        told = {context for context, execution in associations if execution in of_one}
        for context in contexts:
            if context.type in RUN_TYPES and context.id not in told:
                for parent in self._store.get_parent_contexts_by_context(context.id):
                    yield context.id, parent.id

    def _events(self, steps: list[int]) -> Iterator[Event]:
        with _explained(self._address):
            for start in range(0, len(steps), _BATCH):
                found = self._store.get_events_by_execution_ids(steps[start : start + _BATCH])
                yield from filter(None, map(_event, found))


# metadata_store.proto: ArtifactType.SystemDefinedBaseType
_BASES = {1: "Dataset", 2: "Model", 3: "Metrics", 4: "Statistics"}


def _connect(address: StoreAddress) -> MetadataStore:
    silence()
    try:
        import ml_metadata  # noqa: F401
    except ImportError as error:
        raise StoreError(
            f"{address.scheme}:// stores are read with ml-metadata, which is not installed; "
            "`make setup` installs it."
        ) from error
    try:
        demand_protocol(address)
    except ProtocolError as error:
        raise StoreError(str(error)) from error
    config = connection_config(address, make_database=False)
    with _read_only_postgresql():
        return open_store(config)


@contextlib.contextmanager
def _read_only_postgresql() -> Iterator[None]:
    """libpq takes options of the session from the environment (libpq-envars)."""
    before = os.environ.get("PGOPTIONS")
    os.environ["PGOPTIONS"] = f"{before or ''} -c default_transaction_read_only=on".strip()
    try:
        yield
    finally:
        if before is None:
            del os.environ["PGOPTIONS"]
        else:
            os.environ["PGOPTIONS"] = before


@contextlib.contextmanager
def _explained(address: StoreAddress) -> Iterator[None]:
    """Turns the client's errors into one sentence without the password."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        # The client's constructor raises bare RuntimeErrors.
        from_client = type(error).__module__.startswith(("ml_metadata", "grpc"))
        if type(error) is not RuntimeError and not from_client:
            raise
        text = " ".join(address.without_password(str(error)).split())
        mend = _FORWARD if address.scheme == "grpc" and "failed to connect" in text else ""
        raise StoreError(
            f"{address.shown} cannot be read: {_reason(address, text)}{mend}."
        ) from error


def _reason(address: StoreAddress, text: str) -> str:
    """Of what the client says, without a full stop."""
    if _BROKEN_STRUCT in text:
        return (
            f"a property has a text that begins with {words.STRUCT} and is no struct, and ML "
            "Metadata answers nothing that lies beside it; correct or delete that row in its "
            f"database (string_value LIKE '{words.STRUCT}%' in ExecutionProperty, ArtifactProperty "
            "or ContextProperty)"
        )
    # Some of its errors end where the reason should begin.
    reason = "" if text.endswith((":", "error")) else text[:_LONGEST_REASON].rstrip(". ")
    return reason or _unsaid(address)


def _unsaid(address: StoreAddress) -> str:
    away = absence(address)
    if away:
        return f"it does not answer ({away}); start it, or check host and port"
    if address.scheme == "grpc":
        return "it lets nobody in; check host and port"
    secret = f"the password in {PASSWORD} or {PASSWORD_FILE}"
    without = "" if address.password else ", of whom no password was given"
    return f"it refuses this user{without}; check user and database, and {secret}"


def _executions(found: Sequence[Any]) -> Executions:
    properties = {each.id: kubeflow.properties(each.type, _properties(each)) for each in found}
    return Executions(
        [
            (
                each.id,
                each.type_id,
                each.last_known_state,
                each.name or None,
                each.create_time_since_epoch,
                each.last_update_time_since_epoch,
            )
            for each in found
        ],
        {each.type_id: each.type for each in found},
        lambda _, id: properties[id],
    )


def _artifact(found: Any, base: str | None) -> Artifact:
    return Artifact(
        found.id,
        kubeflow.artifact_type(found.type),
        found.name or None,
        found.uri,
        words.word(words.ARTIFACT_STATES, found.state),
        kubeflow.properties(found.type, _properties(found)),
        words.time(found.create_time_since_epoch),
        words.time(found.last_update_time_since_epoch),
        base,
    )


def _event(found: Any) -> Event | None:
    direction = words.DIRECTIONS.get(found.type)
    if direction is None:
        return None
    key, index = "", 0
    for step in found.path.steps:
        if step.HasField("key"):
            key = step.key
        else:
            index = step.index
    return Event(found.execution_id, found.artifact_id, direction, key, index)


def _properties(found: Any) -> Mapping[str, Value]:
    """Declared ones replace custom ones of the same name."""
    return {
        name: value
        for properties in (found.custom_properties, found.properties)
        for name, each in sorted(properties.items())
        if (value := _value(each)) is not None
    }


def _value(found: Any) -> Value | None:
    kind = found.WhichOneof("value")
    if kind is None:
        return None
    if kind == "string_value":
        return words.text(found.string_value)
    if kind == "struct_value":
        return words.json_text(found.struct_value)
    if kind == "proto_value":
        return words.proto(found.proto_value.SerializeToString())
    if kind == "bool_value":
        return int(found.bool_value)
    value: Value = getattr(found, kind)
    return value
