"""The candidate on a running model server: what a check needs to ask it something."""

from __future__ import annotations

import contextlib
import dataclasses
import http
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from components.serving_check import connection
from components.serving_check.answers import AnswerError, read_outputs
from components.serving_check.candidate import VERSION, read_signatures
from components.serving_check.connection import Connection
from components.serving_check.further import Further, further_signatures
from components.serving_check.judge import Judge
from components.serving_check.options import Options, Signature
from components.serving_check.paths import GRPC, REST
from components.serving_check.paths import Path as Way
from components.serving_check.pool import Pool, fragment
from components.serving_check.reference import Reference, read_examples
from components.serving_check.warm_up_file import read_warm_up_file
from serving.clients import rest_client
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import ServingError
from serving.clients.url import model_path
from serving.launch import ModelServer
from serving.server.signature import CLASSIFY_METHOD, REGRESS_METHOD

_NO_ANSWER = (http.HTTPStatus.SERVICE_UNAVAILABLE, http.HTTPStatus.GATEWAY_TIMEOUT)
"""What the gRPC client makes of a server that is gone, or silent for too long."""


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
    version: int = VERSION
    """Under which the server has the candidate."""
    learnt: dict[Any, Any] = dataclasses.field(default_factory=dict, repr=False)
    """What was made or found once: pools, signatures, answers that were right."""

    @property
    def signatures(self) -> Mapping[str, Mapping[str, Any]]:
        """The candidate's signatures for predict, as its file has them."""
        if "signatures" not in self.learnt:
            self.learnt["signatures"] = read_signatures(self.candidate)
        found: Mapping[str, Mapping[str, Any]] = self.learnt["signatures"]
        return found

    @property
    def live_signatures(self) -> Mapping[str, Mapping[str, Any]] | None:
        """The live version's; None when nothing is live."""
        return read_signatures(self.live) if self.live else None

    @property
    def judge(self) -> Judge:
        """Knows what is right."""
        if "judge" not in self.learnt:
            self.learnt["judge"] = Judge(self.reference, self.options)
        found: Judge = self.learnt["judge"]
        return found

    @property
    def further(self) -> Mapping[str, Further]:
        """Signatures that nobody asked for, as far as it is known what to send them."""
        if "further" not in self.learnt:
            self.learnt["further"] = further_signatures(self.signatures, self.options.signatures)
        found: Mapping[str, Further] = self.learnt["further"]
        return found

    def expected(self, signature: str) -> Signature:
        """How an expected or a further signature is asked."""
        known = self.options.signatures.get(signature)
        return known or self.further[signature].signature

    def pool(self, signature: str) -> Pool:
        """What an expected or a further signature can be asked."""
        if signature not in self.options.signatures:
            return self.pool(self.further[signature].like)
        key = "pool", signature
        if key not in self.learnt:
            expected = self.options.signatures[signature]
            self.learnt[key] = Pool(expected, self.reference, self.options)
        found: Pool = self.learnt[key]
        return found

    def declared(self, signature: str) -> Mapping[str, Mapping[str, Any]]:
        """The outputs of a signature, as the candidate's own file has them.

        Raises:
          AnswerError: it has no such signature.
        """
        outputs: Mapping[str, Mapping[str, Any]] | None = self.signatures.get(signature, {}).get(
            "outputs"
        )
        if not outputs:
            raise AnswerError(f"there is no signature {signature} with outputs")
        return outputs

    def predict_path(self, version: int | None = None) -> str:
        """Where predict requests are posted."""
        return model_path(self.model_name, version, "predict")

    def send(self, body: bytes, path: str | None = None) -> bytes:
        """Posts a predict request and returns the answer.

        Raises:
          AnswerError: the answer is not 200.
          OSError: there is no answer.
        """
        status, answer = self.connection.exchange("POST", path or self.predict_path(), body)
        if status != http.HTTPStatus.OK:
            raise AnswerError(f"status {status}: {answer[:300].decode('utf-8', 'replace')}")
        return answer

    def outputs(self, signature: str, answer: bytes) -> dict[str, NDArray[Any]]:
        """The outputs in an answer over REST. Raises AnswerError when it is none."""
        return read_outputs(answer, self.declared(signature))

    def problem(self, signature: str, places: Sequence[int], way: Way = GRPC) -> str | None:
        """Asks about inputs of the signature's pool; what is wrong with the answer, or None.

        Raises:
          OSError: there is no answer.
        """
        try:
            return self.judged(signature, places, way.ask(self, signature, places))
        except AnswerError as error:
            found = str(error)
        except ServingError as error:
            self.give_up_without_answer(error)
            found = f"status {error.status}: {error.message}"
        shown = len(places) == 1 and self.pool(signature).name(places[0])
        return f"{found} from {signature} for {shown or f'a batch of {len(places)}'}"

    def give_up_without_answer(self, error: ServingError) -> None:
        """Raises ConnectionError when an error over gRPC is no answer of the server."""
        if error.status in _NO_ANSWER:
            raise ConnectionError(str(error)) from error

    def grpc_outputs(
        self, signature: str, inputs: Mapping[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]] | str:
        """The outputs for any inputs over gRPC, or the server's error.

        Raises:
          OSError: there is no answer.
        """
        try:
            return self.grpc.predict(inputs, signature)
        except ServingError as error:
            self.give_up_without_answer(error)
            return f"status {error.status}: {error.message} from {signature}"

    def judged(
        self, signature: str, places: Sequence[int], outputs: Mapping[str, NDArray[Any]]
    ) -> str | None:
        """What is wrong with outputs for inputs of the signature's pool; None for nothing."""
        declared, pool = self.declared(signature), self.pool(signature)
        found = self.judge.problem(signature, outputs, declared, pool, places)
        method = self.signatures[signature].get("method_name")
        if found is None and method == CLASSIFY_METHOD:
            found = self.judge.classification(signature, outputs, pool, places)
        if found is None and method == REGRESS_METHOD:
            found = self.judge.regression(signature, outputs, pool, places)
        return found

    def body(self, signature: str, places: Sequence[int]) -> bytes:
        """A predict request over REST for inputs of the signature's pool."""
        return REST.body(self, signature, places)

    def wrong(self, signature: str, places: Sequence[int], answer: bytes) -> str | None:
        """What is wrong with the answer to `body` of these, or None.

        An answer that was right once is right again, byte by byte, so that thousands of requests
        can be held at no cost.
        """
        key = "right", signature, tuple(places)
        if answer == self.learnt.get(key):
            return None
        try:
            found = self.judged(signature, places, self.outputs(signature, answer))
        except AnswerError as error:
            found = str(error)
        if found is None:
            self.learnt[key] = answer
        return found

    def demand(self, signature: str, places: Sequence[int], answer: bytes) -> None:
        """Raises AnswerError when the answer to `body` of these is wrong."""
        if found := self.wrong(signature, places, answer):
            raise AnswerError(f"a wrong answer: {found}")

    @contextlib.contextmanager
    def another_connection(self, rest_url: str | None = None) -> Iterator[Served]:
        """The same over a connection of its own, for another thread or to another server."""
        with Connection(rest_url or self.server.rest_url) as connection:
            yield dataclasses.replace(self, connection=connection)

    @contextlib.contextmanager
    def patient(self, times: float) -> Iterator[Served]:
        """The same with clients that wait so many times longer for an answer."""
        target = str(self.server.grpc_target)
        with (
            Connection(self.server.rest_url, times * connection.TIMEOUT_SECONDS) as rest,
            GrpcClient(
                target, self.model_name, timeout=times * rest_client.TIMEOUT_SECONDS
            ) as grpc,
        ):
            yield dataclasses.replace(self, connection=rest, grpc=grpc)

    def warm_up_requests(self) -> Iterator[tuple[str, NDArray[Any], bytes]]:
        """Yields signature name, input and REST request body of each record of the warm-up file."""
        for signature, array in read_warm_up_file(str(self.warm_up_file)):
            yield signature, array, _body(signature, array)

    def test_batches(self) -> Iterator[Sequence[bytes]]:
        """Yields the test split in batches of serialized tf.Examples."""
        examples = read_examples(self.test_files)
        while batch := list(itertools.islice(examples, self.options.test_batch)):
            yield batch


def _body(signature: str, array: NDArray[Any]) -> bytes:
    instances = b",".join(map(fragment, array))
    name = fragment(signature)
    return b'{"signature_name":%b,"instances":[%b]}' % (name, instances)
