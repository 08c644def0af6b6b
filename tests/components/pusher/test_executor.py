from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.pusher.driver import Driver
from components.pusher.executor import Executor
from serving.base_path import BasePathError
from serving.content import PROVENANCE, WARMUP, content_digest
from serving.versions import list_versions, live_version, publish, read_provenance
from serving.withdrawal import restore, withdraw

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
        self.bless(self.model_blessing)
        self.bless(self.infra_blessing)

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

    def bless(self, blessing: types.Artifact, reason: str | None = None, **more: Any) -> None:
        """Writes a verdict; a reason makes it a refusal."""
        blessing.set_int_custom_property("blessed", int(reason is None))
        verdict = {"blessed": reason is None, "reason": reason, **more}
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


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def text(artifact: types.Artifact, key: str) -> str:
    return artifact.get_string_custom_property(key)


def test_a_blessed_model_becomes_the_live_version(node: Node) -> None:
    push_id = node.push_id()
    pushed = node.run()
    live = live_version(node.base)
    assert live
    assert content_digest(live.path) == content_digest(node.source)
    assert pushed.get_int_custom_property("pushed") == 1
    assert text(pushed, "outcome") == "pushed"
    assert text(pushed, "reason") == ""
    assert text(pushed, "pushed_version") == str(live.number)
    assert text(pushed, "pushed_destination") == live.path == f"{node.base}/{live.number}"
    assert push_id != node.push_id() == (read_provenance(live.path) or {})["push_id"]


def test_the_version_carries_its_provenance_and_its_warm_up(node: Node) -> None:
    Path(node.model.uri, "training.json").write_text(json.dumps({"hub": {"handle": "h"}}))
    Path(node.infra_blessing.uri, "tf_serving_warmup_requests").write_bytes(b"requests")
    node.bless(node.model_blessing, baseline={"version": 5, "digest": "sha256:5"})
    node.bless(node.infra_blessing, test_accuracy=0.92)
    pushed = node.run()
    version = Path(text(pushed, "pushed_destination"))
    provenance = read_provenance(version)
    assert provenance
    assert provenance["version"] == int(version.name)
    assert provenance["model"] == "fashion_mnist"
    assert provenance["content_digest"] == content_digest(version)
    assert provenance["hub"] == {"handle": "h"}
    assert provenance["baseline"] == {"version": 5, "digest": "sha256:5"}
    assert provenance["test_accuracy"] == 0.92
    assert provenance["artifacts"]["model"]["uri"] == node.model.uri
    assert (version / WARMUP).read_bytes() == b"requests"


def test_what_was_published_is_archived(node: Node) -> None:
    pushed = node.run()
    version, archive = Path(text(pushed, "pushed_destination")), Path(pushed.uri)
    assert (archive / PROVENANCE).read_bytes() == (version / PROVENANCE).read_bytes()
    assert content_digest(archive) == content_digest(node.source)


def test_a_run_without_new_data_says_so_whatever_becomes_of_its_model(node: Node) -> None:
    record = Path(node.model.uri, "training.json")
    record.write_text(json.dumps({"data": {"fingerprint": "f", "span": 3}}))
    first = node.run()
    assert text(first, "no_new_data") == ""
    node.write_model(b"trained again")
    again = node.run()
    assert text(again, "outcome") == "pushed"
    assert "span 3 was already processed" in text(again, "no_new_data")
    assert text(first, "pushed_version") in text(again, "no_new_data")


def test_a_live_model_is_not_pushed_again(node: Node) -> None:
    version = text(node.run(), "pushed_version")
    again = node.run()
    assert again.get_int_custom_property("pushed") == 0
    assert text(again, "outcome") == "already_live"
    assert text(again, "reason") == f"already live as version {version}"
    assert text(again, "pushed_version") == version
    assert len(list_versions(node.base)) == 1


def test_a_model_that_was_live_before_another_one_is_pushed_again(node: Node) -> None:
    node.run()
    node.write_model(b"other weights")
    node.run()
    node.write_model(b"weights")
    assert text(node.run(), "outcome") == "pushed"
    assert live_version(node.base) == list_versions(node.base)[2]


def test_a_refused_model_is_not_pushed_and_says_why(node: Node) -> None:
    node.bless(node.model_blessing, "Accuracy is low.")
    node.bless(node.infra_blessing, "It is slow.")
    pushed = node.run()
    assert pushed.get_int_custom_property("pushed") == 0
    assert text(pushed, "outcome") == "refused"
    assert text(pushed, "reason") == "Accuracy is low. It is slow."
    assert text(pushed, "pushed_version") == ""
    assert not node.base.exists()
    assert node.push_id() == "refused: Accuracy is low. It is slow."


def test_verdicts_of_standard_components_are_their_flags(node: Node) -> None:
    for blessing in (node.model_blessing, node.infra_blessing):
        Path(blessing.uri, "verdict.json").unlink()
    assert text(node.run(), "outcome") == "pushed"
    node.write_model(b"other")
    node.infra_blessing.set_int_custom_property("blessed", 0)
    refused = node.run()
    assert text(refused, "outcome") == "refused"
    assert text(refused, "reason") == "ServingCheck did not bless the model and left no reason."


def test_without_a_driver_a_push_has_an_id_of_its_own(node: Node) -> None:
    version = text(node.run(driver=False), "pushed_destination")
    assert (read_provenance(version) or {})["push_id"]
    assert text(node.run(driver=False), "outcome") == "already_live"


def test_a_version_that_another_tool_published_is_recognised(node: Node) -> None:
    publish(node.source, node.base)
    assert node.push_id() == node.push_id()
    assert text(node.run(), "outcome") == "already_live"


def test_a_base_path_that_is_a_file_is_one_sentence(node: Node) -> None:
    node.base.write_text("precious")
    with pytest.raises(BasePathError, match="is not a folder but a file"):
        node.run(driver=False)
    assert node.base.read_text() == "precious"


def test_a_withdrawn_model_is_not_pushed_again_until_it_is_restored(node: Node) -> None:
    node.run()
    node.write_model(b"other weights")
    number = int(text(node.run(), "pushed_version"))
    withdraw(node.base, number, reason="It is wrong about bags.")
    refused = node.run()
    assert text(refused, "outcome") == "refused"
    assert f"withdrawn as version {number} (It is wrong about bags)" in text(refused, "reason")
    assert f"restore {number} --base-path {node.base}`" in text(refused, "reason")
    assert node.push_id() == node.push_id() == f"refused: {text(refused, 'reason')}"
    restore(node.base, number)
    again = node.run()
    assert (text(again, "outcome"), text(again, "pushed_version")) == ("already_live", str(number))
