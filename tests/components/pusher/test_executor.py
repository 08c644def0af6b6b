from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.pusher import decision
from components.pusher import executor as pusher_executor
from components.pusher.decision import StaleVerdictError
from components.pusher.driver import Driver
from components.pusher.executor import Executor
from components.pusher.inputs import DocumentError
from components.subject import DamagedError
from components.trainer.record import RecordError
from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.outcome import read_push_line
from documents.saved_model import WARM_UP
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.errors import BasePathError
from serving.base_path.versions import Version, list_versions, live_version, provenance_of, publish
from serving.base_path.withdrawal import restore, withdraw
from tests.documents.mangled import CONTENTS, mangle
from tests.there import there

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
    assert push_id != node.push_id() == there(provenance_of(live.path)).push_id


def test_the_version_carries_its_provenance_and_its_warm_up(node: Node) -> None:
    Path(node.model.uri, "training.json").write_text(json.dumps({"hub": {"handle": "h"}}))
    Path(node.infra_blessing.uri, "tf_serving_warmup_requests").write_bytes(b"requests")
    publish(make_model(node.folder / "live"), node.base, version=5)
    node.bless(node.model_blessing)
    warm_up = hashlib.sha256(b"requests").hexdigest()
    node.bless(node.infra_blessing, test_accuracy=0.92, warm_up_sha256=warm_up)
    pushed = node.run()
    version = Path(text(pushed, "pushed_destination"))
    provenance = there(provenance_of(version)).as_written()
    assert provenance["version"] == int(version.name)
    assert provenance["model"] == "fashion_mnist"
    assert provenance["content_digest"] == content_digest(version)
    assert provenance["hub"] == {"handle": "h"}
    assert provenance["baseline"] == {"version": 5, "digest": content_digest(node.base / "5")}
    assert provenance["warm_up_sha256"] == warm_up
    assert provenance["test_accuracy"] == 0.92
    assert provenance["artifacts"]["model"]["uri"] == node.model.uri
    assert (version / WARM_UP).read_bytes() == b"requests"


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


def test_a_live_model_is_not_pushed_again(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    first = node.run()
    version = text(first, "pushed_version")
    # Who watches a cluster has nothing else.
    assert read_push_line(caplog.messages[-1]) == ("pushed", text(first, "pushed_destination"))
    again = node.run()
    assert read_push_line(caplog.messages[-1]) == ("already_live", text(again, "reason"))
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
    assert there(provenance_of(version)).push_id
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
    node.judge()
    withdraw(node.base, number, reason="It is wrong about bags.")
    refused = node.run()
    assert text(refused, "outcome") == "refused"
    assert f"withdrawn as version {number} (It is wrong about bags)" in text(refused, "reason")
    assert f"restore {number} --base-path {node.base}`" in text(refused, "reason")
    assert node.push_id() == node.push_id() == f"refused: {text(refused, 'reason')}"
    restore(node.base, number)
    again = node.run()
    assert (text(again, "outcome"), text(again, "pushed_version")) == ("already_live", str(number))


@pytest.mark.parametrize("driver", [True, False])
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("damage", ["flip", "delete", "add"])
def test_only_the_bytes_that_were_judged_are_pushed(
    node: Node, damage: str, live: bool, driver: bool
) -> None:
    if live:
        publish(make_model(node.folder / "live"), node.base)
        node.judge()
    weights = node.source / "variables/variables.index"
    if damage == "flip":
        weights.write_bytes(bytes([weights.read_bytes()[0] ^ 1]) + weights.read_bytes()[1:])
    elif damage == "delete":
        weights.unlink()
    else:
        (node.source / "variables/more").write_bytes(b"")
    before = list_versions(node.base)
    with pytest.raises(StaleVerdictError, match=r"not those that Evaluator judged .* run the"):
        node.run(driver=driver)
    assert list_versions(node.base) == before
    node.judge()
    assert text(node.run(driver=driver), "outcome") == "pushed"


def _stored(node: Node) -> Path:
    """Has the weights lie elsewhere, with a link to them, as tools that keep data by content do."""
    weights, stored = node.source / "variables/variables.index", node.folder / "stored"
    weights.rename(stored)
    weights.symlink_to(os.path.relpath(stored, weights.parent))
    node.judge()
    return stored


def test_a_version_holds_files_where_the_model_had_links(node: Node) -> None:
    stored = _stored(node)
    (node.source / "more").symlink_to(node.source / "variables")
    node.judge()
    pushed = Path(text(node.run(), "pushed_destination"))
    assert not [path for path in pushed.rglob("*") if path.is_symlink()]
    assert content_digest(pushed) == content_digest(node.source)
    stored.write_bytes(b"other")
    assert (pushed / "variables/variables.index").read_bytes() == b"weights"
    assert (pushed / "more/variables.index").read_bytes() == b"weights"


@pytest.mark.parametrize("change", ["behind", "link", "hard link"])
def test_what_a_link_leads_to_counts(node: Node, change: str) -> None:
    stored, weights = _stored(node), node.source / "variables/variables.index"
    other = node.folder / "other"
    other.write_bytes(b"others")
    if change == "behind":
        stored.write_bytes(b"others")
    else:
        weights.unlink()
        weights.symlink_to(other) if change == "link" else weights.hardlink_to(other)
    with pytest.raises(StaleVerdictError, match="not those that Evaluator judged"):
        node.run()
    assert list_versions(node.base) == []


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("what", ["nowhere", "circle", "fifo"])
def test_a_link_to_nothing_is_one_sentence_that_names_it(node: Node, what: str, live: bool) -> None:
    if live:
        publish(make_model(node.folder / "live"), node.base)
        node.judge()
    before, odd = list_versions(node.base), node.source / "variables/odd"
    if what == "fifo":
        os.mkfifo(odd)
    else:
        odd.symlink_to("nothing" if what == "nowhere" else "odd")
    with pytest.raises(DamagedError, match=r"variables/odd, which leads to no file .* run the"):
        node.run()
    assert list_versions(node.base) == before
    odd.unlink()
    assert text(node.run(), "outcome") == "pushed"


def test_a_file_that_changes_while_it_is_published_is_not(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = decision.decide

    def change_afterwards(*arguments: Any, **more: Any) -> Any:
        decision = decided(*arguments, **more)
        (node.source / "saved_model.pb").write_bytes(b"another")
        return decision

    push_id = node.push_id()
    monkeypatch.setattr(pusher_executor, "decide", change_afterwards)
    with pytest.raises(StaleVerdictError, match="not those that Evaluator judged"):
        node.run(driver=False)
    assert push_id
    assert list_versions(node.base) == []
    assert [path.name for path in node.base.glob(".staging-*")] == []


def test_a_model_that_is_not_what_the_trainer_wrote_is_damaged(node: Node) -> None:
    record = {"content_digest": content_digest(node.source)}
    Path(node.model.uri, "training.json").write_text(json.dumps(record))
    assert text(node.run(), "outcome") == "pushed"
    node.write_model(b"weighty")
    with pytest.raises(DamagedError, match="is not what the Trainer wrote"):
        node.run()


def test_nothing_is_pushed_over_a_version_that_it_was_not_compared_with(node: Node) -> None:
    publish(make_model(node.folder / "live"), node.base, version=5)
    node.judge()
    publish(make_model(node.folder / "newer", b"newer"), node.base, version=6)
    with pytest.raises(
        StaleVerdictError, match=r"Version 6 is live now, and Evaluator .* version 5.* again"
    ):
        node.run(driver=False)
    assert there(live_version(node.base)).number == 6
    node.judge()
    assert text(node.run(), "outcome") == "pushed"


def test_another_publisher_at_the_same_moment_is_seen_under_the_lock(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    push_id = node.push_id()
    published: list[Version] = []

    def publish_first(*arguments: Any, **more: Any) -> Any:
        if not published:
            published.append(publish(make_model(node.folder / "newer"), node.base, version=6))
        return publish(*arguments, **more)

    monkeypatch.setattr(pusher_executor, "publish", publish_first)
    with pytest.raises(StaleVerdictError, match=r"Version 6 is live now, .* nothing, so"):
        node.run(driver=False)
    assert push_id
    assert list_versions(node.base) == published


def test_a_warm_up_file_that_changed_is_not_pushed(node: Node) -> None:
    Path(node.infra_blessing.uri, "tf_serving_warmup_requests").write_bytes(b"requests")
    node.bless(node.infra_blessing, warm_up_sha256=hashlib.sha256(b"others").hexdigest())
    with pytest.raises(StaleVerdictError, match="warm-up file"):
        node.run()
    assert list_versions(node.base) == []


def test_a_verdict_that_does_not_say_what_it_judged_pushes_nothing(node: Node) -> None:
    node.bless(node.infra_blessing, content_digest=None)
    with pytest.raises(StaleVerdictError, match="ServingCheck's verdict does not say"):
        node.run()


@pytest.mark.parametrize(
    "content", ["", "{", '"x"', "[]", '{"blessed": "yes"}', '{"blessed": 1e999}']
)
def test_a_damaged_verdict_pushes_nothing_and_is_one_sentence(node: Node, content: str) -> None:
    path = Path(node.infra_blessing.uri, "verdict.json")
    path.write_text(content)
    with pytest.raises(DocumentError, match=r"is damaged: it .*; run again with --no-cache"):
        node.run()
    assert not node.base.exists()


@pytest.mark.parametrize("content", ['"x"', '{"baseline": "x"}', '{"push_id": 7}', "{", "[]", "\0"])
def test_a_damaged_provenance_of_the_live_version_stops_no_push(node: Node, content: str) -> None:
    live = Path(text(node.run(), "pushed_destination"))
    (live / PROVENANCE).write_text(content)
    assert text(node.run(), "outcome") == "already_live"
    node.write_model(b"other weights")
    assert text(node.run(), "outcome") == "pushed"


DOCUMENTS: dict[str, tuple[type[Document], bytes]] = {
    "model": (TrainingRecord, b'{"hub": {"handle": "h"}, "data": {"span": 3}, "steps": 7}'),
    "model_blessing": (EvaluatorVerdict, b'{"blessed": true, "metrics": []}'),
    "infra_blessing": (ServingVerdict, b'{"blessed": true, "checks": []}'),
}
SENTENCES = (DocumentError, RecordError, StaleVerdictError, DamagedError)


@pytest.mark.parametrize("key", DOCUMENTS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mangled_document_pushes_nothing_or_is_read(
    key: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node = Node(tmp_path_factory.mktemp("node"))
    kind, document = DOCUMENTS[key]
    wrong = data.draw(st.sampled_from(list(CONTENTS.values())) | mangle(document))
    path = Path(node.input_dict()[key][0].uri, kind.FILE)
    path.write_bytes(wrong)
    refused = None
    try:
        node.run()
    except SENTENCES as error:
        refused = str(error)
    assert (refused is None) == (len(list_versions(node.base)) == 1)
    assert "\n" not in (refused or "")


def test_a_damaged_provenance_of_the_live_version_is_passed_over(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(text(node.run(), "pushed_destination"), PROVENANCE)
    for wrong in CONTENTS.values():
        path.write_bytes(wrong)
        assert text(node.run(), "outcome") == "already_live"
