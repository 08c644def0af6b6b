"""A SavedModel as a custom runtime of mlserver. Runs in the peers' environment."""

from __future__ import annotations

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Runtime(MLModel):
    """Takes `images` and gives `probabilities` in the Open Inference Protocol (V2)."""

    async def load(self) -> bool:
        import tensorflow as tf

        self._module = tf.saved_model.load(self.settings.parameters.uri)
        self._predict = self._module.signatures["serving_default"]
        self._constant = tf.constant
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        images = NumpyCodec.decode_input(payload.inputs[0])
        probabilities = self._predict(images=self._constant(images))["probabilities"].numpy()
        return InferenceResponse(
            model_name=self.name,
            outputs=[NumpyCodec.encode_output("probabilities", probabilities)],
        )
