from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from serving.server.status import Code, StatusError

pytestmark = pytest.mark.slow


def load(path: Path, **options: int):
    from serving.server.saved_model import SavedModel

    return SavedModel(str(path), **options)


def test_signatures_are_read_and_run(saved_model: Path):
    model = load(saved_model)
    signature = model.signatures["serving_default"]
    assert list(signature.inputs) == ["x"]
    assert signature.inputs["x"].dtype.text == "float"
    [y] = model.run(
        {signature.inputs["x"].tensor: np.ones((2, 2), np.float32)},
        [signature.outputs["y"].tensor],
    )
    np.testing.assert_array_equal(y, np.full((2, 2), 3, np.float32))
    model.close()


def test_assets_and_tables_are_initialized(tmp_path: Path):
    import tensorflow as tf

    vocabulary = tmp_path / "words.txt"
    vocabulary.write_text("zero\none\n")

    class Words(tf.Module):
        def __init__(self) -> None:
            self.table = tf.lookup.StaticVocabularyTable(
                tf.lookup.TextFileInitializer(
                    str(vocabulary),
                    tf.string,
                    tf.lookup.TextFileIndex.WHOLE_LINE,
                    tf.int64,
                    tf.lookup.TextFileIndex.LINE_NUMBER,
                ),
                num_oov_buckets=1,
            )

        @tf.function(autograph=False)
        def number(self, word):
            return {"number": self.table.lookup(word)}

    module = Words()
    call = module.number.get_concrete_function(tf.TensorSpec([None], tf.string, "word"))
    tf.saved_model.save(module, str(tmp_path / "model"), signatures={"serving_default": call})
    vocabulary.unlink()
    model = load(tmp_path / "model")
    signature = model.signatures["serving_default"]
    words = np.array([b"one", b"zero", b"two"], np.object_)
    [numbers] = model.run(
        {signature.inputs["word"].tensor: words}, [signature.outputs["number"].tensor]
    )
    assert numbers.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda version: shutil.rmtree(version), Code.NOT_FOUND),
        (lambda version: (version / "saved_model.pb").unlink(), Code.NOT_FOUND),
        (lambda version: os.truncate(version / "saved_model.pb", 100), Code.OUT_OF_RANGE),
        (lambda version: shutil.rmtree(version / "variables"), Code.NOT_FOUND),
        (lambda version: (version / "variables" / "variables.index").unlink(), Code.NOT_FOUND),
        (lambda version: os.truncate(version / "variables" / "variables.index", 40), None),
        (lambda version: _data(version).unlink(), None),
        (lambda version: os.truncate(_data(version), 1), None),
    ],
)
def test_a_partial_copy_does_not_load(
    saved_model: Path, tmp_path: Path, damage: Callable[[Path], object], code: Code | None
):
    version = tmp_path / "1"
    shutil.copytree(saved_model, version)
    damage(version)
    with pytest.raises(StatusError) as caught:
        load(version)
    assert code in (None, caught.value.code)


def _data(version: Path) -> Path:
    return version / "variables" / "variables.data-00000-of-00001"


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path):
    import tensorflow as tf

    def count(n):
        return {"n": tf.while_loop(lambda i: i < n, lambda i: (i + 1,), (tf.constant(0),))[0]}

    call = tf.function(count, autograph=False).get_concrete_function(
        tf.TensorSpec([], tf.int32, "n")
    )
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"), signatures={"count": call})
    model = load(tmp_path / "model", timeout_ms=200)
    signature = model.signatures["count"]
    with pytest.raises(StatusError) as caught:
        model.run(
            {signature.inputs["n"].tensor: np.int32(2**31 - 1)}, [signature.outputs["n"].tensor]
        )
    assert caught.value.code is Code.DEADLINE_EXCEEDED
