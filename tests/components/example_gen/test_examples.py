from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.examples import encode_examples


def serialized_by_tensorflow(image: np.ndarray, label: int, names: tuple[str, str]) -> bytes:
    example = tf.train.Example()
    example.features.feature[names[0]].bytes_list.value.append(image.tobytes())
    example.features.feature[names[1]].int64_list.value.append(label)
    return example.SerializeToString(deterministic=True)


@given(
    height=st.integers(1, 160),
    width=st.integers(1, 160),
    names=st.sampled_from([("image", "label"), ("picture", "class"), ("Ä", "ß"), ("z", "a")]),
    labels=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9), min_size=1, max_size=5),
)
def test_bytes_are_those_of_tensorflow(
    height: int, width: int, names: tuple[str, str], labels: list[int]
):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (len(labels), height, width)).astype(np.uint8)
    encoded = list(encode_examples(images, np.array(labels, np.int64), *names))
    assert encoded == [
        serialized_by_tensorflow(image, label, names)
        for image, label in zip(images, labels, strict=True)
    ]


def test_no_images_give_no_examples():
    assert (
        list(encode_examples(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8), "a", "b"))
        == []
    )
