from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.types import standard_artifacts

from components.baseline import driver
from components.baseline.driver import Driver
from components.baseline.executor import BaselineError, Executor
from components.baseline.soundness import UnsoundError
from documents.features import Feature, Features, Label, Seen
from documents.saved_model import EXTRA
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.errors import BasePathError
from serving.base_path.ledger import LEDGER
from serving.base_path.versions import Version, publish, version_digest
from serving.base_path.withdrawal import withdraw
from tests.documents.mangled import CONTENTS, mangle
from tests.examples import examples

# The driver asks the base path only.
NO_STORE = cast(metadata.Metadata, None)


class Node:
    """A Baseline whose candidate and base path lie in `folder`."""

    def __init__(self, folder: Path):
        self.base = folder / "base"
        self.model = standard_artifacts.Model()
        self.model.uri = str(folder / "candidate")
        self.baseline = standard_artifacts.Model()
        self.baseline.uri = str(folder / "baseline")
        Path(self.baseline.uri).mkdir()
        self.train(b"candidate")

    @property
    def candidate(self) -> Path:
        return Path(self.model.uri, "Format-Serving")

    def train(self, weights: bytes) -> None:
        self.candidate.mkdir(parents=True, exist_ok=True)
        (self.candidate / "saved_model.pb").write_bytes(weights)

    def push(self, baseline: Version | None = None) -> Version:
        """Publishes the candidate, as compared with `baseline`."""
        recorded = baseline and {
            "version": baseline.number,
            "digest": content_digest(baseline.path),
        }
        digest = content_digest(self.candidate)
        document = json.dumps({"baseline": recorded, "content_digest": digest}).encode()
        return publish(self.candidate, self.base, extra_files={PROVENANCE: document})

    def driver(self) -> dict[str, Any]:
        info = data_types.ExecutionInfo(
            input_dict={"model": [self.model]}, exec_properties={"base_path": str(self.base)}
        )
        added = Driver(NO_STORE).run(info).exec_properties
        return {
            "live_version": added["live_version"].int_value,
            "live_digest": added["live_digest"].string_value,
        }

    def run(self, added: dict[str, Any]) -> types.Artifact:
        properties = {"base_path": str(self.base), "code_hash": "c", **added}
        Executor().Do({"model": [self.model]}, {"baseline": [self.baseline]}, properties)
        return self.baseline


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_without_a_live_version_the_baseline_is_empty(node: Node) -> None:
    added = node.driver()
    assert added == {"live_version": 0, "live_digest": ""}
    assert list(Path(node.run(added).uri).iterdir()) == []


@pytest.mark.parametrize("with_driver", [True, False])
def test_the_live_version_is_copied(node: Node, with_driver: bool) -> None:
    node.train(b"live")
    version = node.push()
    node.train(b"candidate")
    baseline = node.run(node.driver() if with_driver else {})
    copy = Path(baseline.uri, "Format-Serving")
    assert (copy / "saved_model.pb").read_bytes() == b"live"
    assert baseline.get_int_custom_property("version") == version.number
    assert baseline.get_string_custom_property("digest") == content_digest(copy)


def test_a_version_that_is_withdrawn_while_the_driver_reads_it_is_not_chosen(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.train(b"before")
    before = node.push()
    node.train(b"live")
    live = node.push()
    node.train(b"candidate")

    def read(version: Version) -> str:
        if version == live:
            withdraw(node.base, live.number, reason="bad")
        return version_digest(version)

    monkeypatch.setattr(driver, "version_digest", read)
    assert node.driver()["live_version"] == before.number


def test_categories_and_numbers_that_the_live_version_knows_otherwise_are_told(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    def described(*values: str, grams: float) -> bytes:
        features = (
            Feature(name="zip", kind="category", seen=Seen(values=values)),
            Feature(name="weight", kind="number", seen=Seen(low=grams, high=9 * grams)),
        )
        return Features(
            features=features, label=Label(name="y", kind="classes"), example=None
        ).encode()

    node.train(b"live")
    (node.candidate / EXTRA).mkdir()
    (node.candidate / EXTRA / Features.FILE).write_bytes(described("01002", "90210", grams=0.5))
    version = node.push()
    node.train(b"candidate")
    Path(node.model.uri, Features.FILE).write_bytes(described("1002", "90210", grams=500))
    node.run(node.driver())
    told, larger = [record.getMessage() for record in caplog.records]
    assert larger.startswith(
        "column weight lies between 500 and 4500, and lay between 0.5 and 4.5 where version"
        f" {version.number} learned; if that is another unit, write it alike"
    )
    assert told.startswith(
        f"column zip holds '1002', which was '01002' where version {version.number} learned;"
    )


def test_pushing_the_candidate_changes_nothing_in_the_cache_key(node: Node) -> None:
    node.train(b"live")
    live = node.push()
    node.train(b"candidate")
    before = node.driver()
    node.push(baseline=live)
    assert (
        node.driver()
        == before
        == {
            "live_version": live.number,
            "live_digest": content_digest(live.path),
        }
    )


def test_when_the_recorded_baseline_was_pruned_there_is_none(node: Node) -> None:
    node.train(b"live")
    live = node.push()
    node.train(b"candidate")
    node.push(baseline=live)
    shutil.rmtree(live.path)
    assert node.driver() == {"live_version": 0, "live_digest": ""}


@pytest.mark.parametrize("replaced", [True, False])
def test_a_version_that_vanishes_under_the_run_is_one_sentence(node: Node, replaced: bool) -> None:
    node.train(b"live")
    version = node.push()
    node.train(b"candidate")
    added = node.driver()
    shutil.rmtree(version.path)
    if replaced:
        publish(node.candidate, node.base, version=version.number)
    with pytest.raises(BaselineError, match=f"Version {version.number} .* run again"):
        node.run(added)


def test_a_base_path_that_is_a_file_is_one_sentence(node: Node) -> None:
    node.base.write_text("")
    with pytest.raises(BasePathError, match="is not a folder but a file"):
        node.driver()


@pytest.mark.parametrize("damage", ["flip", "add"])
def test_a_live_version_that_was_damaged_is_compared_with_nothing(node: Node, damage: str) -> None:
    node.train(b"live")
    digest = content_digest(node.candidate)
    extra = {PROVENANCE: json.dumps({"content_digest": digest}).encode()}
    version = publish(node.candidate, node.base, extra_files=extra)
    node.train(b"candidate")
    assert node.driver()["live_version"] == version.number
    if damage == "flip":
        Path(version.path, "saved_model.pb").write_bytes(b"liwe")
    else:
        Path(version.path, "more").write_bytes(b"")
    told = (
        f"Live version {version.number} .* is not what was published: .* withdraw {version.number} "
    )
    with pytest.raises(UnsoundError, match=told):
        node.run(node.driver())


@pytest.mark.parametrize("file", [PROVENANCE, f"../{LEDGER}"])
@pytest.mark.parametrize("live", ["candidate", "another"])
def test_a_damaged_document_of_the_live_version_fails_no_run(
    node: Node, file: str, live: str
) -> None:
    node.push()
    node.train(b"later")
    version = node.push()
    if live == "another":
        node.train(b"candidate of this run")
    for wrong, content in CONTENTS.items():
        Path(version.path, file).write_bytes(content)
        chosen = node.driver()
        expected = version.number if live == "another" else 0 if file == PROVENANCE else None
        if expected is not None:
            assert chosen["live_version"] == expected, wrong


@pytest.mark.medium
@settings(max_examples=examples(0.8), suppress_health_check=list(HealthCheck))
@given(content=mangle(b'{"baseline": {"version": 1, "digest": "sha256:a"}, "push_id": "p"}'))
def test_a_mangled_provenance_fails_no_run(content: bytes, tmp_path_factory) -> None:
    node = Node(tmp_path_factory.mktemp("baseline"))
    version = node.push()
    Path(version.path, PROVENANCE).write_bytes(content)
    assert node.driver()["live_version"] == 0  # Nothing older is there to compare with.
