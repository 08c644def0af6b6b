from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from components.pusher import executor as pusher_executor
from components.pusher import inputs
from components.pusher.decision import StaleVerdictError
from documents.outcome import read_push_line
from documents.saved_model import WARM_UP
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.errors import BasePathError
from serving.base_path.versions import (
    Version,
    list_versions,
    live_version,
    provenance_of,
    publish,
    version_digest,
)
from serving.base_path.withdrawal import prune, restore, withdraw
from tests.components.pusher.node import Node, make_model, text
from tests.there import there


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


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


def test_what_others_take_away_while_it_is_read_ends_no_push(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    for weights in (b"first", b"second", b"third"):
        node.write_model(weights)
        node.run()
    first, second, third = list_versions(node.base)
    withdraw(node.base, third.number, reason="bad")
    node.write_model(b"fourth")
    changes = [
        lambda: withdraw(node.base, second.number, reason="bad"),
        lambda: prune(node.base, 1, withdrawn=True),
    ]

    def read(version: Version) -> str:
        if changes and version != first:
            changes.pop(0)()
        return version_digest(version)

    monkeypatch.setattr(inputs, "version_digest", read)
    with pytest.raises(StaleVerdictError, match=f"Version {first.number} is live now, and Eval"):
        node.run()
    assert not changes
    node.judge()
    assert text(node.run(), "outcome") == "pushed"


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
