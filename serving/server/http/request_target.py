"""What a request line asks for, as upstream's HTTP library reads it."""

from __future__ import annotations

import re

_CHARACTER = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})"
_TARGET = re.compile(
    rb"(?:(?:[A-Za-z][A-Za-z0-9+\-.]*:)?//[^/?#]*)?"
    rb"(?P<path>" + _CHARACTER + rb"*(?:\?(?:" + _CHARACTER + rb"|\?)*)?"
    rb"(?:#(?:" + _CHARACTER + rb"|\?)*)?)"
)


def read_target(target: bytes) -> str | None:
    """Path and query of a request target, which may name scheme and host before (RFC 9112, 3.2.2).

    The query is part of what upstream compares with its routes (`uri_path` in
    util/net_http/server/internal/evhttp_request.cc), so a request with one finds none.

    Returns:
      None for what is no URI by RFC 3986, such as letters that are not percent-encoded.
    """
    matched = _TARGET.fullmatch(target)
    return matched["path"].decode("ascii") if matched else None
