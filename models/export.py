"""The SavedModel: signatures over one path through the transform graph and the network."""

from __future__ import annotations

import tensorflow as tf

from models.declaration import Declaration
from models.features.image.pictures import decoder
from models.features.image.pixels import raw_pixels
from models.network import Network
from models.stable_names import stabilize
from models.transform_graph import Tensors, TransformGraph


def export(
    network: Network, transform: TransformGraph, declaration: Declaration, folder: str
) -> None:
    """Writes the SavedModel. Its signatures, which agree exactly because they share their graph:

    - `serving_default`: `images` uint8 [N, h, w], or [N, h, w, 3], to `probabilities` float32
      [N, classes] alone, which the REST API then gives without a name.
    - `image_bytes`: `image_bytes` string [N], each a PNG or JPEG file of any size and colour (see
      `pictures.decoder`), to `label` string [N], `score` float32 [N], `top_labels` string [N, 3],
      `top_scores` float32 [N, 3] and `probabilities`.
    - `examples`: `examples` string [N] of serialized tf.Examples to `label`, `score` and
      `probabilities`.
    """
    head, found = network.label, declaration.only_image
    assert found
    name, image = found

    @tf.function(input_signature=[{name: tf.TensorSpec([None], tf.string)}], autograph=False)
    def predict(raw: Tensors) -> tf.Tensor:
        # An empty batch is legal, but oneDNN's fused convolution fails on it: give it one image.
        count = tf.shape(raw[name])[0]
        black = tf.fill([tf.cast(count == 0, tf.int32)], bytes(image.nbytes))
        inputs = transform.transform({name: tf.concat([raw[name], black], axis=0)})
        return head.predictions(network(inputs, training=False))[:count]

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

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return head.answer(predict(transform.parse_features(examples)))

    # Tracking what the graphs use rather than the Keras layers themselves saves 4 CPU seconds, in
    # which Keras would trace functions that no signature calls.
    model = tf.Module(name="serving_model")
    model.weights = list(network.variables)
    model.encoder = [encoder.served for encoder in network.encoders.values()]
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
