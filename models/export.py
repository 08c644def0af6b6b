"""The SavedModel: three signatures over one path through the transform graph and the network."""

from __future__ import annotations

import tensorflow as tf

from models import features
from models.features.image.pictures import decoder
from models.network import Network
from models.stable_names import stabilize
from models.transform_graph import TransformGraph

TOP = 3
"""How many of the best labels come with an image."""


def export(network: Network, transform: TransformGraph, folder: str) -> None:
    """Writes the SavedModel. Its signatures, which agree exactly because they share their graph:

    - `serving_default`: `images` uint8 [N, 28, 28] to `probabilities` float32 [N, 10] alone, which
      the REST API then gives without a name.
    - `image_bytes`: `image_bytes` string [N], each a PNG or JPEG file of any size and colour (see
      `decode_images`), to `label` string [N], `score` float32 [N], `top_labels` string [N, 3],
      `top_scores` float32 [N, 3] and `probabilities`.
    - `examples`: `examples` string [N] of serialized tf.Examples to `label`, `score` and
      `probabilities`.
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def classify(raw: tf.Tensor) -> tf.Tensor:
        # An empty batch is legal, but oneDNN's fused convolution fails on it: give it one image.
        count = tf.shape(raw)[0]
        black = tf.fill([tf.cast(count == 0, tf.int32)], bytes(features.PIXELS))
        images = transform.images(tf.concat([raw, black], axis=0))
        return tf.nn.softmax(network(images, training=False))[:count]

    images_spec = tf.TensorSpec([None, features.HEIGHT, features.WIDTH], tf.uint8, "images")

    @tf.function(input_signature=[images_spec], autograph=False)
    def serving_default(images: tf.Tensor) -> dict[str, tf.Tensor]:
        # A model server feeds what it gets; without this, larger images would be cut in silence.
        images = tf.ensure_shape(images, images_spec.shape)
        return {"probabilities": classify(raw_pixels(images))}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")], autograph=False)
    def image_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = classify(raw_pixels(decode_images(image_bytes)))
        best = tf.math.top_k(probabilities, TOP)
        return {
            **_best_label(probabilities),
            "top_labels": _names(best.indices),
            "top_scores": best.values,
            "probabilities": probabilities,
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = classify(transform.parse_image(examples))
        return {**_best_label(probabilities), "probabilities": probabilities}

    # Tracking what the graphs use rather than the Keras layers themselves saves 4 CPU seconds, in
    # which Keras would trace functions that no signature calls.
    model = tf.Module(name="serving_model")
    model.weights = list(network.variables)
    model.encoder = network.encoder.resolved_object
    tf.saved_model.save(
        model,
        folder,
        signatures={
            "serving_default": serving_default,
            "image_bytes": image_bytes,
            "examples": examples,
        },
    )
    stabilize(folder)


def raw_pixels(images: tf.Tensor) -> tf.Tensor:
    """uint8 [N, 28, 28] to string [N], as an example holds its image.

    TensorFlow has no operation for this. serialize_tensor writes a TensorProto, whose last field is
    the tensor's content (tensorflow/core/framework/tensor.proto); cutting its tail into images
    takes 10 microseconds for one and grows with N, where map_fn takes 15 more for each.
    """
    count = tf.shape(images)[0]
    serialized = tf.io.serialize_tensor(images)
    content = tf.strings.length(serialized) - count * features.PIXELS
    starts = content + tf.range(count) * features.PIXELS
    return tf.strings.substr(serialized, starts, tf.fill([count], features.PIXELS))


decode_images = decoder(features.HEIGHT, features.WIDTH, 1)


def _best_label(probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
    return {
        "label": _names(tf.argmax(probabilities, axis=1)),
        "score": tf.reduce_max(probabilities, axis=1),
    }


def _names(labels: tf.Tensor) -> tf.Tensor:
    return tf.gather(tf.constant(features.LABELS), labels)
