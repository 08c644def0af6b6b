"""The SavedModel that all contenders serve."""

from __future__ import annotations

from pathlib import Path

SEED = 0
CHANNELS = (16, 32)
HIDDEN = 32
LABELS = 10


def export(folder: Path) -> None:
    """Writes a small CNN (55,338 parameters) for 28×28 uint8 images, weights drawn at random.

    `serving_default` takes `images`, uint8 [n, 28, 28], and gives `probabilities`, float32 [n, 10].
    Its answers mean nothing; what it computes takes as long as in a trained one.
    """
    import tensorflow as tf

    tf.random.set_seed(SEED)
    first, second = CHANNELS

    def weight(*shape: int) -> tf.Variable:
        return tf.Variable(tf.random.normal(shape, stddev=0.1))

    module = tf.Module()
    module.kernels = [
        (weight(3, 3, 1, first), weight(first)),
        (weight(3, 3, first, second), weight(second)),
    ]
    module.layers = [
        (weight(7 * 7 * second, HIDDEN), weight(HIDDEN)),
        (weight(HIDDEN, LABELS), weight(LABELS)),
    ]

    def predict(images: tf.Tensor) -> dict[str, tf.Tensor]:
        x = tf.cast(images[..., tf.newaxis], tf.float32) / 255
        for kernel, bias in module.kernels:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, strides=1, padding="SAME") + bias)
            x = tf.nn.max_pool2d(x, ksize=2, strides=2, padding="SAME")
        (hidden, hidden_bias), (last, last_bias) = module.layers
        x = tf.nn.relu(tf.reshape(x, [-1, hidden.shape[0]]) @ hidden + hidden_bias)
        return {"probabilities": tf.nn.softmax(x @ last + last_bias)}

    signature = tf.function(predict, autograph=False).get_concrete_function(
        tf.TensorSpec([None, 28, 28], tf.uint8, "images")
    )
    tf.saved_model.save(module, str(folder), signatures=signature)
