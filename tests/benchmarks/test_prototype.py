"""The plain script, run for real on the bundled sample."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.contenders import Prototype
from benchmarks.work import plan
from pipeline.settings import REPOSITORY


@pytest.mark.slow
@pytest.mark.extended
def test_the_script_trains_and_saves_what_it_measured(tmp_path: Path):
    work = plan(REPOSITORY / "configs" / "quick.yaml", ["training.epochs=1"])
    script = Prototype(work, tmp_path)
    usage = script.measure()
    accuracy = script.accuracy()
    assert usage.cpu_seconds > 1
    assert accuracy > 0.4
    images, labels = work.test_set()
    model = tf.saved_model.load(str(script.folder / "model"))
    answers = model.signatures["serving_default"](tf.constant(images))["probabilities"].numpy()
    assert np.mean(answers.argmax(axis=1) == labels) == pytest.approx(accuracy)
