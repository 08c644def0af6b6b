"""Signatures of a SavedModel as plain data, so that nothing but loading needs TensorFlow."""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Mapping
from typing import Any

DEFAULT_SIGNATURE = "serving_default"
PREDICT_METHOD = "tensorflow/serving/predict"
CLASSIFY_METHOD = "tensorflow/serving/classify"
REGRESS_METHOD = "tensorflow/serving/regress"


class DataType(enum.IntEnum):
    """Types of tensors (tensorflow/core/framework/types.proto); reference types are not served."""

    INVALID = 0
    FLOAT = 1
    DOUBLE = 2
    INT32 = 3
    UINT8 = 4
    INT16 = 5
    INT8 = 6
    STRING = 7
    COMPLEX64 = 8
    INT64 = 9
    BOOL = 10
    QINT8 = 11
    QUINT8 = 12
    QINT32 = 13
    BFLOAT16 = 14
    QINT16 = 15
    QUINT16 = 16
    UINT16 = 17
    COMPLEX128 = 18
    HALF = 19
    RESOURCE = 20
    VARIANT = 21
    UINT32 = 22
    UINT64 = 23

    @classmethod
    def _missing_(cls, value: object) -> DataType:
        """A type that is younger than this list spoils the signature that has it, not the model."""
        return cls.INVALID

    @property
    def text(self) -> str:
        """The name that TensorFlow prints in messages, such as `float`."""
        return self.name.lower()


@dataclasses.dataclass(frozen=True)
class TensorInfo:
    """One input or output of a signature."""

    tensor: str
    """Name in the graph, such as `serving_default_images:0`."""
    dtype: DataType


@dataclasses.dataclass(frozen=True)
class Signature:
    """Inputs and outputs by the names that clients use, in alphabetical order."""

    method: str
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Arrays of the inputs that a request may leave out (SignatureDef.defaults)."""

    @functools.cached_property
    def all_fetches(self) -> tuple[str, ...]:
        """The tensors of all outputs, each once."""
        return tuple(sorted({info.tensor for info in self.outputs.values()}))
