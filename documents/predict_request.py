"""`request.json`: the body of a request that every TF Serving REST API takes."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from documents.document import Part


class PredictRequest(Part):
    """A predict request in row format; no format number, since model servers refuse other keys.

    https://www.tensorflow.org/tfx/serving/api_rest#predict_api
    """

    FILE: ClassVar[str] = "request.json"

    signature_name: str
    instances: tuple[Any, ...]
    """One input each, as lists of numbers, texts, or objects."""

    def encode(self) -> bytes:
        """The body, for `curl -d @FILE`."""
        return json.dumps(self.as_written()).encode()
