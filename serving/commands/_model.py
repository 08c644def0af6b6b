"""The live model that `python -m serving predict` asks, over REST or gRPC alike."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from serving import signatures
from serving.client import RestClient
from serving.signatures import Described, Input

GRPC = "grpc://"


@dataclasses.dataclass(frozen=True)
class Model:
    """One signature of a live model."""

    signature: str
    inputs: tuple[Input, ...]
    predict: Callable[[Sequence[Any]], list[Any]]
    """Gives one prediction for each instance, both as REST has them in row format."""


@contextlib.contextmanager
def connected(options: argparse.Namespace) -> Iterator[Model]:
    """The model that the options `url`, `model_name`, `version` and `signature` name.

    Raises:
      ServingError: the server does not have it.
      SignatureError: it has no such signature, or none that takes images.
      OSError: there is no answer.
    """
    version = options.version
    if not options.url.startswith(GRPC):
        rest = RestClient(options.url, options.model_name)
        name, inputs = _chosen(rest, options)
        yield Model(name, inputs, lambda instances: rest.predict(instances, name, version))
        return
    # Only who asks over gRPC loads them.
    from serving import rows
    from serving.grpc_client import GrpcClient

    with GrpcClient(options.url.removeprefix(GRPC), options.model_name) as client:
        name, inputs = _chosen(client, options)

        def predict(instances: Sequence[Any]) -> list[Any]:
            outputs = client.predict(rows.to_arrays(instances, inputs), name, version)
            return rows.from_arrays(outputs, len(instances))

        yield Model(name, inputs, predict)


def _chosen(client: Described, options: argparse.Namespace) -> tuple[str, tuple[Input, ...]]:
    known = signatures.live_signatures(client, options.version)
    name = signatures.choose(known, options.signature)
    return name, known[name]
