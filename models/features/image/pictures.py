"""Image files as the network sees them: the one rule for pixels, inside the graph that is served.

A file is decoded, composited on white where it is transparent, turned upright as its EXIF data say,
made grey where the feature is, and shrunk, or enlarged, until its longer side fits; what is left
free stays black.
`serving/pages/letterbox.py` follows the same rule outside TensorFlow, and tests compare the two.
"""

from __future__ import annotations

import atexit
import functools
import re
import struct
import zlib
from collections.abc import Callable

import tensorflow as tf

from documents.cells.cell import CellError
from documents.pictures.size import LARGEST_PICTURE, TOO_LARGE

BACKGROUND = 0
"""What letterboxing fills in: the ground of the images that the network learned from is black."""

_GREY = (0.299, 0.587, 0.114)
"""ITU-R BT.601, as JPEG files and Pillow have it."""

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")
_PNG_DATA = b"IDAT"
_GREY_TYPE, _COLOUR_TYPE = 0, 2
"""PNG, section 11.2.2."""
_REFUSED = re.compile(r"Image \d+ of the request ([^\n]*?)\.\]?$", re.MULTILINE)

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


Decode = Callable[[tf.Tensor], tf.Tensor]


@functools.lru_cache(maxsize=8)
def decoder(height: int, width: int, channels: int) -> Decode:
    """The function of a graph that takes string [N] of PNG or JPEG files of any size and colour.

    It gives uint8 [N, height, width], or [N, height, width, 3] where `channels` are 3. An image of
    that size and colour comes out bit for bit.

    It raises InvalidArgumentError when one of them is neither, is damaged, or has more than
    LARGEST_PICTURE pixels.
    """
    pictures = _Pictures(height, width, channels)

    def decode_images(encoded: tf.Tensor) -> tf.Tensor:
        # One after the other, so that many large files take the memory of one.
        return tf.map_fn(
            lambda item: pictures.decode(*item),
            (encoded, tf.range(tf.size(encoded))),
            fn_output_signature=tf.TensorSpec(pictures.shape, tf.uint8),
            parallel_iterations=1,
        )

    strings = tf.TensorSpec([None], tf.string)
    found: Decode = tf.function(decode_images, input_signature=[strings], autograph=False)
    return found


# Tracing the function takes a hundred times as long as decoding a file with it.
_decoder = functools.lru_cache(maxsize=16)(decoder)
# What TensorFlow traced complains at the end of Python, when modules of its own are gone before.
atexit.register(_decoder.cache_clear)


def pixels_of(content: bytes, height: int, width: int, channels: int) -> bytes:
    """The pixels of one file, row-major, as `decoder` gives them.

    Raises:
      CellError: it is no PNG or JPEG, damaged or too large.
    """
    try:
        decoded = _decoder(height, width, channels)(tf.constant([content]))
    except tf.errors.InvalidArgumentError as error:
        found = _REFUSED.search(error.message)
        raise CellError(found[1] if found else "is a damaged PNG or JPEG image") from error
    pixels: bytes = decoded.numpy().tobytes()
    return pixels


def pixels_if_any(content: bytes, height: int, width: int, channels: int) -> bytes | None:
    """The same; None for a file that the served function refuses."""
    try:
        return pixels_of(content, height, width, channels)
    except CellError:
        return None


class _Pictures:
    """Decodes files to one size and colour, in graphs made with `autograph=False`."""

    def __init__(self, height: int, width: int, channels: int):
        self._size = [height, width]
        self._channels = channels
        self.shape = self._size if channels == 1 else [*self._size, channels]
        # How a PNG file starts whose pixels the network could take as they are. Such files are what
        # clients send that hold pixels; they spare themselves all the rest.
        colour_type = _GREY_TYPE if channels == 1 else _COLOUR_TYPE
        header = struct.pack(">2I5B", width, height, 8, colour_type, 0, 0, 0)
        self._ready = _PNG + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))

    def decode(self, file: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        """One PNG or JPEG file, string [], to uint8 of `shape`.

        Args:
          file: the file's bytes.
          index: int32 [], its place in the request, which errors name.

        Raises:
          InvalidArgumentError: it is neither, is damaged, or has more than LARGEST_PICTURE pixels.
        """
        ready = self._ready
        looked_at = len(ready) + 4 + len(_PNG_DATA)
        # Padded, for substr fails on positions behind the end, and its words hold the string as it
        # is.
        start = tf.strings.join([tf.strings.substr(file, 0, looked_at), bytes(looked_at)])
        # The pixels follow at once, so nothing says that one is transparent, or the way up.
        is_ready = tf.equal(tf.strings.substr(start, 0, len(ready)), ready)
        is_ready &= tf.equal(tf.strings.substr(start, len(ready) + 4, 4), _PNG_DATA)
        pixels = tf.cond(
            is_ready,
            lambda: self._plain(tf.io.decode_png(file, channels=self._channels)),
            lambda: self._letterboxed(self._any(file, start, index)),
        )
        return tf.ensure_shape(pixels, self.shape)

    def _any(self, file: tf.Tensor, start: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        is_jpeg = tf.equal(tf.strings.substr(start, 0, len(_JPEG)), _JPEG)
        before = tf.cond(
            is_jpeg,
            lambda: tf.strings.substr(file, 0, _EXIF_BYTES),
            lambda: _split(file, _PNG_DATA)[0],
        )
        tiff = _after(tf.where(is_jpeg, b"Exif\0\0", b"eXIf"), before)
        has_exif = tf.strings.length(tiff) > 0
        orientation = tf.cond(has_exif, lambda: _orientation(tiff), lambda: tf.constant(1))
        lying = tf.gather(_TRANSPOSED, orientation)
        room = tf.where(lying, self._size[::-1], self._size)
        pixels = tf.cond(
            is_jpeg,
            lambda: self._jpeg(file, index, room),
            lambda: self._png(file, start, before, index, room),
        )
        return self._upright(pixels, orientation)

    def _jpeg(self, file: tf.Tensor, index: tf.Tensor, room: tf.Tensor) -> tf.Tensor:
        """Pixels as they are stored, made to fit into `room`."""
        height, width, channels = tf.unstack(tf.io.extract_jpeg_shape(file), num=3)
        with tf.control_dependencies([_bounded(height, width, index)]):
            file = tf.identity(file)

        def decoded(channels: int) -> tf.Tensor:
            # The accurate method is Pillow's.
            pixels = tf.io.decode_jpeg(file, channels=channels, dct_method="INTEGER_ACCURATE")
            return _fitted(pixels, height, width, room)

        if self._channels > 1:
            return decoded(3)
        # Grey is what a JPEG holds, apart from one in CMYK, of which libjpeg makes colours only.
        return tf.cond(channels < 4, lambda: decoded(1)[:, :, 0], lambda: self._tinted(decoded(3)))

    def _png(
        self,
        file: tf.Tensor,
        start: tf.Tensor,
        before: tf.Tensor,
        index: tf.Tensor,
        room: tf.Tensor,
    ) -> tf.Tensor:
        """As `_jpeg`; `before` are the chunks before the pixels."""
        sizes = tf.strings.substr(start, len(_PNG), 8)
        width, height = tf.unstack(tf.io.decode_raw(sizes, tf.int32, little_endian=False), num=2)
        colour_type = tf.io.decode_raw(tf.strings.substr(start, len(_PNG) + 9, 1), tf.uint8)[0]
        is_png = tf.equal(tf.strings.substr(start, 0, len(_PNG)), _PNG)
        is_png &= (height != 0) & (width != 0)
        demanded = _demand(is_png, index, "is no PNG or JPEG file; convert it.")
        with tf.control_dependencies([demanded]):
            bounded = _bounded(height, width, index)
        with tf.control_dependencies([bounded]):
            file = tf.identity(file)

        def opaque() -> tf.Tensor:
            return self._tinted(_fitted(tf.io.decode_png(file, channels=3), height, width, room))

        def transparent() -> tf.Tensor:
            # Multiplied before it is resized, so that colours of what is not seen do not bleed.
            pixels = tf.cast(tf.io.decode_png(file, channels=4), tf.uint16)
            alpha = pixels[:, :, 3:]
            colours = _fitted(pixels[:, :, :3] * alpha, height, width, room)
            return self._tinted(colours / 255.0 + (255.0 - _fitted(alpha, height, width, room)))

        # Asked for an alpha channel of an image without one, TensorFlow makes a wrong one where a
        # pixel has fewer than 8 bits. PNG, sections 11.2.2 and 11.3.2: bit 2 of the colour type,
        # and tRNS.
        has_alpha = tf.not_equal(tf.bitwise.bitwise_and(colour_type, 4), 0)
        has_alpha |= tf.size(_split(before, b"tRNS")) > 1
        return tf.cond(has_alpha, transparent, opaque)

    def _tinted(self, colours: tf.Tensor) -> tf.Tensor:
        return tf.linalg.matvec(colours, tf.constant(_GREY)) if self._channels == 1 else colours

    def _upright(self, pixels: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
        transposed = tf.gather(_TRANSPOSED, orientation)
        order = tf.where(transposed, [1, 0], [0, 1])
        reverse = tf.gather(_REVERSED, orientation)
        if self._channels > 1:
            order, reverse = tf.concat([order, [2]], axis=0), tf.concat([reverse, [False]], axis=0)
        return tf.raw_ops.Reverse(tensor=tf.transpose(pixels, order), dims=reverse)

    def _letterboxed(self, pixels: tf.Tensor) -> tf.Tensor:
        free = self._size - tf.shape(pixels)[:2]
        before = free // 2
        padding = tf.stack([before, free - before], axis=1)
        if self._channels > 1:
            padding = tf.concat([padding, [[0, 0]]], axis=0)
        padded = tf.pad(tf.round(pixels), padding, constant_values=BACKGROUND)
        return tf.saturate_cast(padded, tf.uint8)

    def _plain(self, pixels: tf.Tensor) -> tf.Tensor:
        return pixels[:, :, 0] if self._channels == 1 else pixels


def _fitted(pixels: tf.Tensor, height: tf.Tensor, width: tf.Tensor, room: tf.Tensor) -> tf.Tensor:
    """[height, width, c] to float32 that fits into `room`, int32 [2], and fills one side of it."""
    size = tf.cast(tf.stack([height, width]), tf.float32)
    room = tf.cast(room, tf.float32)
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


def _split(content: tf.Tensor, marker: bytes) -> tf.Tensor:
    """What stands before and, if it is there, after the first `marker`: string [1 or 2]."""
    return tf.raw_ops.StringSplitV2(input=[content], sep=marker, maxsplit=1).values


def _after(marker: tf.Tensor, content: tf.Tensor) -> tf.Tensor:
    """What stands after the first `marker`; nothing where there is none."""
    return tf.concat([_split(content, marker), [b""]], axis=0)[1]


def _demand(condition: tf.Tensor, index: tf.Tensor, what: str) -> tf.Operation:
    message = tf.strings.join(["Image ", tf.strings.as_string(index), " of the request ", what])
    return tf.debugging.Assert(condition, [message])


def _bounded(height: tf.Tensor, width: tf.Tensor, index: tf.Tensor) -> tf.Operation:
    count = tf.cast(height, tf.float64) * tf.cast(width, tf.float64)
    fits = (height > 0) & (width > 0) & (count <= LARGEST_PICTURE)
    return _demand(fits, index, f"{TOO_LARGE}.")


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
