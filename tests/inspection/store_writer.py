"""Writes stores with ML Metadata's own client, as TFX's launcher does."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml_metadata.metadata_store.metadata_store import MetadataStore
from ml_metadata.proto import metadata_store_pb2 as mlmd

from documents.workspace import Workspace

STATES = {
    "running": mlmd.Execution.RUNNING,
    "complete": mlmd.Execution.COMPLETE,
    "failed": mlmd.Execution.FAILED,
    "cached": mlmd.Execution.CACHED,
    "canceled": mlmd.Execution.CANCELED,
}


@dataclasses.dataclass(frozen=True)
class Out:
    """An artifact to be written, with a file in its folder."""

    type: str
    properties: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    uri: str | None = None
    """By default a folder of the workspace."""
    base: int | None = None
    """`mlmd.ArtifactType.MODEL`, …"""
    name: str | None = None


class StoreWriter:
    """One store in ROOT/metadata.db; ids are those of ML Metadata."""

    def __init__(self, root: Path) -> None:
        """Makes an empty store in the folder `root`, which is made where it is missing."""
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        config = mlmd.ConnectionConfig()
        config.sqlite.filename_uri = str(Workspace(root).metadata)
        config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self.client = MetadataStore(config)
        self._types: dict[tuple[type, str], int] = {}
        self._contexts: dict[tuple[str, str], int] = {}
        self._folders = 0

    def context(self, type: str, name: str, **properties: Any) -> int:
        """Id of the context of that name."""
        if (type, name) not in self._contexts:
            context = mlmd.Context(type_id=self._type(mlmd.ContextType(name=type)), name=name)
            put(context, properties)
            [made] = self.client.put_contexts([context])
            self._contexts[type, name] = int(made)
        return self._contexts[type, name]

    def folder(self, type: str) -> str:
        """A new folder of the workspace with a file in it."""
        self._folders += 1
        path = self.root / "artifacts" / type / str(self._folders)
        path.mkdir(parents=True)
        (path / "content").write_bytes(b"." * 100)
        return str(path)

    def execution(
        self,
        type: str,
        contexts: Sequence[int],
        *,
        state: str = "complete",
        name: str | None = None,
        properties: Mapping[str, Any] | None = None,
        inputs: Mapping[str, int | list[int]] | None = None,
        outputs: Mapping[str, Out | int] | None = None,
        base: int | None = None,
    ) -> tuple[int, dict[str, int]]:
        """Id of a new execution, and those of its outputs by key."""
        kind = mlmd.ExecutionType(name=type)
        if base is not None:
            kind.base_type = base
        execution = mlmd.Execution(type_id=self._type(kind), last_known_state=STATES[state])
        if name:
            execution.name = name
        put(execution, properties or {})
        events = []
        for key, given in (inputs or {}).items():
            for index, artifact in enumerate(given if isinstance(given, list) else [given]):
                events.append(self._event(self._known(artifact), mlmd.Event.INPUT, key, index))
        for key, out in (outputs or {}).items():
            artifact = self._known(out) if isinstance(out, int) else self._new(out)
            events.append(self._event(artifact, mlmd.Event.OUTPUT, key, 0))
        known = self.client.get_contexts_by_id(list(contexts))
        # All in one transaction, as a launcher does.
        id, made, _ = self.client.put_execution(execution, events, known)
        keys = [*(outputs or {})]
        return int(id), dict(zip(keys, map(int, made[len(made) - len(keys) :]), strict=True))

    def _event(self, artifact: Any, direction: int, key: str, index: int) -> tuple[Any, Any]:
        event = mlmd.Event(type=direction)
        event.path.steps.add().key = key
        event.path.steps.add().index = index
        return artifact, event

    def _known(self, id: int) -> Any:
        [found] = self.client.get_artifacts_by_id([id])
        return found

    def _new(self, out: Out) -> Any:
        kind = mlmd.ArtifactType(name=out.type)
        if out.base is not None:
            kind.base_type = out.base
        artifact = mlmd.Artifact(type_id=self._type(kind), state=mlmd.Artifact.LIVE)
        if out.name:
            artifact.name = out.name
        artifact.uri = out.uri if out.uri is not None else self.folder(out.type)
        put(artifact, out.properties)
        return artifact

    def _type(self, kind: Any) -> int:
        made = {
            mlmd.ContextType: self.client.put_context_type,
            mlmd.ExecutionType: self.client.put_execution_type,
            mlmd.ArtifactType: self.client.put_artifact_type,
        }
        if (type(kind), kind.name) not in self._types:
            self._types[type(kind), kind.name] = int(made[type(kind)](kind))
        return self._types[type(kind), kind.name]

    def run(self, pipeline: str, name: str) -> RunWriter:
        """A run as TFX records it."""
        return RunWriter(self, pipeline, name)


class RunWriter:
    """The nodes of one run."""

    def __init__(self, store: StoreWriter, pipeline: str, name: str) -> None:
        """Makes the contexts of the run."""
        self._store = store
        self._pipeline = pipeline
        self.name = name
        self._contexts = [
            store.context("pipeline", pipeline),
            store.context("pipeline_run", name),
        ]

    def node(
        self,
        node: str,
        inputs: Mapping[str, int | list[int]],
        outputs: Mapping[str, Out | int],
        *,
        type: str | None = None,
        state: str = "complete",
        **properties: Any,
    ) -> dict[str, int]:
        """Runs a node; ids of the artifacts by key. A number among `outputs` is taken as it is."""
        _, made = self._store.execution(
            type or f"tfx.components.{node.lower()}.component.{node}",
            [*self._contexts, self._store.context("node", f"{self._pipeline}.{node}")],
            state=state,
            properties=properties,
            inputs=inputs,
            outputs=outputs,
        )
        return made


def put(record: Any, properties: Mapping[str, Any]) -> None:
    """Sets custom properties by the kind of their values; a dict becomes a struct."""
    for key, value in properties.items():
        field = record.custom_properties[key]
        if isinstance(value, bool):
            field.bool_value = value
        elif isinstance(value, int):
            field.int_value = value
        elif isinstance(value, float):
            field.double_value = value
        elif isinstance(value, str):
            field.string_value = value
        elif isinstance(value, Mapping):
            field.struct_value.update(value)
        else:
            field.proto_value.Pack(value)


def stock_run(
    store: StoreWriter,
    pipeline: str,
    name: str,
    *,
    base: Path | str | None,
    version: str = "1700000001",
    blessed: bool = True,
    pushed_version: str | None = None,
    examples: int | None = None,
) -> dict[str, int]:
    """One run of stock components, from ExampleGen to Pusher; artifacts by output.

    Args:
      store: where to write.
      pipeline: its name.
      name: of the run.
      base: TFX's push destination; where it is a path, a version is put there. None leaves out
        the Pusher.
      version: the name of the folder of the pushed version.
      blessed: whether the Evaluator was content.
      pushed_version: the property of that name, where it is to be another than the folder's.
      examples: of another run, to be taken as they are.
    """
    run = store.run(pipeline, name)
    found: dict[str, int] = {}
    if examples is None:
        found |= run.node("CsvExampleGen", {}, {"examples": Out("Examples")}, input_base="/data")
    else:
        found["examples"] = examples
    given = {"examples": found["examples"]}
    found |= run.node("StatisticsGen", given, {"statistics": Out("ExampleStatistics")})
    found |= run.node("Trainer", given, {"model": Out("Model"), "model_run": Out("ModelRun")})
    model = {"model": found["model"]}
    found |= run.node(
        "Evaluator",
        {**given, **model},
        {
            "blessing": Out("ModelBlessing", {"blessed": int(blessed)}),
            "evaluation": Out("ModelEvaluation"),
        },
    )
    found |= run.node(
        "InfraValidator", {**given, **model}, {"infra": Out("InfraBlessing", {"blessed": 1})}
    )
    if base is None:
        return found
    pushed = blessed
    destination = f"{base}/{version}"
    if pushed and isinstance(base, Path):
        publish(base, version)
    properties = (
        {
            "pushed": 1,
            "pushed_destination": destination,
            "pushed_version": pushed_version or version,
        }
        if pushed
        else {"pushed": 0}
    )
    found |= run.node(
        "Pusher",
        {**model, "model_blessing": found["blessing"], "infra_blessing": found["infra"]},
        {"pushed_model": Out("PushedModel", properties)},
        push_destination=f'{{"filesystem": {{"base_directory": "{base}"}}}}',
    )
    return found


def publish(base: Path, version: str) -> None:
    """What is a version to a model server."""
    folder = base / version
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"model")
