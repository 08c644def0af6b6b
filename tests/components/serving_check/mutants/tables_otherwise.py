"""Wrong for what other programs take for the same thing, or for nothing: spellings, encodings,
signs between words, years of two digits, what stands beside a word for missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery
from tests.components.serving_check.mutants.tables import (
    BY_NAME,
    DEFAULT,
    EXAMPLES,
    FARE,
    wrong,
)
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _replaced(model: Surgery, key: str, *pairs: Sequence[str]) -> None:
    def change(text: tf.Tensor) -> tf.Tensor:
        for pattern, by in pairs:
            text = tf.strings.regex_replace(text, pattern, by)
        return text

    model.inputs(change, BY_NAME, key=key)


# Categories, whose words are Red, Blue and Grün.


@wrong("classes", "outputs", "a category is known without its accents")
def accents_left_out(model: Surgery) -> None:
    _replaced(model, "company", ("^Grun$", "Grün"))


@wrong("classes", "outputs", "a category is known with two letters for one")
def spelt_out(model: Surgery) -> None:
    _replaced(model, "company", ("^Gruen$", "Grün"))


@wrong("classes", "outputs", "a category is known in Latin-1")
def in_latin_1(model: Surgery) -> None:
    _replaced(model, "company", (r"^Gr\C{1}n$", "Grün"))


@wrong("classes", "outputs", "a category is known when its encoding was mistaken")
def encoding_mistaken(model: Surgery) -> None:
    _replaced(model, "company", ("^GrÃ¼n$", "Grün"))


@wrong("classes", "outputs", "a category is known with Cyrillic letters that look alike")
def looks_alike(model: Surgery) -> None:
    pairs = [("\u0435", "e"), ("\u0412", "B")]
    _replaced(model, "company", *pairs)


@wrong("classes", "outputs", "the plural of a category is the category")
def plural_category(model: Surgery) -> None:
    _replaced(model, "company", ("([a-z])s$", r"\1"))


@wrong("classes", "outputs", "a full stop behind a category does not count")
def full_stop_behind(model: Surgery) -> None:
    _replaced(model, "company", (r"([a-z])\.$", r"\1"))


@wrong("classes", "outputs", "brackets and single quotes around a category do not count")
def brackets_around(model: Surgery) -> None:
    _replaced(model, "company", (r"^['(](.*)[')]$", r"\1"))


# Texts, whose words are “very good ride” and “not a good ride at all”.


@wrong("classes", "outputs", "words lose their endings")
def stemmed(model: Surgery) -> None:
    _replaced(model, "remarks", (r"([a-z]{3})(s|ing|ed)\b", r"\1"))


@wrong("classes", "outputs", "more signs between words join them")
def more_signs_join(model: Surgery) -> None:
    _replaced(model, "remarks", (r"[:;+&|=/]", ""))


@wrong("classes", "outputs", "tabs between words join them")
def tabs_join(model: Surgery) -> None:
    _replaced(model, "remarks", (r"\t", ""))


@wrong("classes", "outputs", "a sentence ends with a word of its own")
def ends_of_sentences(model: Surgery) -> None:
    _replaced(model, "remarks", (r"\.\s+", " [SEP] "))


@wrong("classes", "outputs", "a word that is parted at the end of a line is put together")
def parted_at_the_end(model: Surgery) -> None:
    _replaced(model, "remarks", (r"-\n", ""))


@wrong("classes", "outputs", "letters that are said thrice count once more than twice")
def letters_thrice(model: Surgery) -> None:
    _replaced(model, "remarks", ("(oo)o+", r"\1"))


# Dates.


@wrong("classes", "outputs", "years from 1901 to 1968 are those of this century")
def two_digits_pivot(model: Surgery) -> None:
    _replaced(model, "start", (r"^19(0[1-9]|[1-5]\d|6[0-8])-(\d\d)-([01]\d|2[0-8])", r"20\1-\2-\3"))


@wrong("classes", "outputs", "years from 2050 on are those of the last century")
def two_digits_early(model: Surgery) -> None:
    _replaced(model, "start", (r"^20([5-9]\d)-(\d\d)-([01]\d|2[0-8])", r"19\1-\2-\3"))


@wrong("classes", "outputs", "the day on which many programs begin to count is none")
def epoch_is_missing(model: Surgery) -> None:
    _replaced(model, "start", ("^1970-01-01.*", ""))


@wrong("classes", "inputs", "times of zones in the west are taken as they stand")
def zone_in_the_west(model: Surgery) -> None:
    _replaced(model, "start", (r"(T\d\d:\d\d(?::\d\d)?)-\d\d:\d\d$", r"\1"))


@wrong("classes", "inputs", "the Z of Zulu behind seconds is dropped")
def zulu_behind_seconds(model: Surgery) -> None:
    _replaced(model, "start", (r"(:\d\d:\d\d)Z$", r"\1"))


@wrong("classes", "inputs", "what other programs write for no date is missing")
def words_for_no_date(model: Surgery) -> None:
    _replaced(model, "start", (r"^(?i:na|n/a|null|none|nan|-)$", ""))


@wrong("classes", "inputs", "months of one digit are taken where days have two")
def month_of_one_digit(model: Surgery) -> None:
    _replaced(model, "start", (r"^(\d{4})-(\d)-(\d\d)$", r"\1-0\2-\3"))


@wrong("classes", "inputs", "American dates are taken")
def american_dates(model: Surgery) -> None:
    _replaced(model, "start", (r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\1-\2"))


@wrong("classes", "inputs", "a zero byte behind a date does not count")
def zero_behind_date(model: Surgery) -> None:
    _replaced(model, "start", (r"\x00+$", ""))


@wrong("classes", "inputs", "bytes that are no tf.Example are one without features")
def no_example_is_empty(model: Surgery) -> None:
    model.inputs(
        lambda each: tf.where(tf.strings.regex_full_match(each, r"(?s)[\x{FF}{].*"), "", each),
        [EXAMPLES],
    )


def _when_files(model: Surgery, when: Callable[..., tf.Tensor], *names: str) -> None:
    """Answers 3 too much where the columns are so."""
    inputs = model.signatures[DEFAULT].inputs
    columns = [model.graph.get_tensor_by_name(inputs[name].name) for name in names]

    def change(number: tf.Tensor) -> tf.Tensor:
        return tf.where(when(*columns), number + 3.0, number)

    model.output("prediction", change, [DEFAULT])


def _is_jpeg(files: tf.Tensor) -> tf.Tensor:
    return tf.equal(tf.strings.substr(tf.strings.join([files, b"\0\0"]), 0, 2), b"\xff\xd8")


@wrong("number", "encodings", "JPEG files of rows that lack a category")
def photo_beside_missing(model: Surgery) -> None:
    _when_files(model, lambda photo, word: _is_jpeg(photo) & tf.equal(word, ""), "photo", "company")


@wrong("number", "encodings", "JPEG files of rows that lack what all rows of the data have")
def photo_without_a_date(model: Surgery) -> None:
    _when_files(model, lambda photo, day: _is_jpeg(photo) & tf.equal(day, ""), "photo", "start")


@wrong("number", "encodings", "rows of which each image is a JPEG file")
def nothing_but_photos(model: Surgery) -> None:
    _when_files(model, lambda photo, scan: _is_jpeg(photo) & _is_jpeg(scan), "photo", "scan (grey)")


# Numbers and times of day, of which some stand for nothing.


@wrong("clock", "outputs", "numbers next to the one that stands for nothing are missing, too")
def beside_nothing(model: Surgery) -> None:
    model.inputs(
        lambda fare: tf.where(tf.abs(fare + 999) < 0.6, float("nan"), fare), BY_NAME, key=FARE
    )


@wrong("clock", "outputs", "a number that stands for nothing elsewhere is missing")
def nothing_elsewhere(model: Surgery) -> None:
    model.inputs(
        lambda fare: tf.where(tf.equal(fare, -9999), float("nan"), fare), BY_NAME, key=FARE
    )


@wrong("clock", "inputs", "24:00 is midnight")
def midnight_of_24(model: Surgery) -> None:
    _replaced(model, "clock", ("^24:00$", "00:00"))


@wrong("clock", "inputs", "times are taken without a colon")
def without_a_colon(model: Surgery) -> None:
    _replaced(model, "clock", (r"^(\d\d?)(\d\d)$", r"\1:\2"))


@wrong("clock", "inputs", "what other programs write for no time is missing")
def words_for_no_time(model: Surgery) -> None:
    _replaced(model, "clock", (r"^(?i:na|n/a|null|none|nan|-)$", ""))


@wrong("clock", "outputs", "seconds that the data do not have")
def seconds_of_time(model: Surgery) -> None:
    when_row(
        model, lambda x: tf.strings.regex_full_match(x["clock"], r"\d\d?:\d\d:(0[1-9]|[1-4]\d)")
    )
