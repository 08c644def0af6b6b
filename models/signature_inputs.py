"""Inputs of a signature by the names of columns, and what a request may leave out."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from models.declaration import Declaration
from models.features.kind import FeatureKind

PICTURES = "image_bytes"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = re.compile(rf"column_|.*{PICTURES}", re.IGNORECASE)


def plain_names(kinds: Mapping[str, FeatureKind]) -> dict[str, str]:
    """What a graph calls each column: TensorFlow takes only plain names for its placeholders, and
    none that differ in case alone.

    Those of images tell clients that files go in, as `serving.clients.signatures` reads them.
    """
    often = Counter(map(str.lower, kinds))
    return {
        name: name
        if _PLAIN.fullmatch(name)
        and not _TAKEN.match(name)
        and not kind.READS_FILES
        and often[name.lower()] == 1
        else f"{PICTURES if kind.READS_FILES else 'column'}_{index}"
        for index, (name, kind) in enumerate(kinds.items())
    }


def name_inputs(
    folder: str, signature: str, declaration: Declaration, plain: Mapping[str, str]
) -> None:
    """Gives the inputs of a signature the names of their columns, and writes the declared defaults.

    The keys of a SignatureDef may be any text. Its `defaults` are what TensorFlow Serving fills in
    over gRPC (tensorflow_serving/servables/tensorflow/predict_util.cc).

    Args:
      folder: that tf.saved_model.save wrote just now; nothing may be loaded from it yet.
      plain: the key that each column has until now.
    """
    path = os.path.join(folder, tf.saved_model.SAVED_MODEL_FILENAME_PB)
    saved_model = saved_model_pb2.SavedModel()
    with tf.io.gfile.GFile(path, "rb") as file:
        saved_model.ParseFromString(file.read())
    [meta_graph] = saved_model.meta_graphs
    definition = meta_graph.signature_def[signature]
    found = {name: definition.inputs[key] for name, key in plain.items()}
    copies = {name: type(info).FromString(info.SerializeToString()) for name, info in found.items()}
    definition.inputs.clear()
    for name, info in copies.items():
        definition.inputs[name].CopyFrom(info)
        default = declaration.used[name].default
        if default is not None:
            value = tf.make_tensor_proto([default], tf.as_dtype(info.dtype), [1])
            definition.defaults[name].CopyFrom(value)
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(saved_model.SerializeToString(deterministic=True))
