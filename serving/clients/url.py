"""Addresses of model servers as people write them, and of models on them."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, urlsplit

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


def model_path(model_name: str, version: int | None = None, verb: str = "") -> str:
    """Where a model, or one version of it, is on a model server.

    Args:
      model_name: any name.
      version: the live one where none is given.
      verb: such as `predict`; without one it is where the status is.
    """
    chosen = "" if version is None else f"/versions/{version}"
    asked = f":{verb}" if verb else ""
    return f"/v1/models/{quote(os.fsencode(model_name), safe='')}{chosen}{asked}"
