"""Does the server refuse malformed requests clearly, and answer the next valid one?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.serving_check.answers import error_text
from components.serving_check.catalogue import MalformedRequest, malformed_requests
from components.serving_check.checks.check import Check
from components.serving_check.connection import Connection
from components.serving_check.control import is_of_the_machine
from components.serving_check.options import Options
from components.serving_check.paths import REST

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "malformed requests"


@dataclasses.dataclass(frozen=True)
class Refused:
    """How the server took one malformed request."""

    name: str
    expected_status: int
    status: int | None
    """None when there was no answer."""
    error: str
    """The text of the answer's `error`, or what went wrong without one; "" when it had none."""
    next_answer_right: bool
    """Whether the valid request right after it was answered as the trained model does."""

    @property
    def ok(self) -> bool:
        """Whether it was refused with a reason, and the next request answered."""
        return self.status == self.expected_status and bool(self.error) and self.next_answer_right

    @property
    def problem(self) -> str:
        """What is wrong about the answer; "" for nothing."""
        if self.status is None:
            return f"no answer to {self.name} ({self.error})"
        if self.status != self.expected_status:
            return f"status {self.status} instead of {self.expected_status} for {self.name}"
        if not self.error:
            return f"no error text for {self.name}"
        return "" if self.next_answer_right else f"a wrong answer right after {self.name}"


def measure(served: Served) -> tuple[Refused, ...]:
    """Sends the catalogue, a valid request after each: another signature and example each time.

    Raises:
      OSError: no answer came in time, or the machine kept it from being asked.
    """
    requests = malformed_requests(served.model_name, served.options)
    return tuple(_send(served, request, number) for number, request in enumerate(requests))


def _send(served: Served, request: MalformedRequest, number: int) -> Refused:
    status = None
    try:
        # On a connection of its own: a server may close that after a malformed request.
        with Connection(served.server.rest_url) as connection:
            status, body = connection.exchange(request.method, request.path, request.body)
        error = error_text(body)
    except OSError as failure:
        # Who falls silent is asked with more patience, and then held against a known model.
        if is_of_the_machine(failure) or isinstance(failure, TimeoutError):
            raise
        error = str(failure) or type(failure).__name__
    signatures = list(served.options.signatures)
    signature = signatures[number % len(signatures)]
    place = number % len(served.pool(signature).real)
    return Refused(
        name=request.name,
        expected_status=request.status,
        status=status,
        error=error,
        next_answer_right=served.problem(signature, [place], REST) is None,
    )


def judge(refused: Sequence[Refused], options: Options) -> list[Check]:
    """Passes when each has the right status and an error text, and the next answer is right."""
    problems = [answer.problem for answer in refused if not answer.ok]
    return [
        Check(
            NAME,
            ok=not problems,
            expected=f"a clear error for {len(refused)} requests and a right answer after each",
            found=f"{len(problems)} wrong: {problems[0]}" if problems else "all of them",
        )
    ]
