"""TensorFlow Lite files of a frozen graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.variants.frozen import Frozen, UnfitError
from documents.shown import shown

Rows = Sequence[NDArray[np.float32]]
"""One example: float32 [1, ...] for each input, in their order."""
SUFFIX = ".tflite"


def convert(name: str, frozen: Frozen, calibration: Callable[[], Sequence[Rows]]) -> bytes:
    """The file of the variant `name`.

    Args:
      name: one of CONVERSIONS.
      frozen: the graph.
      calibration: gives the examples from which int8 takes the ranges of its activations.

    Raises:
      UnfitError: TensorFlow Lite has no operation for something in the graph.
    """
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen.function])
    CONVERSIONS[name](converter, frozen, calibration)
    try:
        content: bytes = converter.convert()
        return content
    except Exception as error:  # ConverterError is private, and not all that is raised
        raise UnfitError(
            f"{name}: TensorFlow Lite cannot convert the graph ({_told(error)}); take {name} out of"
            " variants.make."
        ) from error


def _float16(converter: Any, frozen: Frozen, calibration: Any) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]


def _dynamic_range(converter: Any, frozen: Frozen, calibration: Any) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def _int8(converter: Any, frozen: Frozen, calibration: Callable[[], Sequence[Rows]]) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: map(list, calibration())
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if all(frozen.inputs.values()):
        # Pixels are bytes already. Numbers of a table would lose what tells them apart.
        converter.inference_input_type = tf.uint8


PRUNED = ("pruned", "pruned_int8")
"""Conversions of the pruned graph."""

CONVERSIONS: dict[str, Callable[[Any, Frozen, Any], None]] = {
    "float32": lambda converter, frozen, calibration: None,
    "float16": _float16,
    "dynamic_range": _dynamic_range,
    "int8": _int8,
    "pruned": lambda converter, frozen, calibration: None,
    "pruned_int8": _int8,
}


def _told(error: Exception) -> str:
    """What in a converter's long message says most: the first line that names an operation."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "error:" in line or "op" in line.lower().split()]
    return shown((telling or lines or [type(error).__name__])[0])[:200].rstrip(".: ")
