"""Image files with what cameras and programs write beside pixels: profiles, comments, densities."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from models.features.image.picture_file import ORIENTATION, saved

_PIECE = 64
_APP0, _APP1, _COMMENT = b"\xff\xe0", b"\xff\xe1", b"\xff\xfe"
_TABLES = b"\xff\xdb"
_SHORT, _LONG = 3, 4
"""Types of a value in Exif."""
_NO_ORIENTATION, _ON_ITS_SIDE, _OVERHEAD = 0, 6, 3
_HEADER = 33
"""Bytes of a PNG file up to the end of its first chunk."""
_XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


def annotated_files(grey: Image.Image, colour: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yields names and files of two images of one size, mode L and RGB."""
    yield from _jpegs(grey, colour)
    yield from _turned_jpegs(saved(colour, "jpeg"))
    yield from _pngs(grey, colour)


def _jpegs(grey: Image.Image, colour: Image.Image) -> Iterator[tuple[str, bytes]]:
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    yield "JPEG, with a profile of its colours", saved(colour, "jpeg", icc_profile=_profile())
    yield "JPEG, with a density", saved(colour, "jpeg", dpi=(72, 300))
    yield "JPEG, to be taken up in between", saved(colour, "jpeg", restart_marker_blocks=1)
    yield "JPEG, grey, progressive", saved(grey, "jpeg", progressive=True)
    yield "JPEG, red, green and blue", saved(colour, "jpeg", keep_rgb=True)
    turned = saved(colour, "jpeg", exif=exif)
    yield "JPEG, with a comment", _with_segment(turned, _COMMENT, b"made by somebody")
    yield "JPEG, with XMP before Exif", _with_segment(turned, _APP1, _XMP)
    yield "JPEG, with a picture in Exif", _with_picture(colour, exif)
    # As cameras and telephones write it.
    yield "JPEG, of Exif and not of JFIF", without_first(turned)
    plain = saved(colour, "jpeg")
    yield "JPEG, of neither", without_first(plain)
    thumbnail = b"JFXX\0\x13" + bytes([1, 1, 9, 99, 199])
    yield "JPEG, with a small picture of JFIF", _with_segment(plain, _APP0, thumbnail)
    yield "JPEG, with bytes between", plain.replace(_TABLES, b"\xff\xff" + _TABLES, 1)
    yield "JPEG, with a second picture", saved(colour, "mpo", save_all=True, append_images=[colour])


def _turned_jpegs(plain: bytes) -> Iterator[tuple[str, bytes]]:
    """A JPEG file without Exif, with what programs write there of how the camera was held."""
    for order in ("<", ">"):
        said = "lesser" if order == "<" else "greater"
        two = _tiff(order, [(ORIENTATION, _SHORT, _ON_ITS_SIDE)], [(ORIENTATION, _SHORT, 8)])
        yield f"JPEG, turned twice by Exif, {said} bytes first", _with_exif(plain, two)
        later = [
            (0x010F, _LONG, ORIENTATION),
            (ORIENTATION, _SHORT, _OVERHEAD),
            (0x0213, _SHORT, 1),
        ]
        yield (
            f"JPEG, turned by Exif among others, {said} bytes first",
            _with_exif(plain, _tiff(order, later)),
        )
    nowhere = _tiff("<", [(ORIENTATION, _SHORT, _NO_ORIENTATION)])
    yield "JPEG, turned by Exif to nowhere", _with_exif(plain, nowhere)
    beyond = _tiff(">", [(ORIENTATION, _SHORT, 9)])
    yield "JPEG, turned by Exif beyond what there is", _with_exif(plain, beyond)
    yield "JPEG, with damaged Exif", _with_exif(plain, b"II*\0\xff\xff\xff\x7f")


def _pngs(grey: Image.Image, colour: Image.Image) -> Iterator[tuple[str, bytes]]:
    yield "PNG, with a profile of its colours", saved(colour, "png", icc_profile=_profile())
    yield "PNG, with a density", saved(grey, "png", dpi=(300, 300))
    notes = PngInfo()
    notes.add_text("Comment", "made by somebody")
    notes.add_itxt("Title", "Schöner Schuh", "de", "Titel", zip=True)
    yield "PNG, with texts", saved(colour, "png", pnginfo=notes)
    file = saved(colour, "png")
    more = (b"sRGB", b"\0"), (b"tIME", struct.pack(">H5B", 2026, 2, 28, 23, 59, 60))
    yield "PNG, with a time", _with_chunks(file, *more)
    yield "PNG, with a ground", _with_chunks(file, (b"bKGD", struct.pack(">3H", 9, 99, 199)))
    yield "PNG, that could move", _with_chunks(file, (b"acTL", struct.pack(">2I", 1, 0)))
    yield "PNG, in many pieces", _in_pieces(file)
    yield "PNG, palette of two", saved(colour.quantize(2), "png", bits=1)
    turned_too = _tiff("<", [(ORIENTATION, _SHORT, _ON_ITS_SIDE)])
    yield "PNG, turned by Exif of lesser bytes first", _with_chunks(file, (b"eXIf", turned_too))
    yield "PNG, turned by Exif behind the pixels", _before_end(file, (b"eXIf", turned_too))
    of_sight = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    yield (
        "PNG, as screens are saved",
        _with_chunks(
            file,
            *((b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45_455)), (b"cHRM", of_sight)),
            (b"pHYs", struct.pack(">2IB", 3_780, 3_780, 1)),
        ),
    )
    yield "PNG, with a gamma alone", _with_chunks(file, (b"gAMA", struct.pack(">I", 45_455)))
    yield "PNG, with the bits that count", _with_chunks(file, (b"sBIT", bytes([5, 6, 5])))
    yield "PNG, with what is somebody's own", _with_chunks(file, (b"vpAg", bytes(9)))
    squeezed = PngInfo()
    squeezed.add_text("Comment", "made by somebody", zip=True)
    yield "PNG, with a text that is squeezed", saved(colour, "png", pnginfo=squeezed)
    yield (
        "PNG, that moves",
        saved(colour, "png", save_all=True, append_images=[grey.convert("RGB")]),
    )


def _profile() -> bytes:
    """Of sRGB, without the time at which it was made."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def _with_segment(jpeg: bytes, marker: bytes, content: bytes) -> bytes:
    """Behind the first one, which says that it is a JPEG file."""
    first = 4 + struct.unpack(">H", jpeg[4:6])[0]
    segment = marker + struct.pack(">H", len(content) + 2) + content
    return jpeg[:first] + segment + jpeg[first:]


def without_first(jpeg: bytes) -> bytes:
    """Without the segment that says that it is a JPEG file of JFIF, which not all have."""
    return jpeg[:2] + jpeg[4 + struct.unpack(">H", jpeg[4:6])[0] :]


def _with_exif(jpeg: bytes, tiff: bytes) -> bytes:
    return _with_segment(jpeg, _APP1, b"Exif\0\0" + tiff)


def _tiff(order: str, *directories: list[tuple[int, int, int]]) -> bytes:
    """TIFF data, of the order of bytes that `struct` calls so: tags, types and values."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    found, at = head + struct.pack(f"{order}I", 8), 8
    for place, entries in enumerate(directories):
        at += 2 + 12 * len(entries) + 4
        found += struct.pack(f"{order}H", len(entries))
        for tag, kind, value in entries:
            held = struct.pack(
                f"{order}HH" if kind == _SHORT else f"{order}I", value, *[0] * (kind == _SHORT)
            )
            found += struct.pack(f"{order}HHI", tag, kind, 1) + held
        found += struct.pack(f"{order}I", at if place + 1 < len(directories) else 0)
    return found


def _before_end(png: bytes, chunk: tuple[bytes, bytes]) -> bytes:
    return png[:-12] + _chunk(*chunk) + png[-12:]


def _with_picture(picture: Image.Image, exif: Image.Exif) -> bytes:
    """Cameras write a small one behind what Exif says."""
    small = saved(picture.resize((8, 8)).transpose(Image.Transpose.ROTATE_90), "jpeg")
    return saved(picture, "jpeg", exif=exif.tobytes() + small)


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
