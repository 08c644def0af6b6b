"""A SavedModel on litserve, as its documentation shows it. Runs in the peers' environment.

usage: python litserve_app.py SAVED_MODEL PORT
"""

from __future__ import annotations

import sys
from typing import Any

import litserve
import numpy as np


class Api(litserve.LitAPI):
    """POST /predict with {"images": [...]} gives {"probabilities": [...]}."""

    def setup(self, device: str) -> None:
        import tensorflow as tf

        self._module = tf.saved_model.load(sys.argv[1])
        self._predict = self._module.signatures["serving_default"]
        self._constant = tf.constant

    # litserve makes an annotation of `request` part of its HTTP interface.
    def decode_request(self, request, **_):  # type: ignore[no-untyped-def]
        return np.asarray(request["images"], np.uint8)

    def predict(self, images: Any, **_: Any) -> Any:
        return self._predict(images=self._constant(images))["probabilities"].numpy()

    def encode_response(self, probabilities: Any, **_: Any) -> dict[str, Any]:
        return {"probabilities": probabilities.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="warning"
    )
