"""Unpacks request bodies that came with `Content-Encoding: gzip`."""

from __future__ import annotations

import zlib

from serving.server.status import Code, StatusError, invalid_argument

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 1 << 14
_LARGEST_PIECE = 1 << 18


class TooLargeError(StatusError):
    """A body that is larger than the limit once it is unpacked."""


def is_gzip(content_encoding: str) -> bool:
    """Whether a Content-Encoding means gzip (NeedUncompressGzipContent in evhttp_request.cc).

    As upstream, other encodings, `GZIP` among them, are passed over: such a body is read as it is.
    """
    return "gzip" in content_encoding


def unpack(packed: bytes | bytearray, limit: int) -> bytearray:
    """The body that was packed, of one member or of several that follow each other (RFC 1952).

    Args:
      packed: what came.
      limit: largest size in bytes; no more than that, and a piece, is ever unpacked.

    Raises:
      StatusError: INVALID_ARGUMENT for what is not gzip, or ends too early; TooLargeError.
    """
    unpacked = bytearray()
    position = 0
    member = zlib.decompressobj(_GZIP)
    while position < len(packed):
        chunk = packed[position : position + _CHUNK]
        try:
            piece = member.decompress(chunk, _LARGEST_PIECE)
        except zlib.error as error:
            raise _malformed("it is no gzip, or damaged") from error
        # Counted, because what is left over of all that follows would be copied for each member.
        position += len(chunk) - len(member.unconsumed_tail) - len(member.unused_data)
        unpacked += piece
        if len(unpacked) > limit:
            raise TooLargeError(
                Code.INVALID_ARGUMENT,
                f"The request body is larger than {limit} bytes once it is unpacked;"
                " --rest_api_max_body_bytes sets the limit",
            )
        if member.eof and position < len(packed):
            member = zlib.decompressobj(_GZIP)
    if packed and not member.eof:
        raise _malformed("it ends too early")
    return unpacked


def _malformed(problem: str) -> StatusError:
    return invalid_argument(
        "The request has the header Content-Encoding: gzip, but its body cannot be unpacked:"
        f" {problem}. Send it packed with gzip, or leave the header out"
    )
