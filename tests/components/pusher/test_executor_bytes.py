"""Only the bytes that were judged are pushed, whatever became of files and documents since."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.pusher import decision
from components.pusher import executor as pusher_executor
from components.pusher.decision import StaleVerdictError
from components.pusher.inputs import DocumentError
from components.subject import DamagedError
from components.trainer.record import RecordError
from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.versions import list_versions, publish
from tests.components.pusher.node import Node, make_model, text
from tests.documents.mangled import CONTENTS, mangle
from tests.examples import examples


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.mark.medium
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


@pytest.mark.medium
@pytest.mark.parametrize("key", DOCUMENTS)
@settings(max_examples=examples(0.5), suppress_health_check=list(HealthCheck))
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
