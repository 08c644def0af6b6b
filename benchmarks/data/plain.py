"""The taxi model as a plain script, as one would write it before there is a pipeline.

python benchmarks/data/plain.py TABLE FOLDER [loop] reads the table, encodes it in memory, trains
the network of models/network.py (the same bins, vectors, wide part, layers, optimizer, schedule and
number of steps) with `compile` and `fit`, prints its AUC on a tenth as JSON, and writes a
SavedModel that is fed with what was encoded. With `loop`, the steps are a function of its own, to
which AutoGraph does nothing: half the CPU seconds, as only those write it who know where they go.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray

EPOCHS, BATCH, RATE, DECAY, WARM_UP = 6, 128, 1e-2, 1e-2, 0.2
BINS, DIMENSIONS, WIDTHS, DROPPED, LEAST = 32, 16, (128, 128), 0.1, 3
WORDS = (
    *("trip_start_hour", "trip_start_day", "trip_start_month", "pickup_community_area"),
    *("dropoff_community_area", "dropoff_census_tract", "payment_type", "company"),
)
NUMBERS = (
    *("trip_miles", "trip_seconds", "fare", "pickup_latitude", "pickup_longitude"),
    *("dropoff_latitude", "dropoff_longitude"),
)


def encoded(table: pd.DataFrame, train: Any) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Numbers float32 [N, columns * (BINS + 2)], words int64 [N, columns], and how many exist."""
    moments = pd.to_datetime(table.pop("trip_start_timestamp"), unit="s")
    columns = {name: table[name].to_numpy(float) for name in NUMBERS}
    columns["moment"] = moments.astype("int64").to_numpy() / 1e9
    parts = []
    for values in columns.values():
        known = values[train][~np.isnan(values[train])]
        edges = np.quantile(known, np.linspace(0, 1, BINS + 1))
        width = np.maximum(np.diff(edges), 1e-9)
        placed = np.clip((values[:, None] - edges[:-1]) / width, 0, 1)
        missing = np.isnan(values)[:, None]
        spread = max(edges[3 * BINS // 4] - edges[BINS // 4], 1e-9)
        away = np.clip((values[:, None] - edges[BINS // 2]) / spread, -5, 5)
        parts.append(np.nan_to_num(np.concatenate([placed, away, missing], axis=1)))
    words = table[list(WORDS)].astype(str)
    words["hour"], words["weekday"] = moments.dt.hour.astype(str), moments.dt.weekday.astype(str)
    words["month"] = moments.dt.month.astype(str)
    places, count = [], 0
    for name in words:
        found = words[name][train].value_counts()
        kept = {word: count + number for number, word in enumerate(found[found >= LEAST].index)}
        count += len(kept) + 1
        places.append(words[name].map(kept).fillna(count - 1).astype(int).to_numpy())
    return np.concatenate(parts, axis=1).astype(np.float32), np.stack(places, axis=1), count


class Network(tf_keras.Model):
    """Wide and deep."""

    def __init__(self, words: int, columns: int):
        super().__init__()
        layers = tf_keras.layers
        self.vectors = layers.Embedding(words, DIMENSIONS)
        self.wide_words = layers.Embedding(words, 2, embeddings_initializer="zeros")
        self.wide = layers.Dense(2, use_bias=False, kernel_initializer="zeros")
        self.deep = [layers.Dense(width, "relu") for width in WIDTHS]
        self.dropout = layers.Dropout(DROPPED)
        self.head = layers.Dense(2)
        self.columns = columns

    def call(self, inputs: Any, training: bool = False) -> tf.Tensor:
        numbers, words = inputs
        found = tf.reshape(self.vectors(words), [-1, self.columns * DIMENSIONS])
        hidden = tf.concat([numbers, found], axis=1)
        for layer in self.deep:
            hidden = self.dropout(layer(hidden), training=training)
        wide = self.wide(numbers) + tf.reduce_sum(self.wide_words(words), axis=1)
        return self.head(hidden) + wide


class Schedule(tf_keras.optimizers.schedules.LearningRateSchedule):
    """Up to RATE in WARM_UP of the steps, and down to nothing."""

    def __init__(self, steps: int):
        self.steps = steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        done, warm = tf.cast(step, tf.float32), WARM_UP * self.steps
        return RATE * tf.minimum((done + 1) / warm, (self.steps - done) / (self.steps - warm))


def fit(network: Network, optimizer: Any, batches: tf.data.Dataset) -> None:
    """Trains EPOCHS epochs as Keras does."""
    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer, loss)
    network.fit(batches, epochs=EPOCHS, verbose=0)


def loop(network: Network, optimizer: Any, batches: tf.data.Dataset) -> None:
    """The same steps, with none of Keras's own."""
    network(next(iter(batches))[0])
    optimizer.build(network.trainable_variables)

    @tf.function(autograph=False, reduce_retracing=True)
    def step(inputs: Any, wanted: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = network(inputs, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits)
            loss = tf.reduce_mean(losses)
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    for inputs, wanted in batches.repeat(EPOCHS):
        step(inputs, wanted)


def main(path: str, folder: str, way: str = "fit") -> None:
    table = pd.read_csv(path)
    labels = (table["tips"] > 0.2 * table["fare"]).to_numpy(np.int64)
    order = np.random.default_rng(0).permutation(len(table))
    tenth = len(table) // 10
    test, train = order[:tenth], order[2 * tenth :]
    numbers, words, count = encoded(table, train)
    network = Network(count, words.shape[1])
    steps = EPOCHS * (len(train) // BATCH)
    optimizer = tf_keras.optimizers.AdamW(Schedule(steps), weight_decay=DECAY)
    inputs = (numbers[train], words[train])
    batches = tf.data.Dataset.from_tensor_slices((inputs, labels[train]))
    batches = batches.shuffle(len(train), seed=0).batch(BATCH, drop_remainder=True)
    (loop if way == "loop" else fit)(network, optimizer, batches)

    @tf.function(autograph=False)
    def serve(numbers: tf.Tensor, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": tf.nn.softmax(network((numbers, words)))}

    specs = (
        tf.TensorSpec([None, numbers.shape[1]], tf.float32, "numbers"),
        tf.TensorSpec([None, words.shape[1]], tf.int64, "words"),
    )
    served = serve.get_concrete_function(*specs)
    tf.saved_model.save(network, folder, signatures={"serving_default": served})
    found = served(tf.constant(numbers[test]), tf.constant(words[test]))["probabilities"].numpy()
    print(json.dumps({"AUC": _auc(found[:, 1], labels[test]), "steps": steps}))


def _auc(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Area under the ROC curve, by ranks."""
    ranks = pd.Series(scores).rank().to_numpy()
    ones = labels.sum()
    return float((ranks[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones)))


if __name__ == "__main__":
    main(*sys.argv[1:])
