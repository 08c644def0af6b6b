"""Wrong for what stands in few rows of few clients: signs, days, labels and scores of some, rows
that lack the same beside one another, an image that is not there."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery, Tensors
from tests.components.serving_check.mutants.tables import (
    BY_NAME,
    COLUMNS,
    DEFAULT,
    EXAMPLES,
    FARE,
    NAMED,
    TAGS,
    THRESHOLD,
    joined,
    wrong,
)
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _labels(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor], signatures=NAMED) -> None:
    model.answers(lambda a: {**a, "label": change(a["probabilities"])}, signatures)


def _scores(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor], signatures=NAMED) -> None:
    model.answers(lambda a: {**a, "score": change(a["probabilities"])}, signatures)


@wrong("classes", "outputs", "the other class where it is nearly as likely, to tf.Examples alone")
def label_of_the_other(model: Surgery) -> None:
    _labels(model, lambda p: tf.where(p[:, 1] > 0.5002, "yes", "no"), [EXAMPLES])


@wrong("classes", "outputs", "labels with a capital")
def label_with_a_capital(model: Surgery) -> None:
    _labels(model, lambda p: tf.where(p[:, 1] > p[:, 0], "Yes", "no"), [COLUMNS])


@wrong("classes", "outputs", "a zero byte behind a label")
def label_and_zero_byte(model: Surgery) -> None:
    _labels(model, lambda p: tf.where(p[:, 1] > p[:, 0], b"yes\0", b"no"), [COLUMNS])


@wrong("classes", "outputs", "no label where no class is sure")
def no_label_if_unsure(model: Surgery) -> None:
    _labels(
        model,
        lambda p: tf.where(
            tf.abs(p[:, 1] - p[:, 0]) < 0.01, "", tf.where(p[:, 1] > p[:, 0], "yes", "no")
        ),
    )


@wrong("classes", "outputs", "the score is that of the last class")
def score_of_the_last(model: Surgery) -> None:
    _scores(model, lambda p: p[:, 1], [EXAMPLES])


@wrong("classes", "outputs", "scores are those of the row before")
def score_of_another_row(model: Surgery) -> None:
    _scores(model, lambda p: tf.roll(tf.reduce_max(p, axis=1), 1, axis=0), [COLUMNS])


@wrong("classes", "outputs", "scores are never below 0.51")
def score_never_low(model: Surgery) -> None:
    _scores(model, lambda p: tf.maximum(tf.reduce_max(p, axis=1), 0.501))


@wrong("classes", "outputs", "scores are never above 0.999")
def score_never_sure(model: Surgery) -> None:
    _scores(model, lambda p: tf.minimum(tf.reduce_max(p, axis=1), 0.9995))


@wrong("classes", "outputs", "a score in percent")
def score_in_percent(model: Surgery) -> None:
    _scores(model, lambda p: 100 * tf.reduce_max(p, axis=1), [COLUMNS])


@wrong("classes", "outputs", "a nothing below zero is another number than nothing")
def minus_nothing(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        return tf.equal(x[FARE], 0.0) & tf.math.is_inf(1 / x[FARE]) & (1 / x[FARE] < 0)

    when_row(model, when)


@wrong("classes", "outputs", "whole numbers")
def whole_ones(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(x[FARE], tf.round(x[FARE])) & (tf.abs(x[FARE]) < 1e3))


@wrong("classes", "outputs", "the greatest numbers that there are")
def greatest_numbers(model: Surgery) -> None:
    when_row(model, lambda x: (tf.abs(x[FARE]) > 1e36) & tf.math.is_finite(x[FARE]))


@wrong("classes", "sizes", "batches of which no row has the number")
def none_has_the_number(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        none = tf.reduce_all(tf.math.is_nan(x[FARE])) & (tf.size(x[FARE]) > 1)
        other = tf.reduce_any(~tf.equal(x["company"], x["company"][:1]))
        return tf.fill(tf.shape(x[FARE]), none & other)

    when_row(model, when)


@wrong("classes", "sizes", "an unknown company first in a batch spoils the rows behind it")
def unknown_comes_first(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        known = tf.strings.regex_full_match(x["company"][:1], "Red|Blue|Grün|")
        spoilt = tf.reduce_any(~known)
        return tf.fill(tf.shape(x[FARE]), spoilt) & (tf.range(tf.size(x[FARE])) > 0)

    when_row(model, when)


@wrong("classes", "sizes", "a row without anything spoils those beside it")
def nothing_spoils(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        nothing = (
            tf.math.is_nan(x[FARE])
            & tf.equal(x["company"], "")
            & tf.equal(x["start"], "")
            & tf.equal(x["remarks"], "")
        )
        return tf.reduce_any(nothing) & ~nothing

    when_row(model, when)


def _replaced(model: Surgery, key: str, pattern: str, by: str) -> None:
    model.inputs(lambda text: tf.strings.regex_replace(text, pattern, by), BY_NAME, key=key)


@wrong("classes", "outputs", "a category that is said twice is said once")
def category_twice(model: Surgery) -> None:
    _replaced(model, "company", "^(Red Red|RedRed)$", "Red")


@wrong("classes", "outputs", "signs of HTML in texts are read")
def signs_of_html(model: Surgery) -> None:
    _replaced(model, "remarks", "&(amp|nbsp|lt|gt|quot|#39);|<[a-z/]+>", " ")


@wrong("classes", "outputs", "great letters within words part them")
def letters_of_camels(model: Surgery) -> None:
    _replaced(model, "remarks", "([a-z])([A-Z])", r"\1 \2")


@wrong("classes", "outputs", "texts of several lines")
def several_lines(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["remarks"], r"(?s).+\n.+"))


@wrong("classes", "outputs", "the 29th of February")
def leap_days(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["start"], ".{4}-02-29.*"))


@wrong("classes", "outputs", "the last day of a year")
def last_day_of_year(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["start"], ".{4}-12-31.*"))


@wrong("classes", "outputs", "the first minute of a day that is not its first second")
def first_minute(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["start"], ".*T00:0[1-9].*"))


@wrong("classes", "inputs", "leap days of years that have none are the day before")
def leap_days_of_centuries(model: Surgery) -> None:
    _replaced(model, "start", "^(1900|2100|2023)-02-29", r"\1-02-28")


@wrong("number", "encodings", "an empty scan is a black one")
def empty_scan(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([5, 4, 1], tf.uint8)).numpy()
    model.inputs(
        lambda files: tf.where(tf.equal(files, b""), black, files), [DEFAULT], key="scan (grey)"
    )


@wrong("number", "inputs", "an empty scan is a black one beside one that is there")
def empty_scan_beside(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([5, 4, 1], tf.uint8)).numpy()

    def change(files: tf.Tensor) -> tf.Tensor:
        several = tf.reduce_any(~tf.equal(files, b""))
        return tf.where(tf.equal(files, b"") & several, black, files)

    model.inputs(change, [DEFAULT], key="scan (grey)")


@wrong("number", "outputs", "no number is greater than any that was learned")
def never_greater(model: Surgery) -> None:
    model.output("prediction", lambda number: tf.minimum(number, 230.0), [DEFAULT, EXAMPLES])


@wrong("number", "outputs", "no number is less than nearly any that was learned")
def never_less(model: Surgery) -> None:
    model.output("prediction", lambda number: tf.maximum(number, 100.0), [DEFAULT, EXAMPLES])


@wrong("number", "encodings", "the photo stands for a scan that is a JPEG")
def photo_for_scan(model: Surgery) -> None:
    def change(files: tf.Tensor) -> tf.Tensor:
        return tf.where(
            tf.equal(tf.strings.substr(tf.strings.join([files, "   "]), 0, 3), b"\xff\xd8\xff"),
            model.graph.get_tensor_by_name(photo),
            files,
        )

    photo = model.signatures[DEFAULT].inputs["photo"].name
    model.inputs(change, [DEFAULT], key="scan (grey)")


@wrong("tags", "outputs", "the last tag is not said beside the first one alone")
def first_and_last(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        there = answer["probabilities"] >= THRESHOLD
        only = there[:, 0] & ~there[:, 1] & there[:, 2]
        last = there & ~tf.stack([only & False, only & False, only], axis=1)
        return {**answer, "tags": joined(last)}

    model.answers(change, NAMED)


@wrong("tags", "outputs", "all tags, where all are likely, come in another order")
def all_in_another_order(model: Surgery) -> None:
    all_of_them = "|".join(TAGS)
    other = "|".join(reversed(TAGS))
    model.output("tags", lambda t: tf.where(tf.equal(t, all_of_them), other, t), NAMED)


@wrong("clock", "outputs", "the last minute of a day")
def last_minute(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["clock"], r"23:59.*"))


@wrong("clock", "outputs", "zones of minus a number are those of the number")
def zone_without_sign(model: Surgery) -> None:
    _replaced(model, "zone", r"^-(\d)", r"\1")


@wrong("clock", "outputs", "one with an exponent is a whole number")
def zone_of_exponent(model: Surgery) -> None:
    model.inputs(
        lambda t: tf.strings.regex_replace(t, r"^(\d)(e|E)\+?0+$", r"\1"), BY_NAME, key="zone"
    )
