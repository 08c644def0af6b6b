"""What a user's preprocess may make of features, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models import user_preprocess
from models.declaration import Declaration
from models.user_code import UserCodeError
from tests.models import user_file

DECLARATION = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number"},
            "company": {"kind": "category"},
            "scan": {"kind": "image", "size": [2, 2]},
        },
        "label": {"name": "tip", "kind": "number"},
    }
)


def inputs() -> dict[str, Any]:
    """Two rows: a fare and no company, a company and no fare."""
    return {
        "fare": tf.SparseTensor([[0, 0]], tf.constant([4.0]), [2, 1]),
        "company": tf.SparseTensor([[1, 0]], [b"Red"], [2, 1]),
        "scan": tf.constant([bytes(4), b"\xff" * 4]),
    }


def apply(folder: Path, body: str) -> dict[str, Any]:
    source = f"import tensorflow as tf\n\ndef preprocess(features):\n{body}\n"
    function = user_file.write(folder, source, "preprocess")

    @tf.function(autograph=False)
    def traced() -> dict[str, Any]:
        made = user_preprocess.apply(function, DECLARATION, _open(inputs()))
        parts = user_preprocess.parts_of(function, DECLARATION, made)
        return {**parts.numbers, **parts.words, **parts.images}

    return traced()


def _open(given: dict[str, Any]) -> dict[str, Any]:
    """With as many rows as there may be, as in the graph of Transform."""
    scan = tf.compat.v1.placeholder_with_default(given["scan"], [None])
    sparse = {
        name: tf.SparseTensor(
            tf.compat.v1.placeholder_with_default(value.indices, [None, 2]),
            tf.compat.v1.placeholder_with_default(value.values, [None]),
            tf.compat.v1.placeholder_with_default(value.dense_shape, [2]),
        )
        for name, value in given.items()
        if isinstance(value, tf.SparseTensor)
    }
    return {**sparse, "scan": scan}


def test_features_come_dense_and_new_ones_become_numbers_and_categories(tmp_path: Path) -> None:
    body = """\
    features["twice"] = features["fare"] * 2
    features["long"] = tf.cast(tf.strings.length(features["company"]) > 0, tf.int64)
    features["small"] = tf.strings.lower(features["company"])
    del features["fare"]
    return features"""
    made = apply(tmp_path, body)
    assert sorted(made) == ["company", "long", "scan", "small", "twice"]
    np.testing.assert_array_equal(made["twice"], [8.0, np.nan])
    np.testing.assert_array_equal(made["long"], [0.0, 1.0])
    assert made["small"].numpy().tolist() == [b"", b"red"]
    assert made["scan"].shape == (2, 2, 2, 1)


REFUSED = [
    ("    return None", "returned nothing; return a dict of tensors by name"),
    ("    return {'a': 1.0}", "returned 'a' as a float; it must be a tensor"),
    ("    return {'tip': features['fare']}", "returned 'tip' as a name"),
    ("    return {'a': tf.equal(features['fare'], 1)}", "returned 'a' as bool; cast it"),
    ("    return {'a': tf.reduce_sum(features['fare'])}", "all sizes but the first"),
    ("    return {'a': tf.zeros([3, 2])}", "with 3 rows whatever the examples"),
    ("    return {'a': features['fare']}", "left out the image scan"),
    (
        "    return {**features, 'a': tf.stack([features['fare']] * 2, 1)}",
        r"returned a as float32 \(None, 2\); without a network of your own it must be a number",
    ),
    (
        "    return {**features, 'scan': features['scan'][:, :1]}",
        r"returned scan as float32 .*it must be the image that it was",
    ),
    (
        "    x = features['fare']\n    return {'a': x + features['company']}",
        r"mine.py:5 in preprocess: .*around it .*x float32 \[None\]",
    ),
]


@pytest.mark.medium
@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_anything_else_is_told(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(UserCodeError, match=said):
        apply(tmp_path, body)


@pytest.mark.medium
@pytest.mark.parametrize("far", [float("inf"), -float("inf"), -2e30])
def test_numbers_that_make_nan_of_a_network_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, far: float
) -> None:
    given = {**inputs(), "fare": tf.SparseTensor([[1, 0]], tf.constant([far]), [2, 1])}
    monkeypatch.setitem(globals(), "inputs", lambda: given)
    with pytest.raises(tf.errors.InvalidArgumentError, match="fare holds a number beyond 1e\\+30"):
        apply(tmp_path, "    return features")
