"""The ways in which a client can ask for predictions: every one has to give the same answer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from components.serving_check.askable import Askable
from components.serving_check.columns import tensors
from serving.server.signature import DEFAULT_SIGNATURE


class Path(Protocol):
    """One way."""

    @property
    def name(self) -> str:
        """For people."""

    def ask(
        self, served: Askable, signature: str, places: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        """The outputs by name for inputs of the signature's pool.

        Raises:
          AnswerError: the answer is an error, or cannot be read.
          ServingError: likewise over gRPC.
          OSError: there is no answer.
        """


@dataclasses.dataclass(frozen=True)
class Rest:
    """JSON over HTTP."""

    name: str
    columns: bool = False
    """The column format rather than that of rows."""
    named: bool = False
    """Whether the only input is named, though it need not be."""
    versioned: bool = False
    """Whether the address has the version."""
    by_default: bool = False
    """Whether it names no signature, which asks the default one."""

    def body(self, served: Askable, signature: str, places: Sequence[int]) -> bytes:
        """The body of the request."""
        pool = served.pool(signature)
        key = next(iter(served.options.signatures[signature].inputs))
        if pool.has_rows:
            values = pool.json_columns(places) if self.columns else pool.json(places)
        elif not self.named:
            values = pool.json(places)
        elif self.columns:
            values = b"{%b:%b}" % (json.dumps(key).encode(), pool.json(places))
        else:
            values = pool.json_rows(key, places)
        part = b"inputs" if self.columns else b"instances"
        if self.by_default:
            return b'{"%b":%b}' % (part, values)
        return b'{"signature_name":%b,"%b":%b}' % (json.dumps(signature).encode(), part, values)

    def address(self, served: Askable) -> str:
        """Where the request is posted."""
        return served.predict_path(version=served.version if self.versioned else None)

    def ask(
        self, served: Askable, signature: str, places: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        """As Path says."""
        answer = served.send(self.body(served, signature, places), self.address(served))
        return served.outputs(signature, answer)


@dataclasses.dataclass(frozen=True)
class Grpc:
    """PredictionService.Predict."""

    name: str
    versioned: bool = False

    def ask(
        self, served: Askable, signature: str, places: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        """As Path says."""
        expected = served.expected(signature)
        inputs = tensors(expected, served.pool(signature).inputs[list(places)])
        version = served.version if self.versioned else None
        return served.grpc.predict(inputs, signature, version)


@dataclasses.dataclass(frozen=True)
class Remembered:
    """gRPC, asked once: who looks at other outputs of an answer need not ask for it again."""

    name: str = "gRPC"

    def ask(
        self, served: Askable, signature: str, places: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        """As Path says."""
        key = "asked", signature, tuple(places)
        if key not in served.learnt:
            served.learnt[key] = GRPC.ask(served, signature, places)
        found: dict[str, NDArray[Any]] = served.learnt[key]
        return found


REST = Rest("REST rows")
GRPC = Grpc("gRPC")
ONCE = Remembered()
PATHS: Sequence[Path] = (
    REST,
    Rest("REST rows by name", named=True),
    Rest("REST rows of a version", versioned=True),
    Rest("REST columns", columns=True),
    Rest("REST columns by name", columns=True, named=True),
    Rest("REST columns of a version", columns=True, versioned=True),
    GRPC,
    Grpc("gRPC of a version", versioned=True),
)
DEFAULT_PATHS: Sequence[Path] = (
    Rest("REST rows by default", by_default=True),
    Rest("REST columns by default", columns=True, by_default=True),
)
"""Further ones to the default signature."""


def paths_to(signature: str) -> Sequence[Path]:
    """All the ways to ask a signature."""
    return (*PATHS, *DEFAULT_PATHS) if signature == DEFAULT_SIGNATURE else PATHS
