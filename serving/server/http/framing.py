"""An answer as the bytes of an HTTP/1.1 message."""

from __future__ import annotations

import http

from serving.server import heap
from serving.server.rest import Answer

_REASONS = {status.value: status.phrase for status in http.HTTPStatus}


def framed(answer: Answer, *, last: bool, head_alone: bool = False) -> list[bytes]:
    """The message in parts, which are not joined where that would copy much.

    Args:
      answer: its `rest` is used up.
      last: whether the connection ends with it.
      head_alone: leaves the body out, as HEAD wants it; its length is told nevertheless.
    """
    connection = "Connection: close\r\n" if last else ""
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {answer.length}\r\n{answer.headers}{connection}\r\n"
    ).encode("ascii")
    rest = answer.rest.copy()
    answer.rest.clear()
    if head_alone:
        return [head]
    if len(answer.body) < heap.LARGE_BYTES:
        return [head + answer.body, *rest]
    # Two calls cost less than a copy.
    return [head, answer.body, *rest]
