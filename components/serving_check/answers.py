"""Reads the answers of a model server's REST predict."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray


class AnswerError(ValueError):
    """A server's answer is not what the request asked for."""


def output_array(body: bytes, output: str) -> NDArray[np.float32]:
    """The values of one output, float32 [n, ...], from a row-format answer.

    A signature with one output answers bare values, others an object for each row:
    https://www.tensorflow.org/tfx/serving/api_rest#response_format_4

    Raises:
      AnswerError: the answer has no such output, or its rows are not numbers of one shape.
    """
    try:
        rows: list[Any] = json.loads(body)["predictions"]
        values = [row[output] if isinstance(row, dict) else row for row in rows]
        # Numbers are printed so that they read back exactly, if through float64.
        return np.array(values, dtype=np.float32)
    except (KeyError, TypeError, ValueError) as error:
        shown = body[:80].decode("utf-8", "replace")
        raise AnswerError(f"an answer without numbers for {output}: {shown!r}") from error
