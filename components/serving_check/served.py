"""The candidate on a running model server: what a check needs to ask it something."""

from __future__ import annotations

import dataclasses
import http
import itertools
import json
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check import feeds
from components.serving_check.answers import AnswerError, output_array
from components.serving_check.connection import Connection
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_examples
from components.serving_check.warm_up_file import read_warm_up_file
from serving.launch import ModelServer


@dataclasses.dataclass(frozen=True)
class Served:
    """A candidate that is AVAILABLE, and everything to compare its answers with."""

    server: ModelServer
    connection: Connection
    model_name: str
    options: Options
    reference: Reference
    warm_up_file: Path
    test_files: Sequence[str]
    """TFRecord files of the test split; none when there is no such split."""

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
        path = f"/v1/models/{urllib.parse.quote(self.model_name, safe='')}:predict"
        status, answer = self.connection.exchange("POST", path, body)
        if status != http.HTTPStatus.OK:
            raise AnswerError(f"status {status}: {answer[:300].decode('utf-8', 'replace')}")
        return answer

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
        examples = read_examples(self.test_files)
        while batch := list(itertools.islice(examples, self.options.test_batch)):
            yield batch

    def labels(self, examples: Sequence[bytes]) -> NDArray[np.int64]:
        """The right labels, int64 [n]."""
        return feeds.labels(examples, self.options)


def _body(signature: str, array: NDArray[Any]) -> bytes:
    return json.dumps({"signature_name": signature, "instances": feeds.instances(array)}).encode()
