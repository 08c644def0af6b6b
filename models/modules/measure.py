"""Measures what the shipped module gains, with few labels and with all, for MODEL_CARD.md."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from documents.terminal.command_line import CommandLine
from models.declaration import Declaration
from models.evaluation import evaluate
from models.hub.module import Module, resolve
from models.modules.encoder import Encoder
from models.modules.examples import declaration_beside
from models.modules.examples import parser as parser_of
from models.network import Network, prediction_function
from models.training import inputs
from models.training.loop import fit
from models.training.options import TrainingOptions

SHIPPED = "models/modules/fashion_mnist_encoder"
LEAST_STEPS = 400
"""With few labels, epochs are added up to so many steps."""


class _Silent:
    """An observer that does nothing."""

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None: ...

    def epoch_ended(self, step: int) -> None: ...


def accuracy_after_training(
    module: Module,
    train_shards: Sequence[str],
    test_shards: Sequence[str],
    options: TrainingOptions,
    declaration: Declaration,
    *,
    trainable: bool,
) -> float:
    """Accuracy on the test shards of a network trained on the train shards."""
    steps = inputs.count_examples(train_shards) // options.batch_size
    epochs = max(options.epochs, -(-LEAST_STEPS // steps))
    network = Network(declaration, module, trainable=trainable, seed=options.seed)
    [(name, image)] = network.images.items()
    parse = parser_of(name, image, declaration.label.name)
    fit(network, train_shards, parse, options.model_copy(update={"epochs": epochs}), _Silent())
    specs = {name: tf.TensorSpec([None, *image.size, image.channels], tf.float32, name)}
    found = evaluate(prediction_function(network, specs), test_shards, parse)
    return network.label.evaluated(found.predictions, found.labels)


@contextmanager
def every_nth(shards: Sequence[str], nth: int) -> Iterator[list[str]]:
    """The shards with every nth example only, in a temporary folder."""
    if nth == 1:
        yield list(shards)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "examples"))
        with tf.io.TFRecordWriter(path) as writer:
            for number, record in enumerate(inputs.first_records(shards, -1)):
                if number % nth == 0:
                    writer.write(record)
        yield [path]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m models.modules.measure`; returns its exit code."""
    parser = CommandLine(
        prog="python -m models.modules.measure",
        description="Accuracy with the shipped module fine-tuned, frozen, and untrained, as a "
        "Markdown table. Takes about 5 CPU minutes a seed.",
    )
    parser.add_argument("--train", nargs="+", required=True, help="TFRecord files or patterns")
    parser.add_argument("--test", nargs="+", required=True, help="TFRecord files or patterns")
    parser.add_argument(
        "--every", nargs="+", type=int, default=[100, 10, 1], help="use every nth label"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    given = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("progress").setLevel(logging.INFO)
    try:
        train, test = inputs.find_shards(given.train), inputs.find_shards(given.test)
        _, image, declaration = declaration_beside(train)
    except inputs.InputsError as error:
        parser.error(str(error))
    shipped = resolve(SHIPPED)
    print("| labels | seed | untrained | fine-tuned | frozen |\n|---|---|---|---|---|")
    for nth in given.every:
        for seed in given.seeds:
            options = TrainingOptions(seed=seed)
            with every_nth(train, nth) as some, tempfile.TemporaryDirectory() as folder:
                Encoder(seed=seed).save(folder, image.size)
                untrained = Module(Path(folder), "untrained", "")
                found = [
                    accuracy_after_training(
                        module, some, test, options, declaration, trainable=trainable
                    )
                    for module, trainable in ((untrained, True), (shipped, True), (shipped, False))
                ]
                labels = inputs.count_examples(some)
            cells = " | ".join(f"{accuracy:.4f}" for accuracy in found)
            print(f"| {labels:,} | {seed} | {cells} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
