"""Everything a signature can be asked whose answer is known, ready to be sent."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from components.serving_check import columns, feeds
from components.serving_check.options import Options, Signature
from components.serving_check.reference import Reference


class Pool:
    """The reference examples, the edges, the mixtures and, for image files, each encoding, in this
    order.

    A question to the signature is a list of places in here: a batch of any size, in any order.
    """

    def __init__(self, signature: Signature, reference: Reference, options: Options) -> None:
        """Makes every input once.

        Raises:
          ExampleError: an example is none as the options describe it.
        """
        edges, mixtures = reference.edges, reference.mixtures
        files = [
            file
            for file in reference.files
            if file.probabilities is not None and feeds.takes_file(signature, file)
        ]
        made = (*edges, *mixtures)
        examples = [*reference.examples, *(each.content for each in made)]
        inputs = feeds.feed_array(signature, examples, options)
        asked = (feeds.of_file(signature, file, examples[file.example]) for file in files)
        inputs = np.concatenate([inputs, *asked])
        self.inputs: NDArray[Any] = inputs
        """[m, ...], of the signature's own type."""
        self.probabilities: NDArray[np.float64] = np.array(
            [*reference.probabilities, *(each.probabilities for each in (*made, *files))],
            np.float64,
        )
        """What the trained model answers, [m, k]."""
        self._names = [each.name for each in (*made, *files)]
        self.real = range(len(reference.examples))
        """Places of the reference examples."""
        self.edges = range(len(self.real), len(self.real) + len(edges))
        self.files = range(len(examples), len(self.inputs))

    def __len__(self) -> int:
        return len(self.inputs)

    def name(self, place: int) -> str:
        """What an input is, for a sentence."""
        beyond = place - len(self.real)
        return f"example {place}" if beyond < 0 else f"“{self._names[beyond]}”"

    @functools.cached_property
    def _fragments(self) -> list[bytes]:
        return [fragment(value) for value in self.inputs]

    def json(self, places: Sequence[int]) -> bytes:
        """The inputs as a JSON list."""
        return b"[" + b",".join([self._fragments[place] for place in places]) + b"]"

    def json_columns(self, places: Sequence[int]) -> bytes:
        """The inputs as a JSON object of lists, for a signature that takes several."""
        chosen = self.inputs[list(places)]
        parts = [
            b"%b:[%b]"
            % (orjson.dumps(name), b",".join(map(columns.written, chosen[name].tolist())))
            for name in chosen.dtype.names or ()
        ]
        return b"{" + b",".join(parts) + b"}"

    @property
    def has_rows(self) -> bool:
        """Whether an input is a row of named values."""
        return self.inputs.dtype.names is not None

    def json_rows(self, key: str, places: Sequence[int]) -> bytes:
        """The inputs as a JSON list of objects that name the signature's input."""
        name = orjson.dumps(key)
        rows = [b"{%b:%b}" % (name, self._fragments[place]) for place in places]
        return b"[" + b",".join(rows) + b"]"


def fragment(value: Any) -> bytes:
    """One input as JSON: numbers as they are, bytes as a base64 object, a row as an object."""
    if isinstance(value, np.void):
        return columns.fragment(value)
    if isinstance(value, np.floating):
        return columns.written(value)  # Of an only column, in which NaN is what is missing.
    if isinstance(value, bytes):
        [value] = feeds.instances(np.array([value], object))
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
