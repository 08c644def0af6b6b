"""The user's code of the stock pipeline: preprocessing_fn and run_fn, in Keras's usual way.

TFX packages this file for each node that uses it, so it imports nothing of this project.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_hub as hub
import tensorflow_transform as tft
import tf_keras
from tfx_bsl.public import tfxio

IMAGE, LABEL, CLASSES = "image_floats", "image_class", 10


class OneCycle(tf_keras.optimizers.schedules.LearningRateSchedule):
    """Linear up over a fifth of the steps, then linear down to zero."""

    def __init__(self, peak: float, steps: int):
        self.peak, self.steps, self.warmup = peak, steps, max(1, round(steps * 0.2))

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        falling = (self.steps - step) / max(1, self.steps - self.warmup)
        return self.peak * tf.minimum((step + 1) / self.warmup, falling)

    def get_config(self):
        return {"peak": self.peak, "steps": self.steps}


class Augment(tf_keras.layers.Layer):
    """Mirrors half of the images and shifts each by up to one pixel, in training only."""

    def call(self, images, training=False):
        if not training:
            return images
        count = tf.shape(images)[0]
        shift = tf.random.uniform([2, count, 1], 0, 3, tf.int32)
        rows, columns = tf.range(28) + shift[0], tf.range(28) + shift[1]
        mirrored = tf.random.uniform([count, 1]) < 0.5
        columns = tf.where(mirrored, tf.reverse(columns, [1]), columns)
        images = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
        images = tf.gather(images, rows, axis=1, batch_dims=1)
        return tf.gather(images, columns, axis=2, batch_dims=1)


def preprocessing_fn(inputs):
    return {
        IMAGE + "_xf": tft.scale_by_min_max(inputs[IMAGE], 0.0, 1.0),
        LABEL + "_xf": inputs[LABEL],
    }


def run_fn(fn_args):
    config = fn_args.custom_config
    transform = tft.TFTransformOutput(fn_args.transform_output)

    def dataset(files, epochs):
        return fn_args.data_accessor.tf_dataset_factory(
            files,
            tfxio.TensorFlowDatasetOptions(
                batch_size=config["batch_size"], label_key=LABEL + "_xf", num_epochs=epochs
            ),
            transform.transformed_metadata.schema,
        ).map(lambda x, y: (x, tf.one_hot(tf.reshape(y, [-1]), CLASSES)))

    images = tf_keras.Input([784], name=IMAGE + "_xf")
    features = Augment()(tf_keras.layers.Reshape([28, 28, 1])(images))
    features = hub.KerasLayer(config["module"], trainable=True)(features)
    logits = tf_keras.layers.Dense(CLASSES)(features)
    model = tf_keras.Model(images, logits)
    schedule = OneCycle(config["learning_rate"], fn_args.train_steps)
    optimizer = tf_keras.optimizers.AdamW(schedule, weight_decay=1e-2)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer=optimizer,
        loss=tf_keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=["accuracy"],
    )
    model.fit(
        dataset(fn_args.train_files, None),
        steps_per_epoch=fn_args.train_steps,
        validation_data=dataset(fn_args.eval_files, 1),
        callbacks=[tf_keras.callbacks.TensorBoard(fn_args.model_run_dir, update_freq="epoch")],
        verbose=0,
    )
    model.tft_layer = transform.transform_features_layer()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples):
        spec = transform.raw_feature_spec()
        spec.pop(LABEL)
        transformed = model.tft_layer(tf.io.parse_example(examples, spec))
        return {"output": tf.nn.softmax(model(transformed[IMAGE + "_xf"]))}

    model.save(fn_args.serving_model_dir, save_format="tf", signatures={"serving_default": serve})
