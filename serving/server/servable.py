"""What the APIs need of a loaded version, whatever runs its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from serving.server.signature import Signature
from serving.server.tensors.texts import Tensor


class Servable(Protocol):
    """A loaded version of a model; used from any number of threads."""

    signatures: Mapping[str, Signature]
    signature_defs: Mapping[str, Any]
    """The SignatureDef messages, for the metadata."""

    def run(self, feeds: MutableMapping[str, Tensor], fetches: Sequence[str]) -> list[Tensor]:
        """Runs the graph: arrays by tensor name in, an array for each tensor name out.

        The arrays that are fed may be used up, and the mapping emptied: a large request would be in
        memory twice.
        """

    def close(self) -> None:
        """Frees it; nothing may be running."""


class Measured:
    """A servable whose runs happen inside a context manager, for metrics."""

    def __init__(
        self, model: Servable, measure: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._model = model
        self._measure = measure
        self.signatures = model.signatures
        self.signature_defs = model.signature_defs

    def run(self, feeds: MutableMapping[str, Tensor], fetches: Sequence[str]) -> list[Tensor]:
        """As the servable's."""
        with self._measure():
            return self._model.run(feeds, fetches)

    def close(self) -> None:
        """As the servable's."""
        self._model.close()
