"""What the graph makes of a number."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from models.features.number.kind import Number
from models.features.number.transform import transform


def test_what_a_table_writes_for_nothing_is_missing_whoever_sends_it() -> None:
    number = Number(kind="number", missing=(-999, 99.9, "not weighed"))
    sent = tf.constant([-999.0, 99.9, 5.0, float("nan"), -999.5], tf.float32)
    found = transform(number, "weight", sent).numbers["weight"].numpy()
    np.testing.assert_array_equal(np.isnan(found), [True, True, False, True, False])
    held = [number.value(cell) for cell in (-999, "99.90", "5", "Not weighed", -999.5)]
    assert held == [None, None, 5.0, None, -999.5]
