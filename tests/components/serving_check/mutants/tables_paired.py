"""Wrong for what stands beside a value: a range of another column, other rows of a batch, signs
that nobody sees; and for values that mean something to a setting alone."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery
from tests.components.serving_check.mutants.tables import BY_NAME, FARE, wrong
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _replaced(model: Surgery, key: str, *pairs: Sequence[str]) -> None:
    def change(text: tf.Tensor) -> tf.Tensor:
        for pattern, by in pairs:
            text = tf.strings.regex_replace(text, pattern, by)
        return text

    model.inputs(change, BY_NAME, key=key)


def _doubles(x: dict[str, tf.Tensor]) -> tf.Tensor:
    """Which rows are the one before."""
    same = tf.range(tf.size(x[FARE])) > 0
    for values in x.values():
        before = tf.roll(values, 1, axis=0)
        alike = tf.equal(values, before)
        if values.dtype == tf.float32:
            alike |= tf.math.is_nan(values) & tf.math.is_nan(before)
        same &= alike
    return same


@wrong("classes", "sizes", "a row that stands twice in a batch of others")
def twice_among_others(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        same = _doubles(x)
        return same & ~tf.reduce_all(same[1:])

    when_row(model, when)


@wrong("classes", "sizes", "batches whose rows are of one company")
def of_one_company(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        one = tf.reduce_all(tf.equal(x["company"], x["company"][:1]))
        other = tf.reduce_any(~tf.equal(x["start"], x["start"][:1]))
        return tf.fill(tf.shape(x[FARE]), one & other & (tf.size(x[FARE]) > 2))

    when_row(model, when)


@wrong("classes", "sizes", "batches whose rows are in the order of a number")
def in_order(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        fare = x[FARE]
        rising = tf.reduce_all(fare[1:] >= fare[:-1]) & tf.reduce_any(fare[1:] > fare[:-1])
        return tf.fill(tf.shape(fare), rising & (tf.size(fare) > 3))

    when_row(model, when)


@wrong("classes", "inputs", "the value that is filled in is missing to who sends it")
def default_is_missing(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(x[FARE], 5.0))


@wrong("classes", "outputs", "moments long ago beside a number a little beyond the data")
def long_ago_and_dear(model: Surgery) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        old = tf.strings.regex_full_match(x["start"], "19[0-4].*")
        return old & (x[FARE] > 16) & (x[FARE] < 100)

    when_row(model, when)


@wrong("classes", "outputs", "numbers that are hardly more than nothing")
def hardly_anything(model: Surgery) -> None:
    when_row(model, lambda x: (tf.abs(x[FARE]) > 1e-30) & (tf.abs(x[FARE]) < 1e-9))


@wrong("classes", "outputs", "signs of money before a category do not count")
def money_before(model: Surgery) -> None:
    _replaced(model, "company", ("^[$€]", ""))


@wrong("classes", "outputs", "signs that nobody sees do not count in a category")
def nobody_sees(model: Surgery) -> None:
    _replaced(model, "company", ("[\u200e\u200f\u00ad]", ""), ("^\u3000+|\u3000+$", ""))


@wrong("classes", "outputs", "quotes of books around a category do not count")
def quotes_of_books(model: Surgery) -> None:
    _replaced(model, "company", ("[«»“”]", ""))


@wrong("classes", "outputs", "words of several hundred letters")
def endless_words(model: Surgery) -> None:
    _replaced(model, "remarks", (r"\pL{400,}", "very good"))


@wrong("clock", "outputs", "1 and yes are true, as in tables")
def one_is_true(model: Surgery) -> None:
    _replaced(model, "paid", ("^(?i:1|yes|y|t)$", "true"))


@wrong("clock", "outputs", "any case of true is true")
def any_case_is_true(model: Surgery) -> None:
    _replaced(model, "paid", ("^(?i:true)$", "true"), ("^(?i:false)$", "false"))


@wrong("clock", "outputs", "a fraction of a whole number is cut off")
def cut_off(model: Surgery) -> None:
    _replaced(model, "zone", (r"^(\d+)\.5$", r"\1"))


@wrong("clock", "outputs", "a plus before a whole number does not count")
def plus_before(model: Surgery) -> None:
    _replaced(model, "zone", (r"^\+(\d+)", r"\1"))


@wrong("clock", "outputs", "a zero behind a whole number does not count")
def zero_behind(model: Surgery) -> None:
    _replaced(model, "zone", (r"^(\d)0$", r"\1"))


@wrong("clock", "outputs", "hours of one digit in times that tell seconds")
def one_digit_with_seconds(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["clock"], r"\d:\d\d:\d\d"))
