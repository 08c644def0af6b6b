"""What a user hands to TFX's stock Transform and Trainer, wired as in TFX's own mnist example.

TFX packages this file and imports it from there, so it imports nothing of this project. Source of
the wiring: mnist_utils_native_keras.py in
https://github.com/tensorflow/tfx/tree/master/tfx/examples/mnist. The network, its recipe and its
augmentation are those of the pipeline.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_hub as hub
import tensorflow_transform as tft
import tf_keras
from tfx.components.trainer.fn_args_utils import DataAccessor, FnArgs
from tfx_bsl.public import tfxio

IMAGE, LABEL = "image_floats", "image_class"
IMAGE_XF, LABEL_XF = "image_floats_xf", "image_class_xf"
SIZE, CLASSES, MAX_SHIFT = 28, 10, 1


def preprocessing_fn(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Scales to [0, 1], as the Hub module expects."""
    return {IMAGE_XF: tft.scale_by_min_max(inputs[IMAGE], 0, 1), LABEL_XF: inputs[LABEL]}


def _input_fn(
    files: list[str], accessor: DataAccessor, transform: tft.TFTransformOutput, batch_size: int
) -> tf.data.Dataset:
    return accessor.tf_dataset_factory(
        files,
        tfxio.TensorFlowDatasetOptions(batch_size=batch_size, label_key=LABEL_XF),
        transform.transformed_metadata.schema,
    ).repeat()


def augmented(features: dict[str, tf.Tensor], labels: tf.Tensor) -> tuple[Any, tf.Tensor]:
    """Mirrors half of the images and shifts each by up to MAX_SHIFT pixels."""
    images = tf.reshape(features[IMAGE_XF], [-1, SIZE, SIZE, 1])
    count = tf.shape(images)[0]
    shifts = tf.random.uniform([2, count, 1], -MAX_SHIFT, MAX_SHIFT + 1, tf.int32)
    rows, columns = tf.unstack(tf.range(SIZE) + shifts + MAX_SHIFT)
    mirrored = tf.random.uniform([count, 1]) < 0.5
    columns = tf.where(mirrored, tf.reverse(columns, [1]), columns)
    padded = tf.pad(images, [[0, 0], [MAX_SHIFT, MAX_SHIFT], [MAX_SHIFT, MAX_SHIFT], [0, 0]])
    images = tf.gather(padded, rows, axis=1, batch_dims=1)
    images = tf.gather(images, columns, axis=2, batch_dims=1)
    return {IMAGE_XF: tf.reshape(images, [-1, SIZE * SIZE])}, labels


class OneCycle(tf_keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to the peak, then linearly to zero."""

    def __init__(self, peak: float, steps: int, warmup: int):
        super().__init__()
        self.peak, self.steps, self.warmup = peak, steps, warmup

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        rising = (step + 1) / self.warmup
        falling = (self.steps - step) / max(1, self.steps - self.warmup)
        return self.peak * tf.minimum(rising, falling)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "steps": self.steps, "warmup": self.warmup}


def _model(config: dict[str, Any], steps: int) -> tf_keras.Model:
    training = config["training"]
    smoothing = training["label_smoothing"]

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        targets = tf.one_hot(tf.cast(tf.reshape(labels, [-1]), tf.int32), CLASSES)
        return tf_keras.losses.categorical_crossentropy(
            targets, logits, from_logits=True, label_smoothing=smoothing
        )

    warmup = max(1, round(steps * training["warmup_fraction"]))
    optimizer = tf_keras.optimizers.AdamW(
        OneCycle(training["learning_rate"], steps, warmup), weight_decay=training["weight_decay"]
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model = tf_keras.Sequential(
        [
            tf_keras.layers.InputLayer(input_shape=(SIZE * SIZE,), name=IMAGE_XF),
            tf_keras.layers.Reshape((SIZE, SIZE, 1)),
            hub.KerasLayer(config["module"], trainable=config["trainable"]),
            tf_keras.layers.Dense(CLASSES),
        ]
    )
    model.compile(loss=loss, optimizer=optimizer, metrics=["sparse_categorical_accuracy"])
    return model


def _serve_examples(model: tf_keras.Model, transform: tft.TFTransformOutput) -> Any:
    model.tft_layer = transform.transform_features_layer()

    @tf.function
    def serve(examples: tf.Tensor) -> tf.Tensor:
        spec = transform.raw_feature_spec()
        spec.pop(LABEL)
        return model(model.tft_layer(tf.io.parse_example(examples, spec)))

    return serve.get_concrete_function(tf.TensorSpec([None], tf.string, "examples"))


def run_fn(fn_args: FnArgs) -> None:
    """Trains with Keras's fit() and saves the model."""
    config = fn_args.custom_config
    training = config["training"]
    tf_keras.utils.set_random_seed(training["seed"])
    transform = tft.TFTransformOutput(fn_args.transform_output)
    accessor, batch_size = fn_args.data_accessor, training["batch_size"]
    train_set = _input_fn(fn_args.train_files, accessor, transform, batch_size)
    if training["augment"]:
        train_set = train_set.map(augmented)
    eval_set = _input_fn(fn_args.eval_files, accessor, transform, batch_size)
    model = _model(config, fn_args.train_steps)
    model.fit(
        train_set,
        steps_per_epoch=fn_args.train_steps,
        validation_data=eval_set,
        validation_steps=fn_args.eval_steps,
        callbacks=[
            tf_keras.callbacks.TensorBoard(log_dir=fn_args.model_run_dir, update_freq="epoch")
        ],
        verbose=2,
    )
    signatures = {"serving_default": _serve_examples(model, transform)}
    tf.saved_model.save(model, fn_args.serving_model_dir, signatures=signatures)
