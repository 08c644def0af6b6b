"""Read back by a reader of its own: the numbers of the fields stand here a second time."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import flatbuffers
import numpy as np
import pytest
import tensorflow as tf
from flatbuffers import number_types
from flatbuffers.table import Table

from components.variants.metadata import with_metadata
from documents.variants import VariantInput, Variants

LABELS = ("cat", "größe, 2")
DOCUMENT = Variants(
    model="pets",
    version=7,
    inputs=(
        VariantInput(name="fare", feature="fare", shape=(), kind="number", missing="NaN"),
        VariantInput(
            name="photo", feature="my photo", shape=(4, 6, 3), kind="image", low=0.0, high=255.0
        ),
    ),
    output="probabilities",
    labels=LABELS,
)


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A .tflite file of a number and an image."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 4, 6, 3], tf.float32, "photo"),
            tf.TensorSpec([None], tf.float32, "fare"),
        ],
        autograph=False,
    )
    def answered(photo: tf.Tensor, fare: tf.Tensor) -> tf.Tensor:
        both = tf.stack([tf.reduce_mean(photo, [1, 2, 3]), fare], 1)
        return tf.nn.softmax(tf.matmul(both, tf.constant([[0.5, -1.0], [0.25, 2.0]])))

    function = answered.get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([function], answered).convert()


@pytest.fixture(scope="module")
def content(plain: bytes) -> bytes:
    return with_metadata(plain, DOCUMENT)


def test_file_answers_as_before(plain: bytes, content: bytes) -> None:
    photo = np.random.default_rng(0).random((1, 4, 6, 3), np.float32)
    given = {"photo": photo, "fare": np.array([0.5], np.float32)}
    np.testing.assert_array_equal(_answer(content, given), _answer(plain, given))


def test_same_file_has_the_same_bytes(plain: bytes, content: bytes) -> None:
    assert with_metadata(plain, DOCUMENT) == content


def test_labels_are_a_file_in_it(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert files.testzip() is None
        assert files.namelist() == ["labels.txt"]
        assert files.read("labels.txt").decode().splitlines() == [*LABELS]


def test_inputs_stand_in_the_order_of_the_file(content: bytes) -> None:
    names = [detail["name"] for detail in _interpreter(content).get_input_details()]
    about = _about(content)
    [graph] = _tables(about, 3)
    inputs = {_text(each, 0): each for each in _tables(graph, 2)}
    assert [*inputs] == [name.removeprefix("serving_default_").removesuffix(":0") for name in names]
    photo, fare = inputs["photo"], inputs["fare"]
    assert _text(photo, 1) == (
        "The image my photo: 4 x 6 pixels, colour, red, green, blue, from 0 to 255."
    )
    assert _text(fare, 1) == "The number fare; NaN where it is missing."
    what = _table(photo, 3)
    assert _scalar(what, 0, number_types.Uint8Flags) == 2  # ImageProperties
    image = _table(what, 1)
    assert _scalar(image, 0, number_types.Int8Flags) == 1  # RGB
    size = _table(image, 1)
    assert [_scalar(size, field, number_types.Uint32Flags) for field in (0, 1)] == [6, 4]
    [unit] = _tables(photo, 4)
    assert _scalar(unit, 0, number_types.Uint8Flags) == 1  # NormalizationOptions
    assert [_floats(_table(unit, 1), field) for field in (0, 1)] == [[0.0], [1.0]]
    assert [_floats(_table(photo, 5), field) for field in (0, 1)] == [[255.0], [0.0]]
    assert _scalar(_table(fare, 3), 0, number_types.Uint8Flags) == 1  # FeatureProperties


def test_model_and_output(content: bytes) -> None:
    about = _about(content)
    assert [_text(about, field) for field in (0, 2, 7)] == ["pets", "7", "1.0.0"]
    [graph] = _tables(about, 3)
    [output] = _tables(graph, 3)
    assert _text(output, 0) == "probabilities"
    [labels] = _tables(output, 6)
    assert (_text(labels, 0), _scalar(labels, 2, number_types.Int8Flags)) == ("labels.txt", 2)


def test_number_has_no_labels(plain: bytes) -> None:
    content = with_metadata(plain, DOCUMENT.replaced(labels=None, output="prediction"))
    assert not zipfile.is_zipfile(io.BytesIO(content))
    [graph] = _tables(_about(content), 3)
    [output] = _tables(graph, 3)
    assert _text(output, 1) == "The number that the model estimates."


def _interpreter(content: bytes) -> Any:
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    return interpreter


def _answer(content: bytes, given: dict[str, np.ndarray]) -> np.ndarray:
    interpreter = _interpreter(content)
    for detail in interpreter.get_input_details():
        [name] = [name for name in given if name in detail["name"]]
        interpreter.set_tensor(detail["index"], given[name])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def _about(content: bytes) -> Table:
    """The ModelMetadata in the buffer that Model.metadata (field 6) names."""
    model = _root(content)
    [entry] = [each for each in _tables(model, 6) if _text(each, 0) == "TFLITE_METADATA"]
    buffer = _tables(model, 4)[_scalar(entry, 1, number_types.Uint32Flags)]
    start = buffer.Vector(buffer.Offset(4))
    inside = content[start : start + buffer.VectorLen(buffer.Offset(4))]
    assert flatbuffers.util.BufferHasIdentifier(inside, 0, b"M001")
    return _root(inside)


def _root(content: bytes) -> Table:
    return Table(
        content, flatbuffers.encode.Get(number_types.UOffsetTFlags.packer_type, content, 0)
    )


def _offset(table: Table, field: int) -> int:
    return table.Offset(4 + 2 * field)


def _text(table: Table, field: int) -> str:
    return table.String(table.Pos + _offset(table, field)).decode()


def _scalar(table: Table, field: int, flags: Any) -> int:
    found = _offset(table, field)
    return table.Get(flags, table.Pos + found) if found else 0


def _table(table: Table, field: int) -> Table:
    return Table(table.Bytes, table.Indirect(table.Pos + _offset(table, field)))


def _tables(table: Table, field: int) -> list[Table]:
    start, count = table.Vector(_offset(table, field)), table.VectorLen(_offset(table, field))
    return [Table(table.Bytes, table.Indirect(start + 4 * place)) for place in range(count)]


def _floats(table: Table, field: int) -> list[float]:
    found = _offset(table, field)
    start, count = table.Vector(found), table.VectorLen(found)
    return [table.Get(number_types.Float32Flags, start + 4 * place) for place in range(count)]
