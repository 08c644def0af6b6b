"""The model that all mutants are made of: the product's own, trained on the bundled sample."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tfx.components.trainer.fn_args_utils import FnArgs

from components.example_gen.examples import encode_examples
from models.trainer import run_fn
from tests.fashion_mnist import DECLARATION, IMAGE, LABEL, SAMPLE

REPOSITORY = Path(__file__).resolve().parents[4]
MODULE = REPOSITORY / "models" / "modules" / "fashion_mnist_encoder"
EVAL_EXAMPLES = 512
"""As many as a reference holds."""
EPOCHS = 2


def train(folder: Path, transform_graph: str) -> Path:
    """Has `run_fn` write the folder of a Model artifact, in about ten CPU seconds."""
    images, labels = _idx("train-images-idx3-ubyte.gz", 16), _idx("train-labels-idx1-ubyte.gz", 8)
    examples = list(encode_examples(images.reshape(-1, 28, 28), labels, IMAGE, LABEL))
    fn_args = FnArgs()
    vars(fn_args).update(
        train_files=[_write(folder / "train", examples[EVAL_EXAMPLES:])],
        eval_files=[_write(folder / "eval", examples[:EVAL_EXAMPLES])],
        transform_output=transform_graph,
        serving_model_dir=str(folder / "model" / "Format-Serving"),
        model_run_dir=str(folder / "model_run"),
        custom_config={
            "declaration": DECLARATION.model_dump_json(),
            "training": {"epochs": EPOCHS, "batch_size": 64, "augment": False},
            "hub": {
                "handle": str(MODULE),
                "sha256": None,
                "trainable": True,
                "max_megabytes": 10,
            },
            "checkpoints": None,
            "code_hash": "",
        },
    )
    run_fn(fn_args)
    return folder / "model"


def _idx(name: str, header: int) -> NDArray[np.uint8]:
    return np.frombuffer(gzip.decompress((SAMPLE / name).read_bytes())[header:], np.uint8)


def _write(path: Path, examples: list[bytes]) -> str:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for example in examples:
            writer.write(example)
    return str(path)
