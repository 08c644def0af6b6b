from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from models.training.tensorboard import Summaries


def test_shows_curves_confusion_and_graph(tmp_path: Path) -> None:
    double = tf.function(lambda value: 2 * value, autograph=False)
    summaries = Summaries(str(tmp_path))
    summaries.graph(double.get_concrete_function(tf.TensorSpec([], tf.float32)))
    for step in (50, 100):
        summaries.scalars(step, loss=1 / step, learning_rate=0.1)
    summaries.confusion(100, np.eye(10, dtype=np.int64), list("ABCDEFGHIJ"))
    summaries.close()

    shown = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0})
    shown.Reload()
    assert set(shown.Tags()["tensors"]) == {"loss", "learning_rate", "confusion"}
    losses = [(event.step, tf.make_ndarray(event.tensor_proto)) for event in shown.Tensors("loss")]
    assert losses == [(50, np.float32(0.02)), (100, np.float32(0.01))]
    (picture,) = shown.Tensors("confusion")
    width, height, png = tf.make_ndarray(picture.tensor_proto)
    assert tf.io.decode_png(png).shape == (int(height), int(width), 3)
    assert any(node.op == "Mul" for node in shown.Graph().node)
