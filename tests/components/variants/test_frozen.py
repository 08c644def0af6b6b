from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.variants.frozen import UnfitError, check_fit, freeze, input_names
from components.variants.lite import convert
from components.variants.rows import dense_records, tensors
from components.variants.served import save_frozen
from models.declaration import Declaration
from models.description import describe
from models.export import export
from models.network import Network
from models.transform_graph import TransformGraph
from tests.models.transform import write_transform_graph


def declaration(**features: dict) -> Declaration:
    return Declaration.model_validate(
        {
            "features": features,
            "label": {"name": "good", "kind": "classes", "values": ["no", "yes"]},
        }
    )


NUMBER = {"kind": "number"}


def test_feature_that_is_looked_up_in_a_table_is_named() -> None:
    found = declaration(
        fare=NUMBER, company={"kind": "category"}, remark={"kind": "text"}, left={"kind": "ignore"}
    )
    with pytest.raises(
        UnfitError, match=r"table for company \(category\), remark \(text\), which TensorFlow Lite"
    ):
        check_fit(describe(found))


def test_names_that_a_graph_does_not_take() -> None:
    assert input_names(["fare", "pick-up hour", "größe"]) == {
        "fare": "fare",
        "pick-up hour": "input_1",
        "größe": "input_2",
    }


def test_record_as_dense_tensors() -> None:
    example = tf.train.Example()
    example.features.feature["photo"].bytes_list.value.append(bytes(range(12)))
    example.features.feature["label"].int64_list.value.append(1)
    shapes = {"photo": (2, 3, 2), "fare": ()}
    photo, fare = tensors(example.SerializeToString(), shapes)
    assert photo.shape == (1, 2, 3, 2)
    assert photo.ravel().tolist() == list(range(12))
    assert np.isnan(fare).tolist() == [True]
    [record] = dense_records(iter([example.SerializeToString()]), shapes)
    features = tf.train.Example.FromString(record).features.feature
    assert list(features["photo"].float_list.value) == list(range(12))
    assert np.isnan(features["fare"].float_list.value[0])
    assert list(features["label"].int64_list.value) == [1]


@pytest.mark.slow
@pytest.mark.extended
def test_table_of_numbers_and_an_image(tmp_path: Path) -> None:
    """What was served as rows with files of images answers the same to dense tensors."""
    photo = {"kind": "image", "size": [4, 5], "channels": 3}
    features: dict[str, dict[str, Any]] = {"pick-up hour": NUMBER, "photo": photo}
    found = declaration(**features)
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (20, 4, 5, 3), np.uint8)
    hours = random.normal(size=20).astype(np.float32)
    rows = [
        {"pick-up hour": [float(hour)], "photo": image.tobytes(), "good": place % 2}
        for place, (hour, image) in enumerate(zip(hours, pixels, strict=True))
    ]
    graph = write_transform_graph(tmp_path / "graph", found, rows)
    transform = TransformGraph(graph, found)
    network = Network(found, None, trainable=True, seed=0, sizes=transform.sizes)
    export(network, transform, found, str(tmp_path / "model"))
    examples = [_example(hour, image) for hour, image in zip(hours, pixels, strict=True)]
    examples[3] = _example(None, pixels[3])
    signatures = tf.saved_model.load(str(tmp_path / "model")).signatures
    wanted = signatures["examples"](examples=tf.constant(examples))["probabilities"].numpy()

    frozen = freeze(str(tmp_path / "model"), describe(found))
    assert frozen.inputs == {"pick-up hour": (), "photo": (4, 5, 3)}
    columns = [np.concatenate(column) for column in zip(*_tensors(examples, frozen), strict=True)]
    [answers] = frozen.function(*map(tf.constant, columns))
    np.testing.assert_allclose(answers, wanted, atol=1e-5)

    save_frozen(frozen, str(tmp_path / "frozen"))
    again = tf.saved_model.load(str(tmp_path / "frozen")).signatures["examples"]
    found_again = again(examples=tf.constant(examples))["probabilities"]
    np.testing.assert_allclose(found_again, wanted, atol=1e-5)

    interpreter = tf.lite.Interpreter(model_content=convert("float32", frozen, list))
    details = interpreter.get_input_details()
    # The script beside a published file gives its arguments in this order.
    assert [detail["name"] for detail in details] == ["input_0", "photo"]
    interpreter.allocate_tensors()
    for place in (0, 3):
        for detail in details:
            column = columns[["input_0", "photo"].index(detail["name"])]
            interpreter.set_tensor(detail["index"], column[place : place + 1])
        interpreter.invoke()
        answer = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        np.testing.assert_allclose(answer[0], wanted[place], atol=1e-4)


def _tensors(examples: list[bytes], frozen) -> list:
    return [tensors(example, frozen.inputs) for example in examples]


def _example(hour: np.float32 | None, image: np.ndarray) -> bytes:
    example = tf.train.Example()
    if hour is not None:
        example.features.feature["pick-up hour"].float_list.value.append(hour)
    example.features.feature["photo"].bytes_list.value.append(image.tobytes())
    return example.SerializeToString()


class _WithTable(tf.Module):
    """Looks one of two numbers up, as a user's own preprocessing may."""

    def __init__(self) -> None:
        super().__init__()
        known = tf.lookup.KeyValueTensorInitializer(tf.constant(["1", "2"]), tf.constant([0.0, 1]))
        self.table = tf.lookup.StaticHashTable(known, -1.0)

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.float32, name) for name in ("hours", "fare")],
        autograph=False,
    )
    def __call__(self, hours: tf.Tensor, fare: tf.Tensor) -> dict[str, tf.Tensor]:
        found = self.table.lookup(tf.strings.as_string(tf.cast(fare, tf.int32)))
        return {"probabilities": tf.nn.softmax(tf.stack([hours, found], 1))}


@pytest.mark.medium
def test_number_that_is_looked_up_in_a_table_is_named(tmp_path: Path) -> None:
    model = _WithTable()
    tf.saved_model.save(model, str(tmp_path), signatures={"serving_default": model.__call__})
    features = describe(declaration(hours=NUMBER, fare=NUMBER))
    with pytest.raises(UnfitError, match="The model looks fare up in a table, which TensorFlow"):
        freeze(str(tmp_path), features)


KINDS = {
    "number": {},
    "category": {},
    "date": {},
    "text": {},
    "image": {"size": [4, 4]},
    "time": {},
    "ignore": {},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_fit_or_named(kind: str) -> None:
    features = describe(declaration(fare=NUMBER, **{"a feature": {"kind": kind, **KINDS[kind]}}))
    if kind in ("number", "image", "ignore"):
        check_fit(features)
        return
    with pytest.raises(UnfitError, match=rf"in a table for a feature \({kind}\), which TensorFlow"):
        check_fit(features)


def test_no_kind_is_forgotten() -> None:
    folders = (Path(__file__).parents[3] / "models/features").glob("*/kind.py")
    assert {path.parent.name for path in folders} == set(KINDS)
