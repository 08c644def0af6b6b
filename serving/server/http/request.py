"""A whole HTTP request, and how it is answered once it is there."""

from __future__ import annotations

import dataclasses
import http
from collections.abc import Callable

from serving.server import heap
from serving.server.http import gzip_body
from serving.server.rest import Answer, Body, refusal
from serving.server.status import StatusError

Handler = Callable[[str, str, Body, str], Answer]
"""Method, path with query, body, and origin to answer."""


@dataclasses.dataclass(slots=True)
class HttpRequest:
    """What a client sent, or the answer to what broke a limit."""

    method: str
    path: str
    body: Body
    keep_alive: bool
    gzip: bool = False
    origin: str = ""
    refused: Answer | None = None
    """The answer to a request that broke a limit; the connection ends with it."""

    def answer(self, handler: Handler, max_body: int) -> Answer:
        """Unpacks the body, and has the handler answer.

        Args:
          handler: is asked; what it raises besides a StatusError is not caught.
          max_body: largest body in bytes, unpacked.
        """
        large = self.gzip or len(self.body) >= heap.LARGE_BYTES
        try:
            body = self.body
            if self.gzip:
                body = gzip_body.unpack(body, max_body)
                heap.drop(self.body)
            answer = handler(self.method, self.path, body, self.origin)
        except gzip_body.TooLargeError as error:
            answer = refusal(error, http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except StatusError as error:
            answer = refusal(error)
        if large:
            heap.trim_soon()
        return answer
