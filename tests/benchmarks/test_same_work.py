"""The contenders train by the pipeline's recipe, though none may import it."""

import ast
import inspect
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import prototype
from benchmarks.stock_tfx import user_code
from models.training.augmentation import MAX_SHIFT
from models.training.optimizer import OneCycle
from pipeline.settings import REPOSITORY


def _stock_augmented(images: tf.Tensor) -> tf.Tensor:
    flat = tf.reshape(images, [-1, 784])
    features, _ = user_code.augmented({user_code.IMAGE_XF: flat}, tf.zeros([len(images)]))
    return tf.reshape(features[user_code.IMAGE_XF], [-1, 28, 28, 1])


def _variants(image: np.ndarray) -> set[bytes]:
    """All that augmentation may make of one image [28, 28]."""
    padded = np.pad(image, MAX_SHIFT)
    places = range(2 * MAX_SHIFT + 1)
    shifted = [padded[row : row + 28, column : column + 28] for row in places for column in places]
    return {made.tobytes() for part in shifted for made in (part, part[:, ::-1])}


@pytest.mark.parametrize("augmented", [prototype.augmented, _stock_augmented])
def test_augmentation_makes_what_the_pipelines_makes(augmented: Callable):
    image = np.random.default_rng(0).random((28, 28), np.float32)
    many = tf.constant(np.broadcast_to(image[None, :, :, None], (600, 28, 28, 1)))
    made = {picture.tobytes() for picture in augmented(many).numpy()}
    assert made == _variants(image)


@pytest.mark.parametrize(
    "schedule", [prototype.OneCycle, user_code.OneCycle], ids=["prototype", "stock"]
)
def test_the_learning_rate_is_the_pipelines(schedule: type):
    steps = tf.range(100)
    expected = OneCycle(0.01, steps=100, warmup_fraction=0.2)(steps)
    np.testing.assert_allclose(schedule(0.01, 100, 20)(steps), expected, rtol=1e-6)


@pytest.mark.parametrize("module", [prototype, user_code])
def test_contenders_import_nothing_of_the_project(module: ModuleType):
    imported: set[str] = set()
    for statement in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(statement, ast.Import):
            imported.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            imported.add(statement.module or "")
    own = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert {"benchmarks", "components", "models", "pipeline", "serving"} <= own
    assert not {name for name in imported if name.partition(".")[0] in own}
