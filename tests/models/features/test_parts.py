from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from models.features.parts import in_columns, one


def sparse(rows: list[list[float]]) -> tf.SparseTensor:
    """As parsed from examples: as wide as the fullest of them."""
    return tf.RaggedTensor.from_row_lengths(
        tf.constant([value for row in rows for value in row], tf.float32), list(map(len, rows))
    ).to_sparse()


@pytest.mark.parametrize("shared", [False, True])
def test_each_example_has_its_value_or_misses_it(*, shared: bool) -> None:
    nan = float("nan")
    features = {
        "full": sparse([[1.0], [2.0], [3.0]]),
        "some": sparse([[], [5.0], []]),
        "none": sparse([[], [], []]),
    }
    given = in_columns(features) if shared else features
    found = {name: one(values, nan).numpy() for name, values in given.items()}
    wanted: dict[str, list[float]] = {"full": [1, 2, 3], "some": [nan, 5, nan], "none": [nan] * 3}
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize("shared", [False, True])
def test_several_values_are_refused(*, shared: bool) -> None:
    features = {"fare": sparse([[1.0], [2.0, 3.0]])}
    with pytest.raises(tf.errors.InvalidArgumentError):
        one((in_columns(features) if shared else features)["fare"], -1.0)


def test_what_is_dense_stays_as_it_is() -> None:
    pixels = tf.constant([b"12", b"34"])
    found = in_columns({"photo": pixels, "fare": sparse([[], [1.0]])})
    assert found["photo"] is pixels
    np.testing.assert_array_equal(one(found["fare"], 0.0), [np.nan, 1])


def test_a_column_more_costs_few_operations() -> None:
    def operations(columns: int) -> int:
        spec = {str(name): tf.SparseTensorSpec([None, None]) for name in range(columns)}

        @tf.function(input_signature=[spec], autograph=False)
        def made(features: dict[str, tf.SparseTensor]) -> list[tf.Tensor]:
            return [one(values, 0.0) for values in in_columns(features).values()]

        return len(made.get_concrete_function().graph.as_graph_def().node)

    # Its three inputs, dense, and the result.
    assert operations(17) - operations(16) <= 5
