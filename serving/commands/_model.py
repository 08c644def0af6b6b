"""The live model that `python -m serving predict` asks, over REST or gRPC alike."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from documents.features import Features
from documents.saved_model import EXTRA
from serving.base_path import storage
from serving.clients import signatures
from serving.clients.rest_client import RestClient
from serving.clients.signatures import Described, Input
from serving.commands._default import SERVING

if TYPE_CHECKING:
    from serving.clients.grpc_client import GrpcClient

GRPC = "grpc://"


@dataclasses.dataclass(frozen=True)
class Model:
    """One signature of a live model."""

    signature: str
    inputs: tuple[Input, ...]
    predict: Callable[[Sequence[Any]], list[Any]]
    """Gives one prediction for each instance, both as REST has them in row format."""
    features: Features | None = None
    """What is taken and answered, where the version that answers lies in the base path, too."""
    folder: str = ""
    """Of the version that answers, where it was looked for."""


OF_COLUMNS = ("columns", "serving_default")
"""Signatures that rows are sent to, if none is named: the one that says most first."""


@contextlib.contextmanager
def connected(options: argparse.Namespace, *, of_rows: bool = False) -> Iterator[Model]:
    """The model that the options `url`, `model_name`, `version` and `signature` name.

    Args:
      of_rows: whether it is asked about rows of columns, so that no signature has to take images.

    Raises:
      ServingError: the server does not have it.
      SignatureError: it has no such signature, or none that takes images.
      OSError: there is no answer.
    """
    version = options.version
    if not options.url.startswith(GRPC):
        rest = RestClient(options.url, options.model_name)
        name, inputs = _chosen(rest, options, of_rows)
        folder = _folder(rest, options)
        yield Model(
            name,
            inputs,
            lambda instances: rest.predict(instances, name, version),
            _features(folder),
            folder,
        )
        return
    # Only who asks over gRPC loads them.
    from serving.clients import rows
    from serving.clients.grpc_client import GrpcClient

    with GrpcClient(options.url.removeprefix(GRPC), options.model_name) as client:
        name, inputs = _chosen(client, options, of_rows)

        def predict(instances: Sequence[Any]) -> list[Any]:
            outputs = client.predict(rows.to_arrays(instances, inputs), name, version)
            return rows.from_arrays(outputs, len(instances))

        folder = _folder(client, options)
        yield Model(name, inputs, predict, _features(folder), folder)


def _chosen(
    client: Described, options: argparse.Namespace, of_rows: bool
) -> tuple[str, tuple[Input, ...]]:
    known = signatures.live_signatures(client, options.version)
    wanted = options.signature
    if wanted is None and of_rows:
        wanted = next((name for name in OF_COLUMNS if name in known), OF_COLUMNS[-1])
    name = signatures.choose(known, wanted)
    return name, known[name]


def _folder(client: RestClient | GrpcClient, options: argparse.Namespace) -> str:
    """Where the version that answers should lie.

    A version's number is the second in which it was pushed, so it names the same model there.
    """
    answering = [int(s["version"]) for s in client.status() if s["state"] == "AVAILABLE"]
    version = options.version or max(answering, default=None)
    base_path = options.served_from or os.path.join(SERVING, str(options.model_name))
    return os.path.join(base_path, str(version))


def _features(folder: str) -> Features | None:
    """What lies beside the version, to read cells and its answers by."""
    return storage.read_document(Features, os.path.join(folder, EXTRA, Features.FILE))
