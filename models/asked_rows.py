"""Questions about rows of a table, whose answers come from the trained network."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image as Pillow

from documents.predict_request import PredictRequest
from documents.questions import Question, Questions
from models.declaration import Declaration
from models.features.image.kind import Image
from models.transform_graph import Tensors, TransformGraph

Row = Mapping[str, float | bytes | None]
"""Features of an example by name; None where one is missing."""

UNSEEN = "a word that nobody has seen"
_FAR = 1e30


class AskedRows:
    """What can be asked of a model of columns, and what the trained network answers."""

    def __init__(
        self,
        declaration: Declaration,
        transform: TransformGraph,
        predict: Callable[[Tensors], tf.Tensor],
    ):
        self._declaration, self._transform, self._predict = declaration, transform, predict

    def example(self, record: bytes) -> PredictRequest:
        """A request about a serialized tf.Example."""
        row = self._row(record)
        kinds = self._declaration.used
        return PredictRequest(
            signature_name="serving_default",
            instances=({name: _instance(kinds[name], value) for name, value in row.items()},),
        )

    def questions(self, records: Sequence[bytes]) -> Questions:
        """Has the network answer rows at the edges of what is legal.

        Args:
          records: serialized tf.Examples, at least one.
        """
        named = [*self._edges(self._row(records[0]))]
        contents = [self._serialized(row) for _, row in named]
        raw = self._transform.parse_features(tf.constant(contents))
        answers = self._predict(self._transform.transform(raw)).numpy()
        return Questions(
            labels=self._declaration.label.names or (),
            examples=tuple(
                Question.of(name, content, tuple(np.atleast_1d(answer).tolist()))
                for (name, _), content, answer in zip(named, contents, answers, strict=True)
            ),
        )

    def _edges(self, row: Row) -> Iterator[tuple[str, Row]]:
        kinds = self._declaration.used
        may_miss = [name for name, kind in kinds.items() if kind.kind != "image"]
        yield "a row of the data", row
        if len(may_miss) == len(kinds):
            yield "nothing but missing values", dict.fromkeys(row)
        for name in may_miss:
            yield f"{name} missing", {**row, name: None}
            if kinds[name].kind == "number":
                for far in (0.0, -_FAR, _FAR):
                    yield f"{name} = {far:g}", {**row, name: far}
            elif kinds[name].kind in ("category", "text"):
                yield f"{name} unseen", {**row, name: UNSEEN.encode()}
            elif kinds[name].kind == "date":
                for day in ("0001-01-01", "2024-02-29T23:59:59", "9999-12-31T23:59"):
                    yield f"{name} = {day}", {**row, name: day.encode()}

    def _row(self, record: bytes) -> dict[str, float | bytes | None]:
        found = tf.train.Example.FromString(record).features.feature
        row: dict[str, float | bytes | None] = {}
        for name, kind in self._declaration.used.items():
            # Looking an absent feature up would silently create it.
            feature = found[name] if name in found else tf.train.Feature()
            is_number = kind.STORED == "FLOAT"
            values: Any = feature.float_list if is_number else feature.bytes_list
            row[name] = values.value[0] if values.value else None
        return row

    def _serialized(self, row: Row) -> bytes:
        """As a client sends it, who knows no label."""
        features = {
            name: tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
            if isinstance(value, float)
            else tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
            for name, value in row.items()
            if value is not None
        }
        example = tf.train.Example(features=tf.train.Features(feature=features))
        return example.SerializeToString(deterministic=True)


def _instance(kind: Any, value: float | bytes | None) -> Any:
    """A value as the REST API takes it."""
    if value is None:
        return float("nan") if kind.STORED == "FLOAT" else ""
    if isinstance(kind, Image) and isinstance(value, bytes):
        pixels = np.frombuffer(value, np.uint8).reshape(kind.shape)
        file = io.BytesIO()
        Pillow.fromarray(pixels).save(file, "PNG")
        return {"b64": base64.b64encode(file.getvalue()).decode("ascii")}
    return value.decode("utf-8") if isinstance(value, bytes) else value
