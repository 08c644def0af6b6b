"""A candidate as a way of asking sees it: where it is, and what there is to ask."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from components.serving_check.options import Options, Signature
from components.serving_check.pool import Pool
from serving.clients.grpc_client import GrpcClient


class Askable(Protocol):
    """What `Path` needs of `Served`, which in turn asks along paths."""

    @property
    def grpc(self) -> GrpcClient:
        """Asks over gRPC."""

    @property
    def options(self) -> Options:
        """Of the check."""

    @property
    def version(self) -> int:
        """Under which the server has the candidate."""

    @property
    def learnt(self) -> dict[Any, Any]:
        """What was made or found once."""

    def expected(self, signature: str) -> Signature:
        """How an expected or a further signature is asked."""

    def pool(self, signature: str) -> Pool:
        """What an expected or a further signature can be asked."""

    def predict_path(self, version: int | None = None) -> str:
        """Where predict requests are posted."""

    def send(self, body: bytes, path: str | None = None) -> bytes:
        """Posts a predict request and returns the answer.

        Raises:
          AnswerError: the answer is not 200.
          OSError: there is no answer.
        """

    def outputs(self, signature: str, answer: bytes) -> dict[str, NDArray[Any]]:
        """The outputs in an answer over REST. Raises AnswerError when it is none."""
