"""A request that offers to go on in another protocol, such as HTTP/2 or WebSocket.

Nobody need take such an offer (RFC 9110, 7.8), and upstream's HTTP library passes it over. The
parser does not: it takes the request for its head alone, and what follows for the other protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_OF_THE_OFFER = frozenset((b"upgrade", b"http2-settings"))
_DONE = frozenset((b"expect",))
"""Was answered with the head."""


def without_offer(parser: Any, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of the same request without the offer.

    Args:
      parser: of httptools, which has stopped behind the head.
      url: as it was sent.
      headers: names in lower case, and values.
    """
    version = parser.get_http_version().encode("ascii")
    lines = [b"%b %b HTTP/%b" % (parser.get_method(), url, version)]
    for name, value in headers:
        if name == b"connection":
            kept = [each for each in value.split(b",") if each.strip().lower() not in _OF_THE_OFFER]
            value = b",".join(kept)
        if name not in _OF_THE_OFFER | _DONE and (value or name != b"connection"):
            lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*lines, b"", b""))
