"""Serialized tf.train.Example messages of one image and one label, without building messages.

Building 70,000 messages costs ten times the CPU of everything else here. All examples of a data set
differ only in the image's bytes and in the label, so the rest is encoded once per label and
joined. The bytes are those of SerializeToString(deterministic=True), which tests compare.
Wire format: https://protobuf.dev/programming-guides/encoding; messages: tensorflow/core/example.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_BYTES_LIST, _INT64_LIST = 1, 3


def encode_examples(
    images: NDArray[np.uint8], labels: NDArray[np.integer], image: str, label: str
) -> Iterator[bytes]:
    """Yields one serialized Example per image.

    Args:
      images: uint8 [n, ...], all of one size.
      labels: integers [n] within int64.
      image: name of the feature with one bytes value: the pixels, row-major.
      label: name of the feature with one int64 value.
    """
    pixels = np.ascontiguousarray(images).tobytes()
    size = len(pixels) // len(images) if len(images) else 0
    around: dict[int, tuple[bytes, bytes]] = {}
    for index, value in enumerate(labels.tolist()):
        if value not in around:
            around[value] = _around_image(image, size, label, value)
        before, after = around[value]
        yield before + pixels[index * size : (index + 1) * size] + after


def _around_image(image: str, size: int, label: str, value: int) -> tuple[bytes, bytes]:
    """The bytes before and after an image of `size` bytes."""
    # An entry ends with its value. Integers are packed, negative ones as uint64.
    image_entry = _feature(image, _BYTES_LIST, bytes(size))
    label_entry = _feature(label, _INT64_LIST, _varint(value % (1 << 64)))
    # Deterministic serialization sorts map keys.
    last = label_entry if image < label else b""
    example = _field(1, image_entry + last if last else label_entry + image_entry)
    image_end = len(example) - len(last)
    return example[: image_end - size], example[image_end:]


def _feature(name: str, kind: int, value: bytes) -> bytes:
    """An entry of Features.feature, a map from a name to a Feature with a list of one value."""
    return _field(1, _field(1, name.encode()) + _field(2, _field(kind, _field(1, value))))


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited field (wire type 2): the only kind in these messages."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
