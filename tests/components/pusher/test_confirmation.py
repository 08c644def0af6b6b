"""Pushes that a model server has to confirm, on a real server and a real, tiny model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.pusher.confirmation import ConfirmError, Finding, judge_states
from components.pusher.driver import Driver
from components.pusher.executor import Executor
from components.pusher.reference_request import ReferenceRequest
from documents.tolerance import Tolerance
from serving.base_path.ledger import read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import list_versions, provenance_of, publish
from serving.base_path.withdrawal import restore
from serving.launch import launch
from tests.there import there

URL = "http://127.0.0.1:8501"
OPTIONS = {
    "image_feature": "image",
    "image_shape": [2],
    "signatures": {
        "serving_default": {
            "feed": "pixels",
            "inputs": {"images": {"dtype": "DT_UINT8", "shape": [-1, 2]}},
            "outputs": {"probabilities": {"dtype": "DT_FLOAT", "shape": [-1, -1]}},
        }
    },
}


def state(name: str, error: str = "") -> dict[str, Any]:
    return {"version": "7", "state": name, "status": {"error_message": error}}


@pytest.mark.parametrize(
    ("states", "finding"),
    [
        ([state("AVAILABLE")], None),
        ([state("LOADING")], Finding(f"its state at {URL} is LOADING", final=False)),
        ([], Finding(f"its state at {URL} is unknown", final=False)),
        ([state("END")], Finding(f"its state at {URL} is END", final=False)),
        (
            [state("END", "no graph")],
            Finding(f"the model server at {URL} gave it up: no graph", final=True),
        ),
    ],
)
def test_only_an_available_version_is_asked_and_only_one_given_up_is_final(states, finding):
    assert judge_states(states, URL) == finding


REFERENCE = ReferenceRequest(
    signature="serving_default",
    instances=[[0], [1]],
    output="p",
    expected=np.array([[0.2, 0.8], [1, 0]], np.float32),
    tolerance=Tolerance(1e-5, 1e-4),
)


@pytest.mark.parametrize("wrap", [lambda row: row, lambda row: {"p": row, "label": "x"}])
def test_answers_within_the_tolerance_are_no_problem(wrap):
    assert REFERENCE.problem([wrap([0.200001, 0.8]), wrap([1, 0])]) is None


@pytest.mark.parametrize(
    ("predictions", "problem"),
    [
        ([[0.3, 0.7], [1, 0]], "reference requests with p up to 0.1 from"),
        ([[0.2, float("nan")], [1, 0]], "reference requests"),
        ([[0.2, 0.8]], r"shape \[1, 2\] instead of \[2, 2\]"),
        ([{"q": 1}, {"q": 2}], "answers no numbers for p"),
        (["a", "b"], "answers no numbers for p"),
        (None, "answers no numbers for p"),
    ],
)
def test_other_answers_are_a_problem(predictions, problem):
    with pytest.raises(AssertionError, match=problem):
        assert not REFERENCE.problem(predictions), REFERENCE.problem(predictions)


def test_a_number_for_each_row_is_a_row_of_one():
    expected = np.array([[2], [3]], np.float32)
    reference = ReferenceRequest("d", [0, 1], "p", expected, Tolerance(1e-5, 1e-4))
    assert reference.problem([2.0, 3.0]) is None
    assert "up to 1 from" in there(reference.problem([2.0, 4.0]))


def save_model(folder: Path, scale: float) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.scale = tf.Variable(scale)
    call = tf.function(
        lambda images: {"probabilities": tf.cast(images, tf.float32) / module.scale},
        autograph=False,
    )
    spec = tf.TensorSpec([None, 2], tf.uint8, "images")
    tf.saved_model.save(module, str(folder), signatures=call.get_concrete_function(spec))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SavedModels `right`, whose answers are pixels / 255, and `wrong`."""
    folder = tmp_path_factory.mktemp("models")
    save_model(folder / "right", 255.0)
    save_model(folder / "wrong", 100.0)
    return folder


class Push:
    """A Pusher whose candidates come with a reference, run as the launcher does."""

    def __init__(self, folder: Path, models: Path):
        import tensorflow as tf

        self._models = models
        self.base = folder / "base"
        self.url = "http://127.0.0.1:9"
        self.seconds = 20.0
        self.model = standard_artifacts.Model()
        self.model.uri = str(folder / "model")
        self._pushed = folder / "pushed"
        reference = folder / "model" / "reference"
        reference.mkdir(parents=True)
        images = np.arange(20, dtype=np.uint8).reshape(10, 2)
        with tf.io.TFRecordWriter(str(reference / "examples.tfrecord")) as writer:
            for image in images:
                example = tf.train.Example()
                example.features.feature["image"].bytes_list.value.append(image.tobytes())
                writer.write(example.SerializeToString())
        np.save(reference / "probabilities.npy", (images / 255).astype(np.float32))

    def candidate(self, name: str) -> Path:
        target = Path(self.model.uri, "Format-Serving")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self._models / name, target)
        return target

    def publish_another(self) -> int:
        """A version that the server can start with."""
        return publish(self._models / "wrong", self.base).number

    def properties(self) -> dict[str, Any]:
        destination = pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(self.base))
        )
        confirm = {"url": self.url, "seconds": self.seconds, "options": json.dumps(OPTIONS)}
        return {
            "push_destination": proto_utils.proto_to_json(destination),
            "custom_config": json.dumps({"model_name": "small", "confirm": confirm}),
        }

    def push_id(self) -> str:
        info = data_types.ExecutionInfo(
            input_dict={"model": [self.model]}, exec_properties=self.properties()
        )
        # The driver asks the base path only.
        store = cast(metadata.Metadata, None)
        return Driver(store).run(info).exec_properties["push_id"].string_value

    def run(self) -> types.Artifact:
        pushed = standard_artifacts.PushedModel()
        pushed.uri = str(self._pushed)
        properties = {**self.properties(), "push_id": self.push_id()}
        Executor().Do({"model": [self.model]}, {"pushed_model": [pushed]}, properties)
        return pushed


@pytest.fixture
def push(tmp_path: Path, models: Path) -> Push:
    return Push(tmp_path, models)


def text(artifact: types.Artifact, key: str) -> str:
    return artifact.get_string_custom_property(key)


@pytest.mark.slow
def test_a_version_that_answers_as_it_should_is_confirmed(push: Push):
    push.publish_another()
    push.candidate("right")
    with launch(push.base, "small", backend="embedded") as server:
        server.wait_available()
        push.url = server.rest_url
        pushed = push.run()
        assert text(pushed, "outcome") == "pushed"
        assert text(pushed, "confirm_url") == server.rest_url
        assert text(pushed, "confirmed_at")
        again = push.run()
        assert text(again, "outcome") == "already_live"
        assert text(again, "confirmed_at")
    number = int(text(pushed, "pushed_version"))
    *_, published, confirmed, confirmed_again = read_ledger(push.base)
    assert (published.action, published.version) == ("publish", number)
    assert (confirmed.action, confirmed.version) == ("confirm", number)
    assert (confirmed.live_before, confirmed.live_after) == (number, number)
    assert confirmed.reason == f"confirmed by {push.url}"
    assert confirmed.content_digest == published.content_digest
    assert confirmed_again.action == "confirm"


@pytest.mark.slow
def test_a_version_that_answers_otherwise_is_withdrawn(push: Push):
    other = push.publish_another()
    candidate = push.candidate("wrong")
    (candidate / "assets.extra").mkdir(exist_ok=True)
    (candidate / "assets.extra" / "note").write_text("so that its content is another")
    with launch(push.base, "small", backend="embedded") as server:
        server.wait_available()
        push.url = server.rest_url
        pushed = push.run()
        server.wait_available(other)
    number = int(text(pushed, "pushed_version"))
    assert text(pushed, "outcome") == "withdrawn"
    assert pushed.get_int_custom_property("pushed") == 0
    assert text(pushed, "confirmed_at") == ""
    assert text(pushed, "reason").startswith(f"Version {number} was withdrawn: serving_default")
    assert [version.number for version in list_versions(push.base)] == [other]
    last = read_ledger(push.base)[-1]
    assert (last.action, last.version) == ("withdraw", number)
    assert (last.reason or "").startswith(
        "not confirmed: serving_default answers reference requests"
    )
    [version] = list_withdrawn(push.base)
    provenance = there(provenance_of(version.path))
    assert (provenance.version, there(provenance.withdrawn).reason) == (number, last.reason)
    assert push.push_id().startswith("refused: The same content was withdrawn")


@pytest.mark.slow
def test_a_version_that_does_not_load_is_withdrawn_at_once(push: Push):
    push.publish_another()
    candidate = push.candidate("right")
    (candidate / "saved_model.pb").write_bytes(b"damaged")
    with launch(push.base, "small", backend="embedded") as server:
        server.wait_available()
        push.url = server.rest_url
        pushed = push.run()
    assert text(pushed, "outcome") == "withdrawn"
    assert "gave it up" in text(pushed, "reason")


@pytest.mark.slow
def test_without_an_answer_nothing_is_published(push: Push):
    push.publish_another()
    push.candidate("right")
    with pytest.raises(ConfirmError, match=r"push\.confirm_url = http://127\.0\.0\.1:9 .*refused"):
        push.run()
    assert len(list_versions(push.base)) == 1


@pytest.mark.slow
def test_a_first_push_that_no_server_takes_up_leaves_nothing(push: Push):
    """A server on an empty base path opens its ports only once there is a version."""
    push.candidate("right")
    push.seconds = 0.3
    pushed = push.run()
    assert text(pushed, "outcome") == "withdrawn"
    assert "nothing answers at http://127.0.0.1:9" in text(pushed, "reason")
    assert list_versions(push.base) == []
    number = int(text(pushed, "pushed_version"))
    restore(push.base, number)
    # Neither the push that withdrew it nor its outcome is taken from the cache.
    assert ", restored " in push.push_id()
    with pytest.raises(ConfirmError, match="No model server answers"):
        push.run()
    assert [version.number for version in list_versions(push.base)] == [number]
