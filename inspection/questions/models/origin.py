"""What a model was made from: data, schema, Hub module, settings, code, libraries."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from documents.provenance import Provenance
from documents.terminal.counted import counted
from documents.training_record import HubModule, TrainingData, TrainingRecord
from inspection.answer import Answer
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.json_value import json_object
from inspection.history.records import Artifact, Step
from inspection.questions.executions.cache import flat
from inspection.questions.lineage import ancestors

EXAMPLES = "Examples"
SCHEMA = "Schema"


@dataclasses.dataclass(frozen=True)
class Data:
    """One Examples artifact, or what a provenance document says of it."""

    artifact: int | None
    source: str | None
    """Where it was read: a folder or pattern, or what kind of source."""
    fingerprint: str | None
    examples: Mapping[str, int]
    """By split; empty where nobody counted."""
    span: int | None

    rows: int | None = None
    """Of the files, where its ExampleGen counts them."""
    quarantined: int | None = None
    """Those that could not be read."""

    @property
    def title(self) -> str:
        """What they are, as the part of a sentence."""
        counts = [f"{count:,} {split}" for split, count in self.examples.items()]
        *_, last = self.examples.values() or (0,)
        parts = [
            f"a{self.artifact}" if self.artifact is not None else "",
            f"{', '.join(counts)} {'example' if last == 1 else 'examples'}" if counts else "",
            f"from {self.source}" if self.source else "",
            f"span {self.span}" if self.span else "",
            f"fingerprint {self.fingerprint[:12]}" if self.fingerprint else "",
            f"{self.quarantined:,} of {counted(self.rows, 'row')} left out as unreadable"
            if self.rows and self.quarantined
            else "",
        ]
        return ", ".join(part for part in parts if part) or "unknown"


@dataclasses.dataclass(frozen=True)
class Hub:
    """The TensorFlow Hub module inside a model."""

    handle: str
    sha256: str | None
    trainable: bool | None

    def __str__(self) -> str:
        sha = f", sha256 {self.sha256[:12]}" if self.sha256 else ""
        how = {True: ", trained further", False: ", frozen", None: ""}[self.trainable]
        return f"{self.handle}{sha}{how}"


@dataclasses.dataclass(frozen=True)
class Origin(Answer):
    """Everything that is known; what was not recorded is None or empty."""

    ROWS = "data"

    model: str
    """Short id, or `version N`."""
    run: str | None
    data: tuple[Data, ...]
    schema_sha256: str | None
    hub: Hub | None
    code_hash: str | None
    settings: Mapping[str, str]
    """By dotted name, of the step that trained it."""
    packages: Mapping[str, str]
    modules: Mapping[str, Hub] = dataclasses.field(default_factory=dict)
    """Hub modules that features have for themselves, by name."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        return f"{self.data_headline} {self.hub_headline}"

    @property
    def data_headline(self) -> str:
        """Which data it was made from, in a sentence."""
        if not self.data:
            return f"Nothing is recorded about the data of {self.model}."
        return f"{self.model} was made from {'; '.join(each.title for each in self.data)}."

    @property
    def hub_headline(self) -> str:
        """Which Hub modules it holds, in a sentence."""
        held = [str(self.hub)] if self.hub else []
        held += [f"{module} (of {name})" for name, module in self.modules.items()]
        if not held:
            return f"No Hub module is recorded for {self.model}."
        return f"{self.model} holds Hub module {' and '.join(held)}."


def origin_of_model(history: History, model: Artifact, workspace: Workspace) -> Origin:
    """From the store, and from `training.json` in the model's folder where that is there."""
    record = workspace.read(TrainingRecord, model.uri) or TrainingRecord()
    trainer = history.producer(model.id)
    properties = dict(trainer.properties) if trainer else {}
    config = json_object(properties.get("custom_config"))
    before = ancestors(history, model.id)
    run = history.runs.get(trainer.run) if trainer and trainer.run is not None else None
    return Origin(
        model=short(model),
        run=run.name if run else None,
        data=tuple(_data(history, each, record) for each in before if _came_in(history, each)),
        schema_sha256=record.schema_sha256 or _schema(history, before),
        hub=_hub(_written(record.hub) or config.get("hub") or _hub_properties(model)),
        code_hash=record.code_hash or config.get("code_hash"),
        settings=flat(properties),
        packages=record.packages or {},
        modules=_of_features(record.modules),
    )


def origin_of_version(provenance: Provenance) -> Origin:
    """From the provenance document in a published version alone; no store is needed."""
    data = provenance.data
    return Origin(
        model=f"version {provenance.version}",
        run=provenance.run_id,
        data=(Data(None, data.source, data.fingerprint, data.examples or {}, data.span),)
        if data
        else (),
        schema_sha256=provenance.schema_sha256,
        hub=_hub(_written(provenance.hub)),
        code_hash=provenance.code_hash,
        settings=flat({"training": json.dumps(provenance.training or {})}),
        packages=provenance.packages or {},
        modules=_of_features(provenance.modules),
    )


def _of_features(modules: Mapping[str, HubModule] | None) -> dict[str, Hub]:
    found = {name: _hub(_written(module)) for name, module in (modules or {}).items()}
    return {name: hub for name, hub in found.items() if hub}


def _came_in(history: History, artifact: Artifact) -> bool:
    """Whether it is data from outside, not what a Transform made of such data."""
    return artifact.type == EXAMPLES and not any(
        each.type == EXAMPLES for each in ancestors(history, artifact.id)
    )


def _data(history: History, examples: Artifact, record: TrainingRecord) -> Data:
    found = examples.properties
    maker = history.producer(examples.id)
    counts = {
        key.removeprefix("examples_"): value
        for key, value in found.items()
        if key.startswith("examples_") and isinstance(value, int)
    }
    recorded = record.data or TrainingData()
    fingerprint = found.get("fingerprint") or found.get("input_fingerprint")
    same = recorded.fingerprint in (None, fingerprint)
    return Data(
        artifact=examples.id,
        source=_source(maker) or (recorded.source if same else None),
        fingerprint=str(fingerprint) if fingerprint else None,
        examples=counts or (recorded.examples or {} if same else {}),
        span=int(found["span"]) if str(found.get("span", "")).isdigit() else None,
        rows=_count(found.get("rows")),
        quarantined=_count(found.get("quarantined")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _source(maker: Step | None) -> str | None:
    if maker is None:
        return None
    for key in ("input_base", "input_base_uri", "query", "artifact_uri"):
        if maker.properties.get(key):
            return str(maker.properties[key])
    return None


def _schema(history: History, before: Iterable[Artifact]) -> str | None:
    for artifact in before:
        if artifact.type == SCHEMA:
            maker = history.producer(artifact.id)
            found = maker.properties.get("schema_sha256") if maker else None
            if found:
                return str(found)
    return None


def _hub_properties(model: Artifact) -> dict[str, Any]:
    return {
        key.removeprefix("hub_"): value
        for key, value in model.properties.items()
        if key.startswith("hub_")
    }


def _written(module: HubModule | None) -> dict[str, Any]:
    return module.as_written() if module else {}


def _hub(found: Any) -> Hub | None:
    if not isinstance(found, Mapping) or not found.get("handle"):
        return None
    trainable = found.get("trainable")
    return Hub(
        str(found["handle"]),
        str(found["sha256"]) if found.get("sha256") else None,
        None if trainable is None else bool(trainable),
    )
