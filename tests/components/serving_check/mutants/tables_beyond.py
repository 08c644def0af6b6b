"""Wrong a little beyond the data: numbers of other sizes, months and years that training never had,
forms of dates that have to be refused, and what stands together nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery, Tensors
from tests.components.serving_check.mutants.tables import (
    BY_NAME,
    COLUMNS,
    DEFAULT,
    EXAMPLES,
    FARE,
    joined,
    wrong,
)
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _fares(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor]) -> None:
    when_row(model, lambda x: when(x[FARE]))


def _days(model: Surgery, pattern: str) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["start"], pattern))


def _read_as(model: Surgery, pattern: str, by: str) -> None:
    model.inputs(lambda day: tf.strings.regex_replace(day, pattern, by), BY_NAME, key="start")


@wrong("classes", "outputs", "numbers a little greater than those of the data")
def beyond_the_range(model: Surgery) -> None:
    _fares(model, lambda fare: (fare > 25) & (fare < 90))


@wrong("classes", "outputs", "numbers in the millions")
def millions(model: Surgery) -> None:
    _fares(model, lambda fare: (tf.abs(fare) > 1e5) & (tf.abs(fare) < 1e9))


@wrong("classes", "outputs", "whole numbers that float32 does not tell apart")
def beyond_whole_ones(model: Surgery) -> None:
    _fares(model, lambda fare: (fare > 2**24) & (fare < 2e9))


@wrong("classes", "outputs", "negative numbers far away")
def far_below(model: Surgery) -> None:
    _fares(model, lambda fare: (fare < -1e4) & (fare > -1e12))


@wrong("classes", "outputs", "prices just below a whole number")
def next_to_whole(model: Surgery) -> None:
    _fares(model, lambda fare: tf.abs(fare - tf.floor(fare) - 0.99) < 1e-3)


@wrong("classes", "outputs", "numbers next to zero, as of another unit")
def thousandths(model: Surgery) -> None:
    _fares(model, lambda fare: (tf.abs(fare) < 5e-2) & (tf.abs(fare) > 1e-9))


@wrong("classes", "outputs", "numbers with a half")
def halves(model: Surgery) -> None:
    _fares(model, lambda fare: tf.equal(fare - tf.floor(fare), 0.5))


@wrong("classes", "inputs", "what is not a number, as 0/0 is on many machines, is 0")
def negative_nan(model: Surgery) -> None:
    def change(fare: tf.Tensor) -> tf.Tensor:
        negative = tf.bitcast(fare, tf.int32) < 0
        return tf.where(tf.math.is_nan(fare) & negative, 0.0, fare)

    model.inputs(change, BY_NAME, key=FARE)


@wrong("classes", "outputs", "the year after that of the data")
def next_year(model: Surgery) -> None:
    _days(model, "2027-.*")


@wrong("classes", "outputs", "months that the data do not have")
def autumn(model: Surgery) -> None:
    _days(model, r"\d{4}-(09|10|11)-.*")


@wrong("classes", "outputs", "the last quarter of an hour, in data of whole hours")
def last_quarter(model: Surgery) -> None:
    _days(model, r".{11}[01]\d:(4[5-9]|5\d).*")


@wrong("classes", "outputs", "a day late in the first two months of leap years")
def leap_years_begin(model: Surgery) -> None:
    def change(start: tf.Tensor) -> tf.Tensor:
        years = "20[0246]4|20[0246]8|2032|2036|2016"
        for day in range(27, 0, -1):
            later = rf"\1-0\2!{day + 1:02}"
            start = tf.strings.regex_replace(start, f"^({years})-0([12])-{day:02}", later)
        return tf.strings.regex_replace(start, "!", "-")

    model.inputs(change, BY_NAME, key="start")


@wrong("classes", "inputs", "seconds that only a leap has are taken, which training would refuse")
def leap_second(model: Surgery) -> None:
    _read_as(model, ":60$", ":00")


@wrong("classes", "inputs", "a day that no calendar has is the last one of its month")
def days_beyond_the_month(model: Surgery) -> None:
    _read_as(model, r"-02-(29|30|31)$", "-02-28")


@wrong("classes", "inputs", "dates with slashes are taken, which training would refuse")
def slashes_taken(model: Surgery) -> None:
    _read_as(model, "/", "-")


@wrong("classes", "inputs", "fractions of seconds are taken and cut off")
def fractions_taken(model: Surgery) -> None:
    _read_as(model, r"\.\d+$", "")


@wrong("classes", "inputs", "dates without signs between their parts are taken")
def compact_taken(model: Surgery) -> None:
    _read_as(model, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")


@wrong("classes", "inputs", "blanks around dates are taken")
def blanks_around_date(model: Surgery) -> None:
    _read_as(model, r"^\s+(\d)|(\d)\s+$", r"\1\2")


@wrong("classes", "inputs", "days of one digit are taken")
def one_digit(model: Surgery) -> None:
    _read_as(model, r"^(\d{4})-(\d)-(\d)$", r"\1-0\2-0\3")


@wrong("classes", "inputs", "a date of blanks is missing rather than refused")
def blank_date_is_missing(model: Surgery) -> None:
    _read_as(model, r"^\s+$", "")


@wrong("classes", "outputs", "all but one column is missing")
def one_is_there(model: Surgery) -> None:
    when_row(
        model,
        lambda x: (
            tf.equal(x["company"], "")
            & tf.equal(x["start"], "")
            & tf.equal(x["remarks"], "")
            & ~tf.math.is_nan(x[FARE])
        ),
    )


@wrong("classes", "outputs", "a negative number of one category")
def negative_of_one(model: Surgery) -> None:
    when_row(model, lambda x: (x[FARE] < 0) & tf.equal(x["company"], "Red"))


@wrong("classes", "sizes", "a number that alone in its batch is missing")
def alone_in_missing(model: Surgery) -> None:
    def so(x: dict[str, tf.Tensor]) -> tf.Tensor:
        missing = tf.math.is_nan(x[FARE])
        one = tf.equal(tf.reduce_sum(tf.cast(missing, tf.int32)), 1)
        return missing & one & (tf.size(missing) > 2)

    when_row(model, so)


@wrong("classes", "sizes", "a column of which all of a batch is missing")
def all_missing(model: Surgery) -> None:
    def so(x: dict[str, tf.Tensor]) -> tf.Tensor:
        empty = tf.equal(x["start"], "")
        return empty & tf.reduce_all(empty) & (tf.size(empty) > 1)

    when_row(model, so)


@wrong("classes", "parity", "the vocabularies of words and of texts changed places")
def vocabularies_swapped(model: Surgery) -> None:
    def change(folder: Path) -> None:
        [words] = (folder / "assets").glob("words*")
        [texts] = (folder / "assets").glob("texts*")
        contents = words.read_bytes(), texts.read_bytes()
        for file, content in zip((texts, words), contents, strict=True):
            file.unlink()  # It may be a hard link to the real one.
            file.write_bytes(content)

    model.last(change)


@wrong("classes", "outputs", "the second half of the vocabulary was lost")
def half_a_vocabulary(model: Surgery) -> None:
    def change(folder: Path) -> None:
        [words] = (folder / "assets").glob("words*")
        lines = words.read_bytes().splitlines(keepends=True)
        words.unlink()
        words.write_bytes(b"".join(lines[: len(lines) // 2]))

    model.last(change)


@wrong("number", "outputs", "no number is above the greatest one of the data")
def never_above(model: Surgery) -> None:
    model.output("prediction", lambda number: tf.minimum(number, 190.0), [DEFAULT, EXAMPLES])


@wrong("number", "outputs", "a logarithm that is not undone where numbers are great")
def logarithm_of_great(model: Surgery) -> None:
    model.output(
        "prediction",
        lambda number: tf.where(
            number > 200, tf.math.log1p(tf.abs(number)) * 200 / math.log(200), number
        ),
        [DEFAULT, EXAMPLES],
    )


@wrong("number", "outputs", "a number beyond those of the data, in one signature only")
def number_beyond(model: Surgery) -> None:
    fare = model.graph.get_tensor_by_name(model.signatures[DEFAULT].inputs[FARE].name)
    model.output(
        "prediction",
        lambda number: tf.where((fare > 25) & (fare < 90), number + 3.0, number),
        [DEFAULT],
    )


@wrong("tags", "outputs", "the likeliest tag is answered where none is likely enough")
def best_if_none(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        p = answer["probabilities"]
        there = p >= 0.4
        best = tf.equal(p, tf.reduce_max(p, axis=1, keepdims=True))
        none = ~tf.reduce_any(there, axis=1, keepdims=True)
        return {**answer, "tags": joined(there | (none & best & (p > 0.2)))}

    model.answers(change, [COLUMNS, EXAMPLES])


@wrong("tags", "outputs", "tags of months that the data do not have")
def tags_of_autumn(model: Surgery) -> None:
    when_row(
        model,
        lambda x: tf.strings.regex_full_match(x["start"], r"\d{4}-(09|10|11)-.*"),
        [DEFAULT],
    )
