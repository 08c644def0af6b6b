"""The SavedModel: signatures over one path through the transform graph and the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from models.declaration import Declaration
from models.features.image.kind import Image
from models.features.image.pictures import decoder
from models.features.image.pixels import raw_pixels
from models.network import Network
from models.signature_inputs import name_inputs, plain_names
from models.stable_names import stabilize
from models.transform_graph import Tensors, TransformGraph
from models.user_network import UserNetwork

COLUMNS = "columns"
_DTYPES = {"DT_FLOAT": tf.float32, "DT_STRING": tf.string}

Serve = Callable[[Tensors], tf.Tensor]
"""Features as examples hold them to predictions."""


def export(
    network: Network | UserNetwork,
    transform: TransformGraph,
    declaration: Declaration,
    folder: str,
) -> None:
    """Writes the SavedModel. Its signatures, which agree exactly because they share their graph:

    - `serving_default` takes the features: where an image is the only one, `images` uint8
      [N, h, w], or [N, h, w, 3]; else each by its name, [N], NaN or an empty text where one is
      missing, images as PNG or JPEG files. It answers the prediction alone, for example
      `probabilities` float32 [N, classes], which the REST API then gives without a name. What a
      request may leave out stands in its defaults.
    - `columns`, where features are taken by name and more can be said than the prediction: the same
      inputs, to all that the label answers, for example `label`, `score` and `probabilities`.
    - `image_bytes`, for one image alone: `image_bytes` string [N], each a PNG or JPEG file of any
      size and colour (see `pictures.decoder`), to `label` string [N], `score` float32 [N],
      `top_labels` string [N, 3], `top_scores` float32 [N, 3] and `probabilities`.
    - `examples`: `examples` string [N] of serialized tf.Examples to all that the label answers, for
      example `label`, `score` and `probabilities`.
    """
    head = network.label
    images = declaration.images

    @tf.function(input_signature=[transform.raw_specs], autograph=False)
    def predict(raw: Tensors) -> tf.Tensor:
        # An empty batch is legal, but oneDNN's fused convolution fails on it: give it one row.
        count = _count(raw)
        spare = tf.cast(count == 0, tf.int32)
        padded = (
            {name: _padded(values, spare, images.get(name)) for name, values in raw.items()}
            # Nor is anything known of what a module does with one.
            if images or declaration.modules
            else raw
        )
        predictions = head.predictions(network(transform.transform(padded), training=False))
        return predictions[:count]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return head.answer(predict(transform.parse_features(examples)))

    of_features = (
        _of_image(predict, network, declaration)
        if declaration.only_image
        else _of_columns(predict, network, transform, declaration)
    )
    # Tracking what the graphs use rather than the Keras layers themselves saves 4 CPU seconds, in
    # which Keras would trace functions that no signature calls.
    model = tf.Module(name="serving_model")
    model.weights = list(network.variables)
    model.encoder = network.served
    model.transform = transform.tracked
    tf.saved_model.save(model, folder, signatures={**of_features, "examples": examples})
    if declaration.only_image is None:
        plain = plain_names(declaration.used)
        for signature in of_features:
            name_inputs(folder, signature, declaration, plain)
    stabilize(folder)


def _of_image(
    predict: Serve, network: Network | UserNetwork, declaration: Declaration
) -> dict[str, Callable[..., Any]]:
    """The signatures for one image."""
    assert declaration.only_image
    (name, image), head = declaration.only_image, network.label
    images_spec = tf.TensorSpec([None, *image.shape], tf.uint8, "images")

    @tf.function(input_signature=[images_spec], autograph=False)
    def serving_default(images: tf.Tensor) -> dict[str, tf.Tensor]:
        # A model server feeds what it gets; without this, larger images would be cut in silence.
        images = tf.ensure_shape(images, images_spec.shape)
        return {head.output: predict({name: raw_pixels(image, images)})}

    decode = decoder(*image.size, image.channels)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")], autograph=False)
    def image_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        predictions = predict({name: raw_pixels(image, decode(image_bytes))})
        return {**head.answer(predictions), **head.top(predictions)}

    return {"serving_default": serving_default, "image_bytes": image_bytes}


def _of_columns(
    predict: Serve,
    network: Network | UserNetwork,
    transform: TransformGraph,
    declaration: Declaration,
) -> dict[str, Callable[..., Any]]:
    """The signatures for features by name."""
    kinds, head = declaration.used, network.label
    served = {name: kind.served(name, alone=False) for name, kind in kinds.items()}
    plain = plain_names(kinds)
    specs = {
        plain[name]: tf.TensorSpec([None], _DTYPES[served[name].dtype], plain[name])
        for name in kinds
    }

    @tf.function(input_signature=[specs], autograph=False)  # both signatures share its graph
    def predicted(columns: Tensors) -> tf.Tensor:
        found = {name: columns[plain[name]] for name in kinds}
        for name, kind in kinds.items():
            if isinstance(kind, Image):
                decode = decoder(*kind.size, kind.channels)
                found[name] = raw_pixels(kind, decode(found[name]))
        return predict(transform.raw(found))

    @tf.function(input_signature=[specs], autograph=False)
    def serving_default(columns: Tensors) -> dict[str, tf.Tensor]:
        return {head.output: predicted(columns)}

    @tf.function(input_signature=[specs], autograph=False)
    def all_of_it(columns: Tensors) -> dict[str, tf.Tensor]:
        return head.answer(predicted(columns))

    found = {"serving_default": serving_default}
    label = declaration.label
    return found if label.answer == label.outputs else {**found, COLUMNS: all_of_it}


def _count(raw: Tensors) -> tf.Tensor:
    some = next(iter(raw.values()))
    if isinstance(some, tf.SparseTensor):
        return tf.cast(some.dense_shape[0], tf.int32)
    return tf.shape(some)[0]


def _padded(values: Any, spare: tf.Tensor, image: Image | None) -> Any:
    """With `spare` rows more: black images, and nothing else."""
    if isinstance(values, tf.SparseTensor):
        shape = values.dense_shape + tf.stack([tf.cast(spare, tf.int64), 0])
        return tf.SparseTensor(values.indices, values.values, shape)
    filling = bytes(image.nbytes) if image else b""
    return tf.concat([values, tf.fill([spare], filling)], axis=0)
