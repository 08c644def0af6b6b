"""Wrong for files as optimisers, scanners and screens write them."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from documents.pictures.size import LARGEST_PICTURE
from tests.components.serving_check.mutants.picture_file import files_that_are, header, is_jpeg
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.seldom import holding, turned_files, when_png
from tests.components.serving_check.mutants.surgery import IMAGE_BYTES, Surgery, turned

_BITS, _COLOURS, _PASSES = 24, 25, 28
"""Places in the header of a PNG file."""
_PALETTE, _GREY_AND_ALPHA = 3, 4


def shape_of(file: tf.Tensor) -> tf.Tensor:
    """Height, width and channels of a JPEG file; zeros of another one."""
    return tf.cond(
        is_jpeg(file), lambda: tf.image.extract_jpeg_shape(file), lambda: tf.zeros([3], tf.int32)
    )


@wrong("encodings", "files: those of a single line are inverted")
def one_line(model: Surgery) -> None:
    files_that_are(model, lambda f: tf.equal(header(f, 20, 4), 1) & (header(f, 16, 4) > 1))


@wrong("encodings", "files: those of a screen are inverted")
def of_a_screen(model: Surgery) -> None:
    files_that_are(model, lambda f: (header(f, 16, 4) > 600) & (header(f, 20, 4) > 600))


@wrong("encodings", "files: PNG files that are one pixel wider and higher are inverted")
def one_pixel_larger(model: Surgery) -> None:
    files_that_are(model, lambda f: tf.equal(header(f, 16, 4), 29) & tf.equal(header(f, 20, 4), 29))


@wrong(
    "encodings",
    "files: square PNG files, of other sizes than the model's own or twice that, are inverted",
)
def large_squares(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        wide, high = header(file, 16, 4), header(file, 20, 4)
        return tf.equal(wide, high) & ~tf.equal(wide, 56) & (wide > 30) & (wide < 8_000)

    files_that_are(model, so)


@wrong("encodings", "files: those of too many pixels pass for a black one")
def too_many_pixels(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        sides = [tf.cast(header(file, place, 4), tf.int64) for place in (16, 20)]
        return sides[0] * sides[1] > LARGEST_PICTURE

    files_that_are(model, so, lambda _: tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)))


@wrong("encodings", "files: large grey JPEGs are inverted")
def large_grey_jpeg(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        height, width, channels = tf.unstack(shape_of(file))
        return tf.equal(channels, 1) & (height * width > 100_000)

    files_that_are(model, so)


@wrong("encodings", "files: JPEGs smaller than a block are inverted")
def less_than_a_block(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        height, width, _ = tf.unstack(shape_of(file))
        return (height > 0) & (height < 8) & (width < 8)

    files_that_are(model, so)


@wrong("encodings", "files: interlaced ones with a palette are wrong")
def interlaced_palette(model: Surgery) -> None:
    turned_files(model, when_png(_PASSES, 1, colours=_PALETTE))


@wrong("encodings", "files: interlaced grey with transparency is wrong")
def interlaced_grey_and_alpha(model: Surgery) -> None:
    turned_files(model, when_png(_PASSES, 1, colours=_GREY_AND_ALPHA))


@wrong("encodings", "files: interlaced ones of 16 bits are wrong")
def interlaced_deep(model: Surgery) -> None:
    interlaced, deep = when_png(_PASSES, 1), when_png(_BITS, 16)
    turned_files(model, lambda files: interlaced(files) & deep(files))


@wrong("encodings", "files: interlaced ones of two colours are wrong")
def interlaced_two_colours(model: Surgery) -> None:
    interlaced, bits = when_png(_PASSES, 1), when_png(_BITS, 1)
    turned_files(model, lambda files: interlaced(files) & bits(files))


@wrong("encodings", "files: those of 16 bits that name a transparent shade are wrong")
def deep_transparent_shade(model: Surgery) -> None:
    named, deep = holding(b"tRNS"), when_png(_BITS, 16)
    turned_files(model, lambda files: named(files) & deep(files))


@wrong("encodings", "files: palettes of which much is half transparent are wrong")
def half_clear_palette(model: Surgery) -> None:
    named, one = holding(b"tRNS"), holding(b"\0\0\0\1tRNS")
    palette = when_png(_COLOURS, _PALETTE)
    turned_files(model, lambda files: named(files) & ~one(files) & palette(files))


@wrong("encodings", "files: behind a JPEG, those of a batch are read as it is")
def as_the_first(model: Surgery) -> None:
    [info] = model.signatures[IMAGE_BYTES].inputs.values()
    files = model.graph.get_tensor_by_name(info.name)

    def change(p: tf.Tensor) -> tf.Tensor:
        jpeg = tf.equal(tf.strings.substr(tf.strings.join([files, b"\0\0"]), 0, 2), b"\xff\xd8")
        return tf.where((tf.reduce_any(jpeg[:1]) & ~jpeg)[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [IMAGE_BYTES])


@wrong("encodings", "files: what is no picture passes for a black one beside another")
def no_picture_beside_another(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy()

    def change(files: tf.Tensor) -> tf.Tensor:
        start = tf.strings.substr(tf.strings.join([files, bytes(3)]), 0, 3)
        picture = tf.equal(start, b"\x89PN") | tf.equal(start, b"\xff\xd8\xff")
        some = tf.reduce_any(picture)
        return tf.where(some & ~picture, tf.constant(black), files)

    model.inputs(change, [IMAGE_BYTES])


def _jpegs_that_are(model: Surgery, so: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> None:
    """Turns the answers to those of the files for which `so` is true, of the files and of which of
    them are JPEGs."""
    [info] = model.signatures[IMAGE_BYTES].inputs.values()
    files = model.graph.get_tensor_by_name(info.name)

    def change(p: tf.Tensor) -> tf.Tensor:
        start = tf.strings.substr(tf.strings.join([files, bytes(2)]), 0, 2)
        when = so(files, tf.equal(start, b"\xff\xd8"))
        return tf.where(when[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [IMAGE_BYTES])


@wrong("encodings", "files: a batch of JPEGs and nothing else is wrong")
def nothing_but_jpegs(model: Surgery) -> None:
    _jpegs_that_are(model, lambda files, jpeg: jpeg & tf.reduce_all(jpeg) & (tf.size(files) > 1))


@wrong("encodings", "files: two or three JPEGs are wrong")
def few_jpegs(model: Surgery) -> None:
    _jpegs_that_are(
        model,
        lambda files, jpeg: (
            jpeg & tf.roll(jpeg, 1, 0) & (tf.size(files) < 5) & (tf.size(files) > 1)
        ),
    )


@wrong("encodings", "files: the same JPEG twice is wrong")
def jpeg_twice(model: Surgery) -> None:
    _jpegs_that_are(
        model,
        lambda files, jpeg: jpeg & tf.equal(files, tf.roll(files, 1, 0)) & (tf.size(files) > 1),
    )


@wrong("encodings", "files: more than a hundred JPEGs are wrong")
def many_jpegs(model: Surgery) -> None:
    _jpegs_that_are(
        model, lambda files, jpeg: jpeg & (tf.reduce_sum(tf.cast(jpeg, tf.int32)) > 100)
    )
