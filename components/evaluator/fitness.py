"""Whether a model can be evaluated at all, and whose fault it is when an evaluation ends early."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_model_analysis.proto import config_pb2

from documents.shown import shown

# What TensorFlow raises where a graph cannot digest its inputs, and Python where answers have
# another form than the metrics take. All else may be the fault of the machine or of the examples.
_OF_THE_MODEL = (
    tf.errors.InvalidArgumentError,
    tf.errors.FailedPreconditionError,
    tf.errors.UnimplementedError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
)
_BEAM_SUFFIX = re.compile(r"\s*\[while running .*\]\s*$", re.DOTALL)
_PLACES = re.compile(r"\{\{.*?\}\}|\[Op:[^\]]*\].*$")
_NO_CAUSE = ("Graph execution error", "Detected at node", "<stack traces")
_LONGEST = 300


def unfit(folder: str, spec: config_pb2.ModelSpec) -> str | None:
    """Why the SavedModel in `folder` does not answer as `spec` asks it to; None when it does.

    Raises:
      OSError, tf.errors.OpError: the file is there and cannot be read.
    """
    saved_model = saved_model_pb2.SavedModel()
    try:
        with tf.io.gfile.GFile(
            os.path.join(folder, tf.saved_model.SAVED_MODEL_FILENAME_PB), "rb"
        ) as file:
            saved_model.ParseFromString(file.read())
    except tf.errors.NotFoundError:
        return f"it holds no {tf.saved_model.SAVED_MODEL_FILENAME_PB}"
    except DecodeError:
        return f"its {tf.saved_model.SAVED_MODEL_FILENAME_PB} cannot be parsed"
    signatures = {
        name: signature
        for graph in saved_model.meta_graphs
        if tf.saved_model.SERVING in graph.meta_info_def.tags
        for name, signature in graph.signature_def.items()
    }
    if spec.signature_name not in signatures:
        found = ", ".join(sorted(name for name in signatures if not name.startswith("__")))
        return f"it has no signature {spec.signature_name} (it has: {found or 'none'})"
    outputs = sorted(signatures[spec.signature_name].outputs)
    # TFMA takes the only output of a signature for the prediction, whatever its name.
    if len(outputs) > 1 and spec.prediction_key and spec.prediction_key not in outputs:
        return (
            f"its signature {spec.signature_name} has no output {spec.prediction_key}"
            f" (it has: {', '.join(outputs)})"
        )
    return None


def is_fault_of_model(error: BaseException) -> bool:
    """Whether an evaluation ended because of the model, not because of the machine.

    TFMA raises ValueError for whatever a graph raises, out of memory too; so the cause decides.
    """
    chain = list(_chain(error))
    if any(isinstance(found, (OSError, MemoryError)) for found in chain):
        return False
    return isinstance(_telling(chain), _OF_THE_MODEL)


def first_line(error: BaseException) -> str:
    """What went wrong, without the places in Beam's and TensorFlow's graphs where it did."""
    text = _BEAM_SUFFIX.sub("", str(_telling(list(_chain(error)))))
    lines = [_PLACES.sub("", line).strip() for line in text.splitlines()]
    found = next((line for line in lines if line and not line.startswith(_NO_CAUSE)), "")
    return shown(found[:_LONGEST] or type(error).__name__).rstrip(".: ")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from or beside, and so on."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _telling(chain: Sequence[BaseException]) -> BaseException:
    return next((found for found in chain if isinstance(found, tf.errors.OpError)), chain[0])
