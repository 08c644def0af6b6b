"""What a .tflite file says of itself: names, ranges of its inputs, and the labels of its output.

Phones' libraries read it: a flatbuffer among the buffers of the file, which names files in a zip
archive behind it. No package for this Python writes it (tflite-support ended with Python 3.11), so
its tables are built here, by the numbers of their fields in
https://github.com/tensorflow/tflite-support/blob/master/tensorflow_lite_support/metadata/metadata_schema.fbs
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from documents.variants import VariantInput, Variants

NAME = "TFLITE_METADATA"
LABELS = "labels.txt"
_IDENTIFIER = b"M001"
_PARSER = "1.0.0"
"""The version of the schema that knows all that is used here."""
_AXIS_LABELS = 2
_IMAGE, _NORMALIZATION = 2, 1
"""Places in the unions ContentProperties and ProcessUnitOptions."""
_FEATURE = 1
_COLOUR = {3: 1, 1: 2}
"""ColorSpaceType, by channels."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""So that equal variants have equal bytes."""


@dataclass(frozen=True)
class _Byte:
    value: int


class _Table(dict[int, Any]):
    """Values by the number of the field: text, _Byte, int of 32 bits, _Table, or a list of these
    or of floats."""


def with_metadata(content: bytes, document: Variants) -> bytes:
    """The file with what `document` says of model, version, inputs, output and labels."""
    model = flatbuffer_utils.convert_bytearray_to_object(content)
    [graph] = model.subgraphs
    called = {each.name: each for each in document.inputs}
    inputs = [called[_plain(graph.tensors[place].name)] for place in graph.inputs]
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(_flatbuffer(_about(document, inputs)), np.uint8)
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = NAME, len(model.buffers) - 1
    model.metadata = [*(model.metadata or ()), entry]
    packed = bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    return _with_files(packed, document) if document.labels else packed


def labels_text(labels: Sequence[str]) -> str:
    """The content of `labels.txt`."""
    return "".join(f"{label}\n" for label in labels)


def _with_files(content: bytes, document: Variants) -> bytes:
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as files:
        info = zipfile.ZipInfo(LABELS, _LONG_AGO)
        files.writestr(info, labels_text(document.labels or ()))
    return stream.getvalue()


def _plain(name: bytes | str) -> str:
    """The name of an input as TensorFlow's functions had it."""
    text = name.decode() if isinstance(name, bytes) else name
    return text.partition(":")[0].removeprefix("serving_default_")


def _about(document: Variants, inputs: Sequence[VariantInput]) -> _Table:
    output = document.output or "answer"
    graph = _Table(
        {
            2: [_input(each) for each in inputs],
            3: [_output(output, document.labels)],
        }
    )
    return _Table(
        {
            0: document.model,
            1: f"A smaller form of {document.model}, held against it before it was published.",
            2: str(document.version),
            3: [graph],
            7: _PARSER,
        }
    )


def _input(given: VariantInput) -> _Table:
    if not given.shape:
        what = f"The number {given.feature}; {given.missing} where it is missing."
        return _Table({0: given.name, 1: what, 3: _Table({0: _Byte(_FEATURE), 1: _Table()})})
    height, width, channels = given.shape
    colour = "colour, red, green, blue" if channels == 3 else "grey"
    properties = _Table({0: _Byte(_COLOUR.get(channels, 0)), 1: _Table({0: width, 1: height})})
    as_they_are = _Table({0: [0.0], 1: [1.0]})
    return _Table(
        {
            0: given.name,
            1: f"The image {given.feature}: {height} x {width} pixels, {colour}, from"
            f" {given.low:g} to {given.high:g}.",
            3: _Table({0: _Byte(_IMAGE), 1: properties}),
            4: [_Table({0: _Byte(_NORMALIZATION), 1: as_they_are})],
            5: _Table({0: [given.high], 1: [given.low]}),
        }
    )


def _output(name: str, labels: Sequence[str] | None) -> _Table:
    table = _Table({0: name, 3: _Table({0: _Byte(_FEATURE), 1: _Table()})})
    if labels is None:
        return _Table({**table, 1: "The number that the model estimates."})
    files = [_Table({0: LABELS, 1: "What each place stands for.", 2: _Byte(_AXIS_LABELS)})]
    return _Table(
        {
            **table,
            1: f"The probability of each label, in the order of {LABELS}.",
            5: _Table({0: [1.0], 1: [0.0]}),
            6: files,
        }
    )


def _flatbuffer(table: _Table) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(_offset(builder, table), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())


def _offset(builder: flatbuffers.Builder, value: Any) -> int:
    """Where a text, a vector or a table was written."""
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, list):
        if isinstance(value[0], float):
            return int(builder.CreateNumpyVector(np.array(value, np.float32)))
        parts = [_offset(builder, part) for part in value]
        builder.StartVector(4, len(parts), 4)
        for part in reversed(parts):
            builder.PrependUOffsetTRelative(part)
        return int(builder.EndVector())
    # What a table points to is written before it.
    inside = {
        place: _offset(builder, part)
        for place, part in value.items()
        if not isinstance(part, _Byte | int)
    }
    builder.StartObject(max(value, default=-1) + 1)
    for place, part in value.items():
        if isinstance(part, _Byte):
            builder.PrependUint8Slot(place, part.value, 0)
        elif isinstance(part, int):
            builder.PrependUint32Slot(place, part, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(place, inside[place], 0)
    return int(builder.EndObject())
