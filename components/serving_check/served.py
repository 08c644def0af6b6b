"""The candidate on a running model server: what a check needs to ask it something."""

from __future__ import annotations

import contextlib
import dataclasses
import http
import itertools
import json
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check import feeds
from components.serving_check.answers import AnswerError, output_array
from components.serving_check.candidate import read_signatures
from components.serving_check.connection import Connection
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_examples
from components.serving_check.warm_up_file import read_warm_up_file
from serving.grpc_client import GrpcClient
from serving.launch import ModelServer


@dataclasses.dataclass(frozen=True)
class Served:
    """A candidate that is AVAILABLE, and everything to compare its answers with."""

    server: ModelServer
    connection: Connection
    grpc: GrpcClient
    model_name: str
    options: Options
    reference: Reference
    warm_up_file: Path
    test_files: Sequence[str]
    """TFRecord files of the test split; none when there is no such split."""
    candidate: Path
    """Folder of its SavedModel, with the warm-up file."""
    live: Path | None = None
    """Folder of the live version's SavedModel; None when nothing is live."""

    @property
    def signatures(self) -> Mapping[str, Mapping[str, Any]]:
        """The candidate's signatures for predict, as its file has them."""
        return read_signatures(self.candidate)

    @property
    def live_signatures(self) -> Mapping[str, Mapping[str, Any]] | None:
        """The live version's; None when nothing is live."""
        return read_signatures(self.live) if self.live else None

    def request_body(self, signature: str, examples: Sequence[bytes]) -> bytes:
        """A predict request for serialized tf.Examples."""
        array = feeds.feed_array(self.options.signatures[signature], examples, self.options)
        return _body(signature, array)

    def send(self, body: bytes) -> bytes:
        """Posts a predict request and returns the answer.

        Raises:
          AnswerError: the answer is not 200.
          OSError: there is no answer.
        """
        status, answer = self.connection.exchange("POST", predict_path(self.model_name), body)
        if status != http.HTTPStatus.OK:
            raise AnswerError(f"status {status}: {answer[:300].decode('utf-8', 'replace')}")
        return answer

    def probabilities(self, signature: str, examples: Sequence[bytes]) -> NDArray[np.float32]:
        """The served answers, float32 [n, ...], to serialized tf.Examples."""
        return self.answer(self.request_body(signature, examples))

    def answer(self, body: bytes) -> NDArray[np.float32]:
        """The compared output, float32 [n, ...], of the answer to a predict request."""
        return output_array(self.send(body), self.options.output)

    def probabilities_over_grpc(
        self, signature: str, examples: Sequence[bytes]
    ) -> NDArray[np.float32]:
        """As `probabilities`, over gRPC.

        Raises:
          AnswerError: the answer lacks the output.
          ServingError: the answer is an error.
        """
        expected = self.options.signatures[signature]
        array = feeds.feed_array(expected, examples, self.options)
        outputs = self.grpc.predict({next(iter(expected.inputs)): array}, signature)
        if self.options.output not in outputs:
            raise AnswerError(f"an answer over gRPC without {self.options.output}")
        return outputs[self.options.output]

    @contextlib.contextmanager
    def another_connection(self, rest_url: str | None = None) -> Iterator[Served]:
        """The same over a connection of its own, for another thread or to another server."""
        with Connection(rest_url or self.server.rest_url) as connection:
            yield dataclasses.replace(self, connection=connection)

    def warm_up_requests(self) -> Iterator[tuple[str, bytes]]:
        """Yields signature name and REST request body of each record of the warm-up file."""
        for signature, array in read_warm_up_file(str(self.warm_up_file)):
            yield signature, _body(signature, array)

    def test_batches(self) -> Iterator[Sequence[bytes]]:
        """Yields the test split in batches of serialized tf.Examples."""
        examples = read_examples(self.test_files)
        while batch := list(itertools.islice(examples, self.options.test_batch)):
            yield batch

    def labels(self, examples: Sequence[bytes]) -> NDArray[np.int64]:
        """The right labels, int64 [n]."""
        return feeds.labels(examples, self.options)


def predict_path(model_name: str) -> str:
    """Where predict requests are posted."""
    return f"/v1/models/{urllib.parse.quote(model_name, safe='')}:predict"


def _body(signature: str, array: NDArray[Any]) -> bytes:
    return json.dumps({"signature_name": signature, "instances": feeds.instances(array)}).encode()
