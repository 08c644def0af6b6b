"""The input of the stock wiring."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.stock_tfx.image_floats import accuracy, write
from benchmarks.work import plan
from pipeline.settings import REPOSITORY
from tests.fashion_mnist import SAMPLE


def _examples(split: Path) -> list[tf.train.Example]:
    [file] = split.iterdir()
    return [
        tf.train.Example.FromString(record)
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
    ]


@pytest.mark.medium
def test_splits_are_cut_as_the_pipeline_cuts_them(tmp_path: Path):
    write(SAMPLE, tmp_path, eval_examples=400)
    work = plan(REPOSITORY / "configs" / "quick.yaml")
    images, labels = work.test_set()
    test = _examples(tmp_path / "test")
    assert len(_examples(tmp_path / "train")) == work.train_examples
    assert len(_examples(tmp_path / "eval")) == 400
    assert [e.features.feature["image_class"].int64_list.value[0] for e in test] == [*labels]
    floats = np.array(test[0].features.feature["image_floats"].float_list.value)
    np.testing.assert_array_equal(np.round((floats + 0.5) * 255), images[0].ravel())
    assert floats.min() >= -0.5
    assert floats.max() <= 0.5


@pytest.mark.medium
def test_accuracy_is_that_of_the_saved_model(tmp_path: Path):
    write(SAMPLE, tmp_path, eval_examples=400)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def always_trousers(examples: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(tf.ones_like(examples, tf.int32), 10)

    model = tf.Module()
    signatures = {"serving_default": always_trousers}
    tf.saved_model.save(model, str(tmp_path / "model"), signatures=signatures)
    labels = plan(REPOSITORY / "configs" / "quick.yaml").test_set()[1]
    assert accuracy(tmp_path / "model", tmp_path / "test") == np.mean(labels == 1)
