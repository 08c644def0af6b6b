"""Photos that are made up, and what training on them costs: python -m benchmarks.models.photos

`write FOLDER` writes 2,000 in five classes, three sizes and three formats; `train CONFIG ROOT`
prints CPU seconds of asking a module about each, and of a whole training, as JSON.
"""

from __future__ import annotations

import glob
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COUNT = 2_000
SIZES = ((240, 320), (300, 300), (480, 360))
FORMATS = ("jpg", "png", "webp")


def write(folder: Path, count: int = COUNT) -> None:
    """Photos in FOLDER/CLASS/NUMBER.FORMAT."""
    from PIL import Image

    random = np.random.default_rng(0)
    for number in range(count):
        name = sorted(_KINDS)[number % len(_KINDS)]
        height, width = SIZES[number % len(SIZES)]
        place = folder / name / f"{number}.{FORMATS[number // len(_KINDS) % len(FORMATS)]}"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_photo(name, height, width, random)).save(place)


def train(config: Path, root: Path) -> dict[str, Any]:
    """What the Trainer does with a frozen module, its parts timed."""
    import tensorflow as tf

    from documents.workspace import Workspace
    from models.building.build import RECIPES, farthest
    from models.evaluation import evaluate
    from models.frozen_vectors import FrozenVectors
    from models.hub.module import resolve
    from models.network import Network, prediction_function
    from models.training.inputs import evaluation_batches, find_shards
    from models.training.loop import fit
    from models.transform_graph import TransformGraph
    from pipeline.settings import load_settings

    settings = load_settings(config)
    assert settings.hub
    artifacts = Workspace(root).artifacts
    [examples] = glob.glob(str(artifacts / "*ExampleGen" / "examples" / "*"))
    [graph] = glob.glob(str(artifacts / "Transform" / "transform_graph" / "*"))
    splits = [
        find_shards([os.path.join(examples, f"Split-{name}", "*")]) for name in ("train", "eval")
    ]
    module = resolve(settings.hub.handle)
    transform = TransformGraph(graph, settings.declaration)
    network = Network(settings.declaration, module, trainable=False, seed=0, sizes=transform.sizes)
    away, _ = farthest(network.encoders["image"].layer, RECIPES["efficientnet_lite0"].reference)

    embed = tf.function(network.embedded, autograph=False)
    started = time.process_time()
    for shards in splits:
        for features, _ in evaluation_batches(shards, transform.parse, batch_size=79):
            embed(features)
    embedding = time.process_time() - started

    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        found = FrozenVectors(network, transform, folder).examples(*splits)
        fit(network, found.train, found.parse, settings.training, _Silent())
        predict = prediction_function(network, found.specs)
        evaluation = evaluate(predict, list(found.eval), found.parse)
    return {
        "away": away,
        "embedding_cpu_seconds": round(embedding, 2),
        "cached_pass_cpu_seconds": round(time.process_time() - started, 2),
        "epochs": settings.training.epochs,
        "accuracy": network.label.evaluated(evaluation.predictions, evaluation.labels),
    }


class _Silent:
    def window_ended(self, step: int, **_: float) -> None:
        """Nothing."""

    def epoch_ended(self, step: int) -> None:
        """Nothing."""


def _photo(name: str, height: int, width: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """A pattern of two colours under uneven light, with grain."""
    rows, columns = np.mgrid[:height, :width] / 100
    shift, turn, scale = random.random(2) * 9, random.random() * np.pi, 1 + random.random()
    x = scale * (np.cos(turn) * columns + np.sin(turn) * rows) + shift[0]
    y = scale * (np.cos(turn) * rows - np.sin(turn) * columns) + shift[1]
    shape = (np.asarray(_KINDS[name](x, y), float) + 1) / 2
    one, other = random.integers(0, 256, (2, 3))
    light = 0.7 + 0.3 * np.cos(x / 3 + shift[0])
    colours = (one + shape[..., None] * (other - one)) * light[..., None]
    noisy: NDArray[np.float64] = colours + random.normal(0, 12, colours.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


_KINDS = {
    "blobs": lambda x, y: np.sin(3 * x) * np.sin(3 * y),
    "checks": lambda x, y: np.sign(np.sin(6 * x) * np.sin(6 * y)),
    "rings": lambda x, y: np.sin(9 * np.hypot(x % 3 - 1.5, y % 3 - 1.5)),
    "stripes": lambda x, y: np.sign(np.sin(9 * x)),
    "waves": lambda x, y: np.sin(7 * x + 2 * np.sin(4 * y)),
}


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        print(json.dumps(train(Path(sys.argv[2]), Path(sys.argv[3]))))
