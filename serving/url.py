"""Addresses of model servers as people write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

HTTP = ("http", "https")
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff]")


def checked_url(text: str, *schemes: str) -> str:
    """The address, when a client could connect to it.

    Args:
      text: such as `http://localhost:8501`.
      schemes: those that are taken; http and https when none is given.

    Raises:
      ValueError: it names no server; the message is the end of a sentence.
    """
    schemes = schemes or HTTP
    if _UNFIT.search(text):
        raise ValueError("it holds characters that no address has")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise ValueError("its host or port cannot be read") from error
    if parts.scheme not in schemes or not host:
        known = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(f"it must begin with {known} and name a host")
    return text
