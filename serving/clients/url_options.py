"""Types of argparse: addresses of servers on the command line, told in words."""

from __future__ import annotations

import argparse

from serving.clients.url import HTTP, checked_url

_GRPC = "grpc"


def url_option(text: str) -> str:
    """An address of HTTP.

    Raises:
      argparse.ArgumentTypeError: it is none.
    """
    return _url(text, *HTTP)


def server_option(text: str) -> str:
    """An address of HTTP or gRPC.

    Raises:
      argparse.ArgumentTypeError: it is none.
    """
    return _url(text, *HTTP, _GRPC)


def _url(text: str, *schemes: str) -> str:
    try:
        return checked_url(text, *schemes)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r:.100} is refused: {error}") from error
