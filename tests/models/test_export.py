from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from models.export import export
from models.features.image.pictures import decoder
from models.hub.module import Module
from models.network import Network, prediction_function
from models.transform_graph import TransformGraph
from serving.server.loading.saved_model import SavedModel
from serving.server.status import StatusError
from serving.server.tensors.texts import Tensor
from tests import fashion_mnist as features

decode_images = decoder(28, 28, 1)
Call = Callable[..., dict[str, NDArray[Any]]]
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)


@pytest.fixture(scope="module")
def network(module: Module) -> Network:
    return Network(features.DECLARATION, module, trainable=True, seed=0)


@pytest.fixture(scope="module")
def saved(network: Network, transform_graph: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    declaration = features.DECLARATION
    transform = TransformGraph(transform_graph, declaration)
    export(network, transform, declaration, str(folder))
    return folder


@pytest.fixture(scope="module")
def call(saved: Path) -> Iterator[Call]:
    """Calls a signature in a graph-mode session, which loads as the C++ model server does."""
    with tf.Graph().as_default():
        session = tf.compat.v1.Session()
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(saved))

    def run(signature: str, values: Any) -> dict[str, NDArray[Any]]:
        definition = meta.signature_def[signature]
        (placeholder,) = (tensor.name for tensor in definition.inputs.values())
        fetches = {name: tensor.name for name, tensor in definition.outputs.items()}
        return session.run(fetches, {placeholder: values})

    yield run
    session.close()


def files(images: NDArray[np.uint8], kind: str = "PNG", mode: str = "L") -> NDArray[np.object_]:
    encoded = []
    for pixels in images:
        file = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(file, kind)
        encoded.append(file.getvalue())
    return np.array(encoded, object)


def examples(images: NDArray[np.uint8]) -> NDArray[np.object_]:
    """Serialized and without label, as a client that asks for one sends them."""
    found = []
    for pixels in images:
        value = tf.train.BytesList(value=[pixels.tobytes()])
        feature = {features.IMAGE: tf.train.Feature(bytes_list=value)}
        example = tf.train.Example(features=tf.train.Features(feature=feature))
        found.append(example.SerializeToString())
    return np.array(found, object)


@pytest.mark.medium
@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_signatures_agree_exactly(call: Call, count: int) -> None:
    images = IMAGES[:count]
    by_pixels = call("serving_default", images)
    by_file = call("image_bytes", files(images))
    by_example = call("examples", examples(images))
    assert list(by_pixels) == ["probabilities"]
    assert by_pixels["probabilities"].shape == (count, 10)
    assert np.array_equal(by_pixels["probabilities"], by_file["probabilities"])
    assert np.array_equal(by_pixels["probabilities"], by_example["probabilities"])
    assert np.array_equal(by_file["label"], by_example["label"])
    assert np.array_equal(by_file["score"], by_example["score"])


@pytest.mark.medium
def test_serves_what_the_network_says_in_memory(call: Call, network: Network) -> None:
    images = tf.constant(IMAGES[..., np.newaxis] / 255, tf.float32)
    predict = prediction_function(
        network, {"image": tf.TensorSpec([None, 28, 28, 1], tf.float32, "image")}
    )
    served = call("serving_default", IMAGES)["probabilities"]
    np.testing.assert_allclose(served, predict({"image": images}), rtol=1e-4, atol=1e-6)


@pytest.mark.medium
def test_names_the_best_labels(call: Call) -> None:
    answer = call("image_bytes", files(IMAGES))
    order = answer["probabilities"].argsort(axis=1)[:, ::-1][:, :3]
    names = np.array(features.LABELS, np.bytes_)[order]
    assert np.array_equal(answer["top_labels"], names)
    assert np.array_equal(answer["label"], names[:, 0])
    assert np.array_equal(answer["score"], answer["top_scores"][:, 0])
    assert np.array_equal(
        answer["top_scores"], np.take_along_axis(answer["probabilities"], order, axis=1)
    )


@pytest.mark.medium
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB")])
def test_takes_photos_of_any_size_and_colour(kind: str, mode: str) -> None:
    ramp = np.linspace(0, 255, 28).astype(np.uint8)
    small = np.minimum(ramp[:, np.newaxis], ramp)
    photo = small.repeat(12, axis=0).repeat(12, axis=1)
    (found,) = decode_images(files(photo[np.newaxis], kind, mode)).numpy()
    np.testing.assert_allclose(found, small.astype(float), atol=6)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("signature", "values"),
    [
        pytest.param("image_bytes", [b"no image"], id="no image"),
        pytest.param("image_bytes", [b""], id="no bytes"),
        pytest.param("image_bytes", [files(IMAGES[:1])[0][:80]], id="half a file"),
        pytest.param("image_bytes", [*files(IMAGES[:1]), b"no image"], id="one of two"),
        pytest.param("examples", [b"\0garbage"], id="no example"),
        pytest.param("examples", [b""], id="an example without image"),
        pytest.param("examples", examples(IMAGES[:1, :27]), id="a short image"),
        pytest.param("examples", examples(IMAGES[:2, :14]), id="two halves of an image"),
    ],
)
def test_refuses_bad_input_and_goes_on(call: Call, signature: str, values: list[bytes]) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        call(signature, np.array(values, object))
    assert call("serving_default", IMAGES[:1])["probabilities"].shape == (1, 10)


@pytest.fixture(scope="module")
def model(saved: Path) -> SavedModel:
    """As a model server has it: session.run() would compare the shapes itself."""
    return SavedModel(str(saved))


@pytest.mark.medium
@pytest.mark.parametrize("shape", [(1, 56, 28), (1, 28), (784,), (1, 28, 28, 1)])
def test_refuses_images_of_another_shape(model: SavedModel, shape: tuple[int, ...]) -> None:
    definition = model.signature_defs["serving_default"]
    feeds: dict[str, Tensor] = {definition.inputs["images"].name: np.zeros(shape, np.uint8)}
    with pytest.raises(StatusError, match=r"expected shape \[\?,28,28\]"):
        model.run(feeds, [definition.outputs["probabilities"].name])


@pytest.mark.medium
def test_is_small(saved: Path) -> None:
    size = sum(file.stat().st_size for file in saved.rglob("*") if file.is_file())
    assert size < 1_000_000
