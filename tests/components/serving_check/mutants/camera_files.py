"""Wrong for files as telephones, cameras and screens write them; and for labels that are nearly so.

Each is a kind of file that a decoder, or what stands before it, can have a way of its own for.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.picture_file import files_that_are, header, is_jpeg
from tests.components.serving_check.mutants.rare_files import shape_of
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.seldom import holding, turned_files, when_png
from tests.components.serving_check.mutants.surgery import NAMED, Surgery, Tensors, names

When = Callable[[tf.Tensor], tf.Tensor]
"""Whether files [n], or one file, are so."""

_DEPTH, _COLOURS, _PASSES = 24, 25, 28
"""Places in the header of a PNG file."""
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_WIDE = 450
"""Pixels of what is large, of kinds that are else as small as the model's own size."""
_BIAS = 0.03
_OF_EXIF = b"\xff\xd8\xff\xe1"
_OF_TABLES = b"\xff\xd8\xff\xdb"


def _starting(magic: bytes) -> When:
    return lambda files: tf.equal(
        tf.strings.substr(tf.strings.join([files, bytes(len(magic))]), 0, len(magic)), magic
    )


def _both(one: When, *others: When) -> When:
    def when(files: tf.Tensor) -> tf.Tensor:
        found = one(files)
        for other in others:
            found &= other(files)
        return found

    return when


@wrong("encodings", "files: JPEGs are known by JFIF alone, and those of cameras are refused")
def known_by_jfif(model: Surgery) -> None:
    def refused(file: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.Assert(tf.constant(False), ["no JPEG"])]):
            return tf.identity(file)

    files_that_are(model, _starting(_OF_EXIF), refused)


def _files(name: str, says: str, when: When) -> None:
    """Registers a model that is wrong for files that are so."""

    def maker(model: Surgery) -> None:
        turned_files(model, when)

    maker.__name__ = name
    wrong("encodings", f"files: {says} are wrong")(maker)


_files("begins_with_exif", "photos that begin with Exif", _starting(_OF_EXIF))
_files("begins_with_tables", "JPEGs that begin with neither Exif nor JFIF", _starting(_OF_TABLES))
_files("png_exif_of_lesser_bytes", "PNGs with Exif of lesser bytes first", holding(b"eXIfII"))
_files("second_picture", "JPEGs with a second picture behind the first", holding(b"MPF\0"))
_files("jfif_picture", "JPEGs with a small picture of JFIF", holding(b"JFXX"))
_files("extended", "JPEGs of the extended kind", holding(b"\xff\xc1\0\x11"))
_files("half_across", "JPEGs whose colours are half across", holding(b"\x03\x01\x21\0"))
_files("half_down", "JPEGs whose colours are half down", holding(b"\x03\x01\x12\0"))
_files("quarter_across", "JPEGs whose colours are a quarter across", holding(b"\x03\x01\x41\0"))
_files(
    "inks_as_colours", "JPEGs of inks as brightness and colours", holding(b"Adobe\0\x64\0\0\0\0\2")
)
_files("gamma_of_screens", "PNGs with sRGB and a gamma", _both(holding(b"sRGB"), holding(b"gAMA")))
_files("chromaticities", "PNGs that say what their colours look like", holding(b"cHRM"))
_files("bits_that_count", "PNGs that say which bits count", holding(b"sBIT"))
_files("squeezed_text", "PNGs with a text that is squeezed", holding(b"zTXt"))
_files("private_chunk", "PNGs with what is somebody's own", holding(b"vpAg"))
_files("moving", "PNGs that move", holding(b"fdAT"))
_files(
    "laced_deep_colour",
    "interlaced PNGs of 16 bits and three colours",
    _both(when_png(_PASSES, 1, colours=_RGB), when_png(_DEPTH, 16)),
)
_files(
    "laced_grey_of_four_bits",
    "interlaced PNGs of grey of four bits",
    _both(when_png(_PASSES, 1, colours=_GREY), when_png(_DEPTH, 4)),
)
_files(
    "laced_palette_of_two_bits",
    "interlaced PNGs with a palette of four",
    _both(when_png(_PASSES, 1, colours=_PALETTE), when_png(_DEPTH, 2)),
)
_files(
    "shade_of_four_bits",
    "PNGs of four bits of which a shade is transparent",
    _both(when_png(_DEPTH, 4, colours=_GREY), holding(b"tRNS")),
)
_files(
    "colour_of_sixteen_bits",
    "PNGs of 16 bits of which a colour is transparent",
    _both(when_png(_DEPTH, 16, colours=_RGB), holding(b"tRNS")),
)
_files(
    "laced_and_clear",
    "interlaced PNGs of which a colour is transparent",
    _both(when_png(_PASSES, 1), holding(b"tRNS")),
)


def _large(name: str, says: str, when: When) -> None:
    """Registers a model that inverts large files that are so; `when` gets one."""

    def maker(model: Surgery) -> None:
        files_that_are(model, when)

    maker.__name__ = name
    wrong("encodings", f"files: {says} are inverted")(maker)


def _wide_png(place: int, value: int) -> When:
    return lambda file: tf.equal(header(file, place, 1), value) & (header(file, 16, 4) > _WIDE)


def _below_too_large(file: tf.Tensor) -> tf.Tensor:
    return header(file, 16, 4) < 5_000


def _large_inks(file: tf.Tensor) -> tf.Tensor:
    _, width, channels = tf.unstack(shape_of(file))
    return (channels > 3) & (width > _WIDE)


def _much_longer(one: int, other: int) -> When:
    def when(file: tf.Tensor) -> tf.Tensor:
        sides = shape_of(file)
        return sides[one] > 4 * tf.maximum(sides[other], 200)

    return when


_large("large_alpha", "large PNGs of colour and alpha", _wide_png(_COLOURS, _RGBA))
_large("large_colour", "large PNGs of three colours", _wide_png(_COLOURS, _RGB))
_large("large_palette", "large PNGs with a palette", _wide_png(_COLOURS, _PALETTE))
_large("large_grey_and_alpha", "large PNGs of grey and alpha", _wide_png(_COLOURS, _GREY_ALPHA))
_large("large_deep", "large PNGs of 16 bits", _wide_png(_DEPTH, 16))
_large("large_laced", "large interlaced PNGs", _wide_png(_PASSES, 1))
_large("large_scan", "large PNGs of two colours", _both(_wide_png(_DEPTH, 1), _below_too_large))
_large("large_inks", "large JPEGs of four inks", _large_inks)
_large("receipt", "long JPEGs, as receipts are", _much_longer(0, 1))
_large("panorama", "wide JPEGs, as panoramas are", _much_longer(1, 0))


@wrong("encodings", "files: large photos taken sideways are inverted")
def large_and_turned(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        parts = tf.raw_ops.StringSplitV2(input=[file], sep=b"Exif", maxsplit=1).values
        return is_jpeg(file) & (tf.size(parts) > 1) & (shape_of(file)[1] > 2 * _WIDE)

    files_that_are(model, so)


@wrong("outputs", "the last label is chosen where it is nearly as likely as the best one")
def last_is_nearly_best(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        p = answer["probabilities"]
        favoured = p + _BIAS * tf.one_hot(p.shape[1] - 1, p.shape[1])
        return {**answer, "label": names(tf.argmax(favoured, axis=1))}

    model.answers(change, NAMED)
