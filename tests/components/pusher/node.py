"""A Pusher and what it is given, as the launcher runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.pusher.driver import Driver
from components.pusher.executor import Executor
from serving.base_path.content import content_digest
from serving.base_path.versions import live_version

# The driver asks the base path only.
NO_STORE = cast(metadata.Metadata, None)


class Node:
    """A Pusher with its inputs in `folder`, run as the launcher does: driver, then executor."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.base = folder / "base"
        self.model = self._artifact(standard_artifacts.Model)
        self.model_blessing = self._artifact(standard_artifacts.ModelBlessing)
        self.infra_blessing = self._artifact(standard_artifacts.InfraBlessing)
        self.write_model(b"weights")

    def _artifact(self, kind: type[types.Artifact]) -> types.Artifact:
        artifact = kind()
        artifact.uri = str(self.folder / kind.__name__)
        Path(artifact.uri).mkdir()
        return artifact

    @property
    def source(self) -> Path:
        return Path(self.model.uri, "Format-Serving")

    def write_model(self, weights: bytes) -> None:
        (self.source / "variables").mkdir(parents=True, exist_ok=True)
        (self.source / "saved_model.pb").write_bytes(b"graph")
        (self.source / "variables/variables.index").write_bytes(weights)
        self.judge()

    def judge(self) -> None:
        self.bless(self.model_blessing)
        self.bless(self.infra_blessing)

    def bless(self, blessing: types.Artifact, reason: str | None = None, **more: Any) -> None:
        """Writes a verdict about model and live version as they are; a reason refuses."""
        blessing.set_int_custom_property("blessed", int(reason is None))
        live = live_version(self.base)
        verdict = {
            "blessed": reason is None,
            "reason": reason,
            "content_digest": content_digest(self.source),
            "baseline": live and {"version": live.number, "digest": content_digest(live.path)},
            **more,
        }
        Path(blessing.uri, "verdict.json").write_text(json.dumps(verdict))

    def exec_properties(self) -> dict[str, Any]:
        destination = pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(self.base))
        )
        return {
            "push_destination": proto_utils.proto_to_json(destination),
            "custom_config": json.dumps({"model_name": "fashion_mnist", "code_hash": "c"}),
        }

    def input_dict(self) -> dict[str, list[types.Artifact]]:
        return {
            "model": [self.model],
            "model_blessing": [self.model_blessing],
            "infra_blessing": [self.infra_blessing],
        }

    def push_id(self) -> str:
        info = data_types.ExecutionInfo(
            input_dict=self.input_dict(), exec_properties=self.exec_properties()
        )
        return Driver(NO_STORE).run(info).exec_properties["push_id"].string_value

    def run(self, *, driver: bool = True) -> types.Artifact:
        pushed = standard_artifacts.PushedModel()
        pushed.uri = str(self.folder / "pushed")
        properties = self.exec_properties()
        if driver:
            properties["push_id"] = self.push_id()
        Executor().Do(self.input_dict(), {"pushed_model": [pushed]}, properties)
        return pushed


def make_model(folder: Path, graph: bytes = b"another graph") -> Path:
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(graph)
    return folder


def text(artifact: types.Artifact, key: str) -> str:
    return artifact.get_string_custom_property(key)
