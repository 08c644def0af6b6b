"""Makes the shipped Hub module: an encoder that learned, without labels, how images are turned.

Each image is turned by 0, 90, 180 or 270 degrees and the encoder learns to tell which, as in
Gidaris et al. 2018 (https://arxiv.org/abs/1803.07728).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Sequence

import tensorflow as tf
import tf_keras

from documents.terminal.command_line import CommandLine
from models.modules.encoder import Encoder
from models.modules.examples import declaration_beside
from models.modules.examples import parser as parser_of
from models.training import inputs
from models.training.augmentation import flip_and_shift
from models.training.optimizer import Objective, adamw, compiled_step
from models.training.options import OptionsError, TrainingOptions
from models.training.progress import Progress

TURNS = 4


def pretrain(
    shards: Sequence[str], options: TrainingOptions, parse: inputs.Parse, name: str
) -> tuple[Encoder, float]:
    """Trains an encoder on the images in the shards; their labels are not looked at.

    Args:
      name: of the image among what `parse` gives.

    Returns:
      The encoder, and the part of the last epoch's images whose turn it told.
    """
    encoder = Encoder(seed=options.seed)
    head = tf_keras.layers.Dense(
        TURNS, kernel_initializer=tf_keras.initializers.GlorotUniform(options.seed)
    )
    head.build([None, encoder.width])
    variables = [*encoder.trainable_variables, *head.trainable_variables]
    steps_per_epoch = inputs.count_examples(shards) // options.batch_size
    optimizer = adamw(variables, options, steps_per_epoch * options.epochs)
    step = compiled_step(telling_turns(encoder, head), variables, optimizer, options.seed)
    progress = Progress(
        steps_per_epoch=steps_per_epoch,
        epochs=options.epochs,
        batch_size=options.batch_size,
    )
    batches = inputs.training_batches(
        shards,
        parse,
        epochs=options.epochs,
        batch_size=options.batch_size,
        steps_per_epoch=steps_per_epoch,
        seed=options.seed,
    )
    accuracies: list[float] = []
    for number, (features, labels) in enumerate(batches, start=1):
        loss, accuracy = step(features[name], labels)
        accuracies.append(float(accuracy))
        progress.update(number, float(loss))
    last_epoch = accuracies[-steps_per_epoch:]
    return encoder, sum(last_epoch) / len(last_epoch)


def telling_turns(encoder: Encoder, head: tf_keras.layers.Dense) -> Objective:
    """Cross-entropy of the head's logits for the turn of each image."""

    def objective(
        images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        del labels
        turns = tf.random.stateless_uniform([tf.shape(images)[0]], seed, 0, TURNS, dtype=tf.int32)
        logits = head(encoder(turned(flip_and_shift(images, seed), turns), training=True))
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(turns, logits)
        hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), turns)
        return tf.reduce_mean(entropy), tf.reduce_mean(tf.cast(hits, tf.float32))

    return objective


def turned(images: tf.Tensor, turns: tf.Tensor) -> tf.Tensor:
    """Images [N, H, H, C], each turned by its number of quarters, int32 [N], anticlockwise."""
    choices = tf.stack([tf.image.rot90(images, quarters) for quarters in range(TURNS)])
    return tf.gather_nd(choices, tf.stack([turns, tf.range(tf.shape(images)[0])], axis=1))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m models.modules.pretrain`; returns its exit code."""
    defaults = TrainingOptions(epochs=12, learning_rate=4e-3, warmup_fraction=0.1)
    parser = CommandLine(
        prog="python -m models.modules.pretrain",
        description="Pretrain the shipped encoder without labels and write it as a Hub module. "
        "Give it the train split only, so that evaluation and test stay honest.",
        epilog="example: python -m models.modules.pretrain /tmp/encoder "
        "'workspace/artifacts/ExampleGen/examples/*/Split-train/*'",
    )
    parser.add_argument("output", help="folder for the module; made anew")
    parser.add_argument("shards", nargs="+", help="TFRecord files of ExampleGen, or patterns")
    parser.add_argument("--epochs", type=int, default=defaults.epochs, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=defaults.seed, help="default %(default)s")
    given = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("progress").setLevel(logging.INFO)
    if tf.io.gfile.exists(given.output):
        parser.error(f"{given.output} exists: remove it or choose another folder")
    try:
        shards = inputs.find_shards(given.shards)
        name, image, declaration = declaration_beside(shards)
        options = TrainingOptions.validated(
            {**defaults.model_dump(), "epochs": given.epochs, "seed": given.seed}
        )
    except (inputs.InputsError, OptionsError) as error:
        parser.error(str(error))
    started = time.process_time()
    parse = parser_of(name, image, declaration.label.name)
    encoder, accuracy = pretrain(shards, options, parse, name)
    encoder.save(given.output, image.size)
    print(
        f"wrote {given.output}: {options.epochs} epochs of {inputs.count_examples(shards):,} "
        f"images, seed {options.seed}, {time.process_time() - started:.0f} CPU seconds; "
        f"told {accuracy:.1%} of the turns in the last epoch"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
