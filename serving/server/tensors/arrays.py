"""Arrays that TensorFlow takes as they are.

It copies an array that does not begin at a multiple of 64 bytes (EIGEN_MAX_ALIGN_BYTES in
TF_NewTensor, c/tf_tensor.cc), and large ones of numpy never do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALIGNMENT = 64
_LARGE_BYTES = 1 << 20
"""Smaller arrays are cheaper to copy than to align."""


def empty(shape: int | Sequence[int], kind: Any) -> NDArray[Any]:
    """As `numpy.empty` with this shape and dtype; one of a MiB or more is aligned to 64 bytes."""
    dtype = np.dtype(kind)
    size = math.prod(shape) if isinstance(shape, Sequence) else shape
    if size * dtype.itemsize < _LARGE_BYTES or dtype.hasobject:
        return np.empty(shape, dtype)
    room = np.empty(size * dtype.itemsize + _ALIGNMENT, np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    return room[start : start + size * dtype.itemsize].view(dtype).reshape(shape)


def aligned(array: NDArray[Any]) -> NDArray[Any]:
    """The array, or a copy where TensorFlow would make one or two."""
    if array.nbytes < _LARGE_BYTES or array.ctypes.data % _ALIGNMENT == 0:
        return array
    copy = empty(array.shape, array.dtype)
    copy[...] = array
    return copy
