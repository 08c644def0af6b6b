from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.protobuf import saved_model_pb2

from models.hub.interface import Interface, read_interface, text_vector_length
from models.hub.module import HubError, Module

Call = Callable[[tf.Tensor, tf.Variable], Any]


def pooled(images: tf.Tensor, kernel: tf.Variable) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(images, tf.float32), [1, 2])[:, :1] @ kernel


def saved(folder: Path, spec: tf.TensorSpec, call: Call = pooled) -> Path:
    module = tf.train.Checkpoint()
    kernel = tf.Variable(tf.ones([1, 8]))
    module.variables = [kernel]

    @tf.function(autograph=False)
    def function(inputs: tf.Tensor, training: bool = False) -> Any:
        return call(inputs, kernel)

    for training in (True, False):
        function.get_concrete_function(spec, training=training)
    module.__call__ = function
    tf.saved_model.save(module, str(folder))
    return folder


def images(*shape: int | None, dtype: tf.DType = tf.float32) -> tf.TensorSpec:
    return tf.TensorSpec(shape, dtype)


GREY = images(None, 28, 28, 1)


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("intact"), GREY)


def read(folder: Path) -> Interface:
    return read_interface(Module(folder, "H", ""))


@pytest.mark.medium
@pytest.mark.parametrize(
    ("spec", "call", "why"),
    [
        (GREY, pooled, "takes float32 [N, 28, 28, 1] instead of texts, string [N]: choose a text"),
        (tf.TensorSpec([None, 2], tf.string), None, r"takes string [N, 2] instead of texts"),
        (tf.TensorSpec([7], tf.string), None, "takes string [7] instead of texts"),
        (
            tf.TensorSpec([None], tf.string),
            lambda texts, kernel: tf.strings.length(texts),
            "gives int32 [N] instead of one vector of float32 a text: choose a text embedding",
        ),
        (
            tf.TensorSpec([None], tf.string),
            lambda texts, kernel: {"a": kernel, "b": kernel},
            "gives several outputs instead of one vector a text",
        ),
    ],
)
def test_what_is_no_module_of_texts(
    tmp_path: Path, spec: tf.TensorSpec, call: Call | None, why: str
) -> None:
    folder = saved(tmp_path / "m", spec, call or (lambda texts, kernel: kernel))
    with pytest.raises(HubError) as raised:
        text_vector_length(Module(folder, "H", ""))
    assert str(raised.value).startswith(f"hub.handle H {why}")


@pytest.mark.medium
@pytest.mark.parametrize("shape", [[None], None])
def test_a_module_of_texts(tmp_path: Path, shape: list[int | None] | None) -> None:
    spec = tf.TensorSpec(shape, tf.string)

    def embed(texts: tf.Tensor, kernel: tf.Variable) -> tf.Tensor:
        return tf.cast(tf.strings.length(tf.reshape(texts, [-1, 1])), tf.float32) @ kernel

    module = Module(saved(tmp_path / "m", spec, embed), "H", "")
    assert text_vector_length(module) == 8
    with pytest.raises(HubError, match=r"instead of images \[N, height, width, 1 or 3\]"):
        read_interface(module)


@pytest.mark.medium
def test_the_shipped_kind(module: Module) -> None:
    assert read_interface(module) == Interface(28, 28, 1, 128)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (images(None, 224, 224, 3), Interface(224, 224, 3, 8)),
        (images(None, None, None, 3), Interface(None, None, 3, 8)),
    ],
)
def test_images_of_any_size(tmp_path: Path, spec: tf.TensorSpec, found: Interface) -> None:
    assert read(saved(tmp_path, spec)) == found


@pytest.mark.medium
@pytest.mark.parametrize(
    ("spec", "call", "said"),
    [
        (images(None, 28, 28, 3, dtype=tf.uint8), pooled, "takes images of uint8, but is given"),
        (images(None, 28, 28, 1, dtype=tf.float16), pooled, "takes images of float16, but"),
        (images(1, 28, 28, 1), pooled, "takes batches of 1 only: choose"),
        (images(None, 28, 28, 4), pooled, r"takes float32 \[N, 28, 28, 4\] instead of images"),
        (images(None, 784), lambda x, k: x[:, :1] @ k, r"takes float32 \[N, 784\] instead"),
        (images(None, dtype=tf.string), lambda x, k: tf.zeros([1, 8]), r"takes string \[N\] inst"),
        (GREY, lambda x, k: {"default": pooled(x, k), "block1": x}, "gives several outputs"),
        (GREY, lambda x, k: tf.nn.avg_pool2d(x, 2, 2, "SAME"), r"gives float32 \[N, 14, 14, 1\]"),
        (GREY, lambda x, k: tf.cast(pooled(x, k), tf.float16), r"gives float16 \[N, 8\] instead"),
    ],
)
def test_another_interface_is_named(
    tmp_path: Path, spec: tf.TensorSpec, call: Call, said: str
) -> None:
    with pytest.raises(HubError, match=f"^hub.handle H {said}"):
        read(saved(tmp_path, spec, call))


def test_what_cannot_be_called_is_no_module(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(HubError, match=r"^hub\.handle H is no module, as it cannot be called"):
        read(tmp_path)


def test_a_module_of_tensorflow_1(tmp_path: Path, intact: Path) -> None:
    model = saved_model_pb2.SavedModel.FromString((intact / "saved_model.pb").read_bytes())
    model.meta_graphs[0].ClearField("object_graph_def")
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    with pytest.raises(HubError, match=r"^hub\.handle H is of TensorFlow 1: choose"):
        read(tmp_path)


def copied(intact: Path, folder: Path) -> Path:
    for path in intact.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(intact)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


def test_a_module_written_as_text(tmp_path: Path, intact: Path) -> None:
    folder = copied(intact, tmp_path)
    model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    (folder / "saved_model.pb").unlink()
    (folder / "saved_model.pbtxt").write_text(text_format.MessageToString(model))
    assert read(folder) == Interface(28, 28, 1, 8)
    assert tf.saved_model.load(str(folder))(tf.zeros([2, 28, 28, 1])).shape == (2, 8)
    (folder / "saved_model.pbtxt").write_bytes(b"\xff no text")
    with pytest.raises(HubError, match=r"^hub\.handle H has a damaged saved_model\.pbtxt: fetch"):
        read(folder)


@pytest.mark.parametrize("content", [b"graph" * 100, b"\xff" * 99, b"<html>"])
def test_garbage(tmp_path: Path, intact: Path, content: bytes) -> None:
    folder = copied(intact, tmp_path)
    (folder / "saved_model.pb").write_bytes(content)
    with pytest.raises(HubError, match=r"^hub\.handle H has a (damaged saved_model|saved_model)"):
        read(folder)


@given(st.floats(0, 0.999))
@settings(max_examples=20, deadline=None)
def test_a_graph_that_was_cut(
    tmp_path_factory: pytest.TempPathFactory, intact: Path, kept: float
) -> None:
    folder = copied(intact, tmp_path_factory.mktemp("cut"))
    content = (folder / "saved_model.pb").read_bytes()
    (folder / "saved_model.pb").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(HubError, match=r"^hub\.handle H "):
        read(folder)


@pytest.mark.parametrize("name", ["variables.index", "variables.data-00000-of-00001"])
@pytest.mark.parametrize("kept", [None, 0, 40])
def test_variables_that_are_missing_or_were_cut(
    tmp_path: Path, intact: Path, name: str, kept: int | None
) -> None:
    path = copied(intact, tmp_path) / "variables" / name
    if kept is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(HubError, match=r"^hub\.handle H has missing or damaged files in variables"):
        read(tmp_path)


def test_a_bit_that_flipped(tmp_path: Path, intact: Path) -> None:
    path = copied(intact, tmp_path) / "variables" / "variables.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    with pytest.raises(HubError, match=r"^hub\.handle H has missing or damaged files in variables"):
        read(tmp_path)
