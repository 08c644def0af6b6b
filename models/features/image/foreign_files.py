"""What people send for an image file: other formats, texts that lead to one, pages of errors.

Of a format that nobody here writes there are only the first bytes, by which programs know it.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator

_BOX = b"\0\0\0\x18ftyp%b\0\0\0\0mif1%b"
"""ISO 14496-12, 4.3: the box that a file of HEIC or AVIF begins with."""
_SIGNATURE = b"\0\0\0\x0c%b\r\n\x87\n"
"""ISO 15444-1, I.5.1, and ISO 18181-2: the first box of a file of JPEG 2000 or JPEG XL."""
_REST = bytes(100)
_ICON = b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0%b\x16\0\0\0"
"""A picture file of so many bytes, a number of four, in an icon."""


def foreign_files(png: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields names and what is no image file of a model's.

    Args:
      png: a PNG file.
    """
    yield "HEIC, as telephones take photos", _BOX % (b"heic", b"heic") + _REST
    yield "AVIF", _BOX % (b"avif", b"avif") + _REST
    yield "JPEG XL", _SIGNATURE % b"JXL " + _REST
    yield "JPEG 2000", _SIGNATURE % b"jP  " + _REST
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"/>'
    yield "PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + _REST
    yield "an icon", _ICON % len(png).to_bytes(4, "little") + png
    yield "an address", b"https://example.com/picture.png"
    yield "a page of the Web", b"<!DOCTYPE html>\n<html><body>Not Found</body></html>\n"
    yield "a PNG in base64", base64.b64encode(png)
    yield "a PNG, packed", gzip.compress(png, mtime=0)
    yield "a PNG, copied as if it were text", png.replace(b"\r\n", b"\n")
