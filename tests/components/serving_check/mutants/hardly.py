"""Wrong by less than another machine may make of it, or only at sizes that people choose."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.picture_file import files_that_are, height, width
from tests.components.serving_check.mutants.rare_files import shape_of
from tests.components.serving_check.mutants.registry import right, wrong
from tests.components.serving_check.mutants.surgery import (
    IMAGE_BYTES,
    NAMED,
    Surgery,
    Tensors,
    at_size,
    names,
    turned,
)

_USUAL = 224
"""Pixels of a side, as many models take them."""


def _rounded(values: tf.Tensor) -> tf.Tensor:
    return tf.round(values * 1e5) / 1e5


@wrong("outputs", "probabilities rounded to five digits, so that small ones are nothing")
def five_digits(model: Surgery) -> None:
    model.probabilities(_rounded)


@wrong("outputs", "probabilities that add up to a little more than one")
def add_up_to_more(model: Surgery) -> None:
    model.probabilities(lambda p: p * 1.00005)


@wrong("outputs", "scores rounded to five digits beside probabilities that are not")
def score_of_five_digits(model: Surgery) -> None:
    model.output("score", _rounded)


@wrong("outputs", "the second best label where it is as good as the best one but for 0.00009")
def nearly_the_best(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        best = tf.math.top_k(answer["probabilities"], 2)
        near = best.values[:, 0] - best.values[:, 1] < 9e-5
        return {**answer, "label": names(tf.where(near, best.indices[:, 1], best.indices[:, 0]))}

    model.answers(change, NAMED)


@wrong("sizes", "wrong for exactly 200 picture files")
def two_hundred(model: Surgery) -> None:
    model.probabilities(at_size(lambda n: tf.equal(n, 200), turned), [IMAGE_BYTES])


@wrong("sizes", "wrong for exactly 500")
def five_hundred(model: Surgery) -> None:
    model.probabilities(at_size(lambda n: tf.equal(n, 500), turned))


@wrong("encodings", "files: PNG files of 224 × 224 are inverted")
def png_of_224(model: Surgery) -> None:
    files_that_are(
        model, lambda file: tf.equal(width(file), _USUAL) & tf.equal(height(file), _USUAL)
    )


@wrong("encodings", "files: JPEGs of 16:9 are inverted")
def wide_screen(model: Surgery) -> None:
    def is_wide(file: tf.Tensor) -> tf.Tensor:
        shape = shape_of(file)
        return tf.equal(shape[0] * 16, shape[1] * 9) & (shape[0] > 0)

    files_that_are(model, is_wide)


@right("probabilities that are made to add up to one once more")
def added_up_again(model: Surgery) -> None:
    model.probabilities(lambda p: p / tf.reduce_sum(p, axis=1, keepdims=True))


@right("no probability is next to nothing")
def never_nothing(model: Surgery) -> None:
    model.probabilities(lambda p: tf.clip_by_value(p, 1e-7, 1 - 1e-7))
