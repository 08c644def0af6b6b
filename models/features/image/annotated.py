"""Image files with what cameras and programs write beside pixels: profiles, comments, densities."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

_ORIENTATION, _PIECE = 0x0112, 64
_APP1, _COMMENT = b"\xff\xe1", b"\xff\xfe"
_HEADER = 33
"""Bytes of a PNG file up to the end of its first chunk."""
_XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


def annotated_files(grey: Image.Image, colour: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yields names and files of two images of one size, mode L and RGB."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 8
    profile = _profile()
    yield "JPEG, with a profile of its colours", _file(colour, "jpeg", icc_profile=profile)
    yield "JPEG, with a density", _file(colour, "jpeg", dpi=(72, 300))
    yield "JPEG, to be taken up in between", _file(colour, "jpeg", restart_marker_blocks=1)
    yield "JPEG, grey, progressive", _file(grey, "jpeg", progressive=True)
    yield "JPEG, red, green and blue", _file(colour, "jpeg", keep_rgb=True)
    turned = _file(colour, "jpeg", exif=exif)
    yield "JPEG, with a comment", _with_segment(turned, _COMMENT, b"made by somebody")
    yield "JPEG, with XMP before Exif", _with_segment(turned, _APP1, _XMP)
    yield "JPEG, with a picture in Exif", _with_picture(colour, exif)

    yield "PNG, with a profile of its colours", _file(colour, "png", icc_profile=profile)
    yield "PNG, with a density", _file(grey, "png", dpi=(300, 300))
    notes = PngInfo()
    notes.add_text("Comment", "made by somebody")
    notes.add_itxt("Title", "Schöner Schuh", "de", "Titel", zip=True)
    yield "PNG, with texts", _file(colour, "png", pnginfo=notes)
    file = _file(colour, "png")
    more = (b"sRGB", b"\0"), (b"tIME", struct.pack(">H5B", 2026, 2, 28, 23, 59, 60))
    yield "PNG, with a time", _with_chunks(file, *more)
    yield "PNG, with a ground", _with_chunks(file, (b"bKGD", struct.pack(">3H", 9, 99, 199)))
    yield "PNG, that could move", _with_chunks(file, (b"acTL", struct.pack(">2I", 1, 0)))
    yield "PNG, in many pieces", _in_pieces(file)
    yield "PNG, palette of two", _file(colour.quantize(2), "png", bits=1)


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _profile() -> bytes:
    """Of sRGB, without the time at which it was made."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def _with_segment(jpeg: bytes, marker: bytes, content: bytes) -> bytes:
    """Behind the first one, which says that it is a JPEG file."""
    first = 4 + struct.unpack(">H", jpeg[4:6])[0]
    segment = marker + struct.pack(">H", len(content) + 2) + content
    return jpeg[:first] + segment + jpeg[first:]


def _with_picture(picture: Image.Image, exif: Image.Exif) -> bytes:
    """Cameras write a small one behind what Exif says."""
    small = _file(picture.resize((8, 8)).transpose(Image.Transpose.ROTATE_90), "jpeg")
    file = io.BytesIO()
    picture.save(file, "jpeg", exif=exif.tobytes() + small)
    return file.getvalue()


def _with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    return png[:_HEADER] + b"".join(_chunk(*each) for each in chunks) + png[_HEADER:]


def _in_pieces(png: bytes) -> bytes:
    """The same pixels, cut where nothing ends."""
    at, pixels = _HEADER, b""
    while at < len(png):
        [length] = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            pixels += png[at + 8 : at + 8 + length]
        at += 12 + length
    pieces = (pixels[start : start + _PIECE] for start in range(0, len(pixels), _PIECE))
    written = b"".join(_chunk(b"IDAT", piece) for piece in (b"", *pieces))
    return png[:_HEADER] + written + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
