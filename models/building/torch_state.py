"""Reads the weights in a PyTorch file of the old kind, without PyTorch and without running it.

Such a file is a few pickles and then raw numbers. A pickle can call any function by its name; here
it can name the ten that a dictionary of tensors consists of, and none of them is called: what it
gets in their place only remembers sizes, which are held against the file before a byte is taken.
The format: torch/serialization.py, `_legacy_save`.
"""

from __future__ import annotations

import io
import math
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_DTYPES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}
_MOST_AXES = 8


class TorchFileError(ValueError):
    """The file is none of weights, or damaged; the text is the end of a sentence about it."""


@dataclass
class _Storage:
    """A run of numbers, once they are read."""

    dtype: np.dtype[Any]
    count: int
    values: NDArray[Any] | None = None


@dataclass(frozen=True)
class _Tensor:
    """A part of one."""

    storage: _Storage
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers; within the storage, as `_tensor` has seen to."""

    def values(self) -> NDArray[Any]:
        """A copy, row by row."""
        assert self.storage.values is not None
        values = self.storage.values[self.start :]
        steps = [stride * values.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(values, self.shape, steps).copy("C")


def read_state(content: bytes) -> Mapping[str, NDArray[Any]]:
    """The tensors of a state_dict by their names, of the shapes and types that they have there.

    Raises:
      TorchFileError: it holds anything else, is damaged, or goes on behind its end.
    """
    file, storages = io.BytesIO(content), dict[str, _Storage]()
    try:
        if _load(file, storages) != _MAGIC or _load(file, storages) != _PROTOCOL:
            raise TorchFileError("is no PyTorch file of the kind that was written until 2020")
        system = _load(file, storages)
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise TorchFileError("was written on a machine with another order of bytes")
        state, keys = _load(file, storages), _load(file, storages)
        if not isinstance(state, dict) or not isinstance(keys, list):
            raise TorchFileError("holds no dictionary of tensors")
        _read_storages(file, storages, keys)
        return {str(name): _as_tensor(name, each).values() for name, each in state.items()}
    except TorchFileError:
        raise
    # What unpickling raises of damaged bytes is not limited to its own errors.
    except Exception as error:
        raise TorchFileError(f"is damaged ({type(error).__name__}: {error})") from error


def _as_tensor(name: object, value: object) -> _Tensor:
    if not isinstance(value, _Tensor):
        raise TorchFileError(f"holds {type(value).__name__} {name!r:.100} among its tensors")
    return value


def _read_storages(file: io.BytesIO, storages: Mapping[str, _Storage], keys: list[Any]) -> None:
    if sorted(map(str, keys)) != sorted(storages):
        raise TorchFileError("lists other numbers than its tensors consist of")
    for key in keys:
        storage = storages[str(key)]
        if int.from_bytes(_exactly(file, 8), "little", signed=True) != storage.count:
            raise TorchFileError("holds another count of numbers than its tensors need")
        content = _exactly(file, storage.count * storage.dtype.itemsize)
        storage.values = np.frombuffer(content, storage.dtype)
    if file.read(1):
        raise TorchFileError("goes on behind its last tensor")


def _exactly(file: io.BytesIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) != count:
        raise TorchFileError("is cut short")
    return content


def _load(file: io.BytesIO, storages: dict[str, _Storage]) -> Any:
    return _Unpickler(file, storages).load()


class _Unpickler(pickle.Unpickler):
    """Knows no function of this machine."""

    def __init__(self, file: io.BytesIO, storages: dict[str, _Storage]):
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a global of that name."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise TorchFileError(f"asks for {module}.{name}, which no file of weights needs")

    def persistent_load(self, given: Any) -> _Storage:
        """A storage by its key; the numbers come later in the file."""
        kind, dtype, key, _, count, *_ = given
        if kind != "storage" or not isinstance(dtype, np.dtype) or not _is_count(count):
            raise TorchFileError("names something that is no run of numbers")
        return self._storages.setdefault(str(key), _Storage(dtype, count))


def _tensor(storage: Any, start: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    if not isinstance(storage, _Storage) or not _is_count(start):
        raise TorchFileError("holds a tensor of nothing")
    if not isinstance(shape, tuple) or len(shape) > _MOST_AXES or not all(map(_is_count, shape)):
        raise TorchFileError("holds a tensor of no shape")
    if not isinstance(strides, tuple) or len(strides) != len(shape):
        raise TorchFileError("holds a tensor without strides")
    if not all(map(_is_count, strides)):
        raise TorchFileError("holds a tensor that is read backwards")
    size = math.prod(shape)
    last = start + sum(
        (count - 1) * stride for count, stride in zip(shape, strides, strict=True) if size
    )
    # By the first nothing outside is read; by the second, nothing is read again and again.
    if (size and last >= storage.count) or size > storage.count:
        raise TorchFileError("holds a tensor that is larger than its numbers")
    return _Tensor(storage, start, shape, strides)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 40
