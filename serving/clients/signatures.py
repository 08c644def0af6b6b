"""What a live signature takes, as the metadata request tells it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol

PREDICT = "tensorflow/serving/predict"
PICTURES = "image_bytes"
"""In the name of a tensor, which the metadata of a signature tell, it says that image files go in:
nothing else does, where the input is called as a column is."""
_EXAMPLES = {"DT_STRING": "text", "DT_BOOL": False, "DT_FLOAT": 0.0, "DT_DOUBLE": 0.0}


class SignatureError(ValueError):
    """The model has no such signature, or none that fits; the message lists what it has."""


@dataclasses.dataclass(frozen=True)
class Input:
    """One input of a signature."""

    name: str
    dtype: str
    """TensorFlow's name, e.g. DT_UINT8."""
    shape: tuple[int, ...] | None
    """-1 is an open dimension, the first one is the batch; None when even the rank is open."""
    is_picture: bool = False
    """Whether it is known to take image files; without, a string may be anything."""


Signatures = Mapping[str, tuple[Input, ...]]


class Described(Protocol):
    """A client of either protocol."""

    def metadata(self, version: int | None = None) -> dict[str, Any]:
        """As `RestClient.metadata`."""


def live_signatures(client: Described, version: int | None = None) -> Signatures:
    """Inputs by name of every signature for predict requests.

    Raises:
      ServingError: no such version is available.
      OSError: there is no answer.
    """
    document = client.metadata(version)
    return {
        name: tuple(_input(key, info) for key, info in sorted(definition.get("inputs", {}).items()))
        for name, definition in document["metadata"]["signature_def"]["signature_def"].items()
        if definition.get("method_name") == PREDICT
    }


def takes_files(inputs: tuple[Input, ...]) -> bool:
    """Whether a signature takes encoded images: one input, a string for each instance."""
    return len(inputs) == 1 and inputs[0].dtype == "DT_STRING" and inputs[0].shape == (-1,)


def takes_pixels(inputs: tuple[Input, ...]) -> bool:
    """Whether a signature takes images as numbers: one input of [n, height, width], or of
    [n, height, width, 3] in colour."""
    if len(inputs) != 1 or inputs[0].dtype != "DT_UINT8" or inputs[0].shape is None:
        return False
    shape = inputs[0].shape
    return (len(shape) == 3 or shape[3:] == (3,)) and min(shape[1:]) > 0


def choose(signatures: Signatures, wanted: str | None) -> str:
    """The signature to send images to: the wanted one, or the first that fits.

    Raises:
      SignatureError: it is not there, or takes no images.
    """
    if wanted is not None:
        if wanted not in signatures:
            raise SignatureError(
                f"The model has no signature {wanted!r}; it has {', '.join(sorted(signatures))}."
            )
        return wanted
    fitting = image_signatures(signatures)
    if not fitting:
        raise SignatureError(
            "None of the model's signatures takes images; choose one with --signature: "
            f"{', '.join(sorted(signatures))}."
        )
    return fitting[0]


def image_signatures(signatures: Signatures) -> list[str]:
    """The signatures that take one image, those for files first."""
    # Strings can be anything, so only a telling name makes them images.
    files = [n for n, i in signatures.items() if takes_files(i) and "image" in i[0].name.lower()]
    return sorted(files) + sorted(n for n, i in signatures.items() if takes_pixels(i))


def example_instance(inputs: tuple[Input, ...]) -> Any:
    """A made-up instance of the right form: zeros, and open dimensions of size 1."""
    values = {item.name: _zeros(item.dtype, (item.shape or (-1,))[1:]) for item in inputs}
    return next(iter(values.values())) if len(values) == 1 else values


def _input(name: str, info: Mapping[str, Any]) -> Input:
    shape = info.get("tensor_shape", {})
    sizes = tuple(int(dim["size"]) for dim in shape.get("dim", []))
    pictures = PICTURES in info.get("name", "") and info["dtype"] == "DT_STRING" and len(sizes) == 1
    return Input(name, info["dtype"], None if shape.get("unknown_rank") else sizes, pictures)


def _zeros(dtype: str, shape: tuple[int, ...]) -> Any:
    if not shape:
        return _EXAMPLES.get(dtype, 0)
    return [_zeros(dtype, shape[1:])] * max(shape[0], 1)
