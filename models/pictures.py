"""Image files as the network sees them: the one rule for pixels, inside the graph that is served.

A file is decoded, composited on white where it is transparent, turned upright as its EXIF data say,
made grey and shrunk, or enlarged, until its longer side fits; what is left free stays black.
`serving/letterbox.py` follows the same rule outside TensorFlow, and tests compare the two.
"""

from __future__ import annotations

import struct
import zlib

import tensorflow as tf

from models import features

LARGEST_PICTURE = 64_000_000
"""Pixels of one file; a PNG of some kilobytes can claim to be far larger."""
BACKGROUND = 0
"""What letterboxing fills in: the ground of the images that the network learned from is black."""

_GREY = (0.299, 0.587, 0.114)
"""ITU-R BT.601, as JPEG files and Pillow have it."""

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")
_PNG_DATA = b"IDAT"

_EXIF_BYTES = 1 << 16
"""No segment of a JPEG is longer, and the one with EXIF data stands first."""
_ORIENTATION, _ENTRY_BYTES = 0x0112, 12
# TIFF 6.0, Orientation, by its value, 0 being none: whether rows and columns change places, and
# which of them are reversed after that.
_TRANSPOSED = (False, False, False, False, False, True, True, True, True)
_REVERSED = (
    *((False, False), (False, False), (False, True), (True, True), (True, False)),
    *((False, False), (False, True), (True, True), (True, False)),
)


def _start_of_ready() -> bytes:
    """How a PNG file starts whose pixels the network could take as they are: 28 x 28, 8 bit grey.

    Such files are what clients send that hold pixels; they spare themselves all the rest.
    """
    header = struct.pack(">2I5B", features.WIDTH, features.HEIGHT, 8, 0, 0, 0, 0)
    return _PNG + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))


_READY = _start_of_ready()


def decode(file: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """One PNG or JPEG file of any size and colour, string [], to grey pixels, uint8 [28, 28].

    An image of 28 x 28 grey pixels comes out bit for bit. For graphs made with `autograph=False`.

    Args:
      file: the file's bytes.
      index: int32 [], its place in the request, which errors name.

    Raises:
      InvalidArgumentError: it is neither, is damaged, or has more than LARGEST_PICTURE pixels.
    """
    looked_at = len(_READY) + 4 + len(_PNG_DATA)
    # Padded, for substr fails on positions behind the end, and its words hold the string as it is.
    start = tf.strings.join([tf.strings.substr(file, 0, looked_at), bytes(looked_at)])
    # The pixels follow at once, so nothing says that one of them is transparent, or the way up.
    is_ready = tf.equal(tf.strings.substr(start, 0, len(_READY)), _READY)
    is_ready &= tf.equal(tf.strings.substr(start, len(_READY) + 4, 4), _PNG_DATA)
    pixels = tf.cond(
        is_ready,
        lambda: tf.io.decode_png(file, channels=1)[:, :, 0],
        lambda: _letterboxed(_any(file, start, index)),
    )
    return tf.ensure_shape(pixels, [features.HEIGHT, features.WIDTH])


def _any(file: tf.Tensor, start: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    is_jpeg = tf.equal(tf.strings.substr(start, 0, len(_JPEG)), _JPEG)
    grey, tiff = tf.cond(is_jpeg, lambda: _jpeg(file, index), lambda: _png(file, start, index))
    has_exif = tf.strings.length(tiff) > 0
    return _upright(grey, tf.cond(has_exif, lambda: _orientation(tiff), lambda: tf.constant(1)))


def _jpeg(file: tf.Tensor, index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Grey pixels as they are stored, and the TIFF data of EXIF, empty where there are none."""
    height, width, channels = tf.unstack(tf.io.extract_jpeg_shape(file), num=3)
    with tf.control_dependencies([_bounded(height, width, index)]):
        file = tf.identity(file)

    def decoded(channels: int) -> tf.Tensor:
        # The accurate method is Pillow's.
        pixels = tf.io.decode_jpeg(file, channels=channels, dct_method="INTEGER_ACCURATE")
        return _fitted(pixels, height, width)

    # Grey is what a JPEG holds, apart from one in CMYK, of which libjpeg makes colours only.
    grey = tf.cond(channels < 4, lambda: decoded(1)[:, :, 0], lambda: _grey(decoded(3)))
    return grey, _after(b"Exif\0\0", tf.strings.substr(file, 0, _EXIF_BYTES))


def _png(file: tf.Tensor, start: tf.Tensor, index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """As `_jpeg`."""
    sizes = tf.io.decode_raw(tf.strings.substr(start, len(_PNG), 8), tf.int32, little_endian=False)
    width, height = tf.unstack(sizes, num=2)
    colour_type = tf.io.decode_raw(tf.strings.substr(start, len(_PNG) + 9, 1), tf.uint8)[0]
    is_png = tf.equal(tf.strings.substr(start, 0, len(_PNG)), _PNG) & (height != 0) & (width != 0)
    with tf.control_dependencies([_demand(is_png, index, "is no PNG or JPEG file; convert it.")]):
        bounded = _bounded(height, width, index)
    with tf.control_dependencies([bounded]):
        file = tf.identity(file)

    def opaque() -> tf.Tensor:
        return _grey(_fitted(tf.io.decode_png(file, channels=3), height, width))

    def transparent() -> tf.Tensor:
        # Multiplied before it is resized, so that colours of what is not seen do not bleed.
        pixels = tf.cast(tf.io.decode_png(file, channels=4), tf.uint16)
        alpha = pixels[:, :, 3:]
        colours = _fitted(pixels[:, :, :3] * alpha, height, width)
        return _grey(colours / 255.0 + (255.0 - _fitted(alpha, height, width)))

    # Asked for an alpha channel of an image without one, TensorFlow makes a wrong one where a pixel
    # has fewer than 8 bits. PNG, sections 11.2.2 and 11.3.2: bit 2 of the colour type, and tRNS.
    before = _split(file, _PNG_DATA)[0]
    has_alpha = tf.not_equal(tf.bitwise.bitwise_and(colour_type, 4), 0)
    has_alpha |= tf.size(_split(before, b"tRNS")) > 1
    return tf.cond(has_alpha, transparent, opaque), _after(b"eXIf", before)


def _split(content: tf.Tensor, marker: bytes) -> tf.Tensor:
    """What stands before and, if it is there, after the first `marker`: string [1 or 2]."""
    return tf.raw_ops.StringSplitV2(input=[content], sep=marker, maxsplit=1).values


def _after(marker: bytes, content: tf.Tensor) -> tf.Tensor:
    """What stands after the first `marker`; nothing where there is none."""
    return tf.concat([_split(content, marker), [b""]], axis=0)[1]


def _demand(condition: tf.Tensor, index: tf.Tensor, what: str) -> tf.Operation:
    message = tf.strings.join(["Image ", tf.strings.as_string(index), " of the request ", what])
    return tf.debugging.Assert(condition, [message])


def _bounded(height: tf.Tensor, width: tf.Tensor, index: tf.Tensor) -> tf.Operation:
    count = tf.cast(height, tf.float64) * tf.cast(width, tf.float64)
    fits = (height > 0) & (width > 0) & (count <= LARGEST_PICTURE)
    return _demand(fits, index, f"has more than {LARGEST_PICTURE:,} pixels; scale it down.")


def _fitted(pixels: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """[height, width, c] to float32 with the longer side as long as the network's images."""
    size = tf.cast(tf.stack([height, width]), tf.float32)
    room = tf.constant([features.HEIGHT, features.WIDTH], tf.float32)
    fitting = tf.maximum(tf.round(size * tf.reduce_min(room / size)), 1.0)
    # Nothing is squeezed to less than a pixel, however long and thin it is.
    return tf.raw_ops.ScaleAndTranslate(
        images=pixels[tf.newaxis],
        size=tf.cast(fitting, tf.int32),
        scale=fitting / size,
        translation=[0.0, 0.0],
        kernel_type="triangle",
        antialias=True,
    )[0]


def _grey(colours: tf.Tensor) -> tf.Tensor:
    return tf.linalg.matvec(colours, tf.constant(_GREY))


def _orientation(tiff: tf.Tensor) -> tf.Tensor:
    """The EXIF orientation, int32 1 to 8, in TIFF data; 1 where there is none."""
    # TIFF 6.0, section 2: byte order, 42, offset of the directory: a count and entries of 12 bytes
    # (tag, type, count, value). Reading past the end finds zeros, so damaged data have none.
    data = tf.cast(tf.io.decode_raw(tiff, tf.uint8), tf.int32)
    data = tf.concat([data, tf.zeros([16], tf.int32)], axis=0)
    order = tf.where(tf.equal(data[0], ord("M")), [256, 1], [1, 256])
    last = tf.size(data) - 2

    def short(at: tf.Tensor) -> tf.Tensor:
        at = tf.clip_by_value(at, 0, last)
        return tf.reduce_sum(data[at : at + 2] * order)

    directory = tf.where(tf.equal(data[0], ord("M")), short(6), short(4))
    count = tf.minimum(short(directory), (tf.size(data) - 2 - directory) // _ENTRY_BYTES)
    count = tf.where(tf.equal(short(2), 42), tf.maximum(count, 0), 0)
    entries = tf.reshape(
        data[directory + 2 : directory + 2 + count * _ENTRY_BYTES], tf.stack([count, _ENTRY_BYTES])
    )
    values = tf.linalg.matvec(entries[:, 8:10], order)
    known = tf.equal(tf.linalg.matvec(entries[:, :2], order), _ORIENTATION)
    found = tf.boolean_mask(values, known & (values >= 1) & (values <= 8))
    return tf.concat([found, [1]], axis=0)[0]


def _upright(grey: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    transposed = tf.gather(_TRANSPOSED, orientation)
    grey = tf.transpose(grey, tf.where(transposed, [1, 0], [0, 1]))
    return tf.raw_ops.Reverse(tensor=grey, dims=tf.gather(_REVERSED, orientation))


def _letterboxed(grey: tf.Tensor) -> tf.Tensor:
    free = [features.HEIGHT, features.WIDTH] - tf.shape(grey)
    before = free // 2
    padding = tf.stack([before, free - before], axis=1)
    padded = tf.pad(tf.round(grey), padding, constant_values=BACKGROUND)
    return tf.saturate_cast(padded, tf.uint8)
