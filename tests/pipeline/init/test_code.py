"""The file of code that `init` writes runs as it stands, whatever kinds there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from models.declaration import Declaration
from models.user_network import UserNetwork
from pipeline.init.code import code_text
from pipeline.user_code import read_code
from tests.models import user_file

IMAGE = {"kind": "image", "size": [12, 12]}
NUMBER, CATEGORY, TEXT = ({"kind": kind} for kind in ("number", "category", "text"))
CLASSES = {"name": "label", "kind": "classes", "values": ["a", "b", "c"]}
SPECS: dict[str, Any] = {
    "scan": tf.TensorSpec([None, 12, 12, 1], tf.float32),
    "numbers_": tf.TensorSpec([None, 32], tf.float32),
    "words_": tf.TensorSpec([None, 3], tf.int64),
    "texts_": tf.SparseTensorSpec([None, None], tf.int64),
}
CASES = [
    ({"scan": IMAGE}, CLASSES, "scan"),
    ({"fare": NUMBER, "company": CATEGORY}, CLASSES, "numbers_ words_"),
    ({"remarks": TEXT}, {"name": "price", "kind": "number"}, "texts_"),
    ({"scan": IMAGE, "it's": {"kind": "date"}, "t": TEXT}, CLASSES, "scan numbers_ words_ texts_"),
]


@pytest.mark.medium
@pytest.mark.parametrize(("features", "label", "given"), CASES)
def test_it_makes_a_network_of_every_kind(
    tmp_path: Path, features: dict, label: dict, given: str
) -> None:
    declaration = Declaration.model_validate({"features": features, "label": label})
    function = user_file.write(tmp_path, code_text("it's {mine}", declaration), "network")
    path = tmp_path / function.module.replace(".", "/")
    assert [*read_code(path.with_suffix(".py")).functions] == ["network"]
    specs = {name: SPECS[name] for name in given.split()}
    sizes = {"words_": 7, "texts_": 9}
    network = UserNetwork(function, declaration, specs, sizes, seed=0, preprocessed=False)
    batch = {
        name: tf.sparse.from_dense(tf.constant([[1, 2], [3, 0]], tf.int64))
        if isinstance(spec, tf.SparseTensorSpec)
        else tf.ones([2, *spec.shape[1:]], spec.dtype)
        for name, spec in specs.items()
    }
    logits = network(batch, training=True)
    assert logits.shape == (2, 3 if label is CLASSES else 1)
    assert network.trainable_variables
