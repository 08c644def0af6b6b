"""The candidate on a running model server: what a check needs to ask it something."""

from __future__ import annotations

import dataclasses
import http.client
import json
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check import requests
from components.serving_check.answers import AnswerError, output_array
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_examples
from components.serving_check.warm_up_file import read_warm_up_file
from serving.client import RestClient
from serving.launch import ModelServer

TIMEOUT_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class Served:
    """A candidate that is AVAILABLE, and everything to compare its answers with."""

    server: ModelServer
    model_name: str
    options: Options
    reference: Reference
    warm_up_file: Path
    test_files: Sequence[str]
    """TFRecord files of the test split; none when there is no such split."""

    @property
    def client(self) -> RestClient:
        return RestClient(self.server.rest_url, self.model_name)

    def request_body(self, signature: str, examples: Sequence[bytes]) -> bytes:
        """A predict request for serialized tf.Examples."""
        array = requests.feed_array(self.options.signatures[signature], examples, self.options)
        return _body(signature, array)

    def send(self, body: bytes) -> bytes:
        """Posts a predict request and returns the answer.

        Raises:
          AnswerError: the answer is not 200.
          OSError: there is no answer.
        """
        path = f"/v1/models/{self.model_name}:predict"
        status, answer = self.exchange("POST", path, body)
        if status != http.client.OK:
            raise AnswerError(f"status {status}: {answer[:300].decode('utf-8', 'replace')}")
        return answer

    def exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Sends any request, however malformed, and returns status and body.

        Raises:
          OSError: there is no answer.
        """
        connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(self.server.rest_url).netloc, timeout=TIMEOUT_SECONDS
        )
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"no HTTP answer ({type(error).__name__})") from error
        finally:
            connection.close()

    def probabilities(self, signature: str, examples: Sequence[bytes]) -> NDArray[np.float32]:
        """The served answers, float32 [n, ...], to serialized tf.Examples."""
        answer = self.send(self.request_body(signature, examples))
        return output_array(answer, self.options.output)

    def warm_up_requests(self) -> Iterator[tuple[str, bytes]]:
        """Yields signature name and REST request body of each record of the warm-up file."""
        for signature, array in read_warm_up_file(str(self.warm_up_file)):
            yield signature, _body(signature, array)

    def test_batches(self) -> Iterator[Sequence[bytes]]:
        """Yields the test split in batches of serialized tf.Examples."""
        examples = list(read_examples(self.test_files))
        for start in range(0, len(examples), self.options.test_batch):
            yield examples[start : start + self.options.test_batch]

    def labels(self, examples: Sequence[bytes]) -> NDArray[np.int64]:
        """The right labels, int64 [n]."""
        return requests.labels(examples, self.options)


def _body(signature: str, array: NDArray[Any]) -> bytes:
    return json.dumps(
        {"signature_name": signature, "instances": requests.instances(array)}
    ).encode()
