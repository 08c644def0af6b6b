"""What a live signature takes, as the metadata request tells it, and a request made for it."""

from __future__ import annotations

import base64
import dataclasses
import json
import shlex
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

LONGEST_ARGUMENT = 100_000
"""Characters of a request that stands in its command as it is."""
PREDICT = "tensorflow/serving/predict"
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
    # Strings can be anything, so only a telling name makes them images.
    files = [n for n, i in signatures.items() if takes_files(i) and "image" in i[0].name.lower()]
    fitting = sorted(files) + sorted(n for n, i in signatures.items() if takes_pixels(i))
    if not fitting:
        raise SignatureError(
            "None of the model's signatures takes images; choose one with --signature: "
            f"{', '.join(sorted(signatures))}."
        )
    return fitting[0]


def example_instance(inputs: tuple[Input, ...]) -> Any:
    """A made-up instance of the right form: zeros, and open dimensions of size 1."""
    values = {item.name: _zeros(item.dtype, (item.shape or (-1,))[1:]) for item in inputs}
    return next(iter(values.values())) if len(values) == 1 else values


def curl(
    url: str,
    model_name: str,
    version: int | None,
    signature: str,
    instance: Any,
    file: str | None = None,
) -> str:
    """A shell command that asks about one instance; it can be copied as it stands.

    An argument of a command is at most 128 KiB long (execve(2)): what is larger goes through a
    pipe, from `file` where that holds the instance.
    """
    body = json.dumps({"signature_name": signature, "instances": [instance]}, default=_plain)
    chosen = "" if version is None else f"/versions/{version}"
    address = f"{url.rstrip('/')}/v1/models/{quote(model_name, safe='')}{chosen}:predict"
    command = ["curl --silent --show-error --data", shlex.quote(address)]
    if len(body) <= LONGEST_ARGUMENT:
        return f"{command[0]} {shlex.quote(body)} {command[1]}"
    if file is None:
        return f"{command[0]} @- {command[1]} <<'END'\n{body}\nEND"
    empty = json.dumps({"signature_name": signature, "instances": [{"b64": ""}]})
    start, end = empty.rsplit('""', 1)
    before, after = shlex.quote(f'{start}"'), shlex.quote(f'"{end}')
    return (
        f"(printf %s {before}; base64 < {shlex.quote(file)} | tr -d '\\n';"
        f" printf %s {after}) |\n{command[0]} @- {command[1]}"
    )


def _input(name: str, info: Mapping[str, Any]) -> Input:
    shape = info.get("tensor_shape", {})
    sizes = tuple(int(dim["size"]) for dim in shape.get("dim", []))
    return Input(name, info["dtype"], None if shape.get("unknown_rank") else sizes)


def _zeros(dtype: str, shape: tuple[int, ...]) -> Any:
    if not shape:
        return _EXAMPLES.get(dtype, 0)
    return [_zeros(dtype, shape[1:])] * max(shape[0], 1)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    return value.tolist()
