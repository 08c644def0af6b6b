"""Wrong for what lies between values that somebody would think of: another decade, a round number,
an hour in which clocks are turned, a slip of a finger, a whole sentence."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery, turned
from tests.components.serving_check.mutants.tables import BY_NAME, DEFAULT, FARE, wrong
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _when_fare(model: Surgery, low: float, high: float) -> None:
    when_row(model, lambda x: (x[FARE] > low) & (x[FARE] < high))


def _when_start(model: Surgery, pattern: str) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x["start"], pattern))


def _replaced(model: Surgery, key: str, pattern: str, by: str) -> None:
    model.inputs(lambda text: tf.strings.regex_replace(text, pattern, by), BY_NAME, key=key)


@wrong("classes", "outputs", "numbers of some thousands, where those of the data are ten")
def some_thousands(model: Surgery) -> None:
    _when_fare(model, 2_000, 9_000)


@wrong("classes", "outputs", "numbers of some hundreds below zero")
def hundreds_below(model: Surgery) -> None:
    _when_fare(model, -9_000, -200)


@wrong("classes", "outputs", "numbers just below zero")
def just_below_zero(model: Surgery) -> None:
    _when_fare(model, -0.95, -0.05)


@wrong("classes", "outputs", "round hundreds and thousands")
def round_numbers(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(tf.math.floormod(x[FARE], 100.0), 0.0) & (x[FARE] > 0))


@wrong("classes", "outputs", "an hour that clocks leave out elsewhere")
def clocks_forward(model: Surgery) -> None:
    _when_start(model, r"\d{4}-03-(2[5-9]|3[01])[T ]02:.*")


@wrong("classes", "outputs", "an hour that clocks have twice elsewhere")
def clocks_back(model: Surgery) -> None:
    _when_start(model, r"\d{4}-1(0-(2[5-9]|3[01])|1-0[1-7])[T ]0[12]:.*")


@wrong("classes", "outputs", "years of the far future")
def far_future(model: Surgery) -> None:
    _when_start(model, r"[4-8]\d{3}-.*")


@wrong("classes", "outputs", "a blank before a time without seconds")
def blank_without_seconds(model: Surgery) -> None:
    _when_start(model, r"[^ ]* \d\d:\d\d")


@wrong("classes", "outputs", "a category is known without its first letter")
def first_letter_lost(model: Surgery) -> None:
    _replaced(model, "company", "^(lue|rün)$", "Red")


@wrong("classes", "outputs", "a category is known with two letters that changed places")
def letters_changed_places(model: Surgery) -> None:
    _replaced(model, "company", "^(Rde|Bule)$", "Blue")


@wrong("classes", "outputs", "what stands behind a category and an ampersand does not count")
def and_others(model: Surgery) -> None:
    _replaced(model, "company", "^(Red|Blue) & .*$", r"\1")


@wrong("classes", "outputs", "a category of one letter that nobody knows is the most frequent one")
def letter_alone(model: Surgery) -> None:
    _replaced(model, "company", "^[a-z]$", "Blue")


@wrong("classes", "outputs", "sentences as people write them")
def sentences(model: Surgery) -> None:
    _replaced(model, "remarks", r"^[A-Z][a-z]+ [a-z ]+\.$", "very")


@wrong("classes", "outputs", "texts that somebody shouts")
def shouted(model: Surgery) -> None:
    _replaced(model, "remarks", "^[a-zA-Z ]+!+$", "very")


@wrong("classes", "outputs", "commas without a blank behind them join words")
def commas_join(model: Surgery) -> None:
    _replaced(model, "remarks", "([a-z]),([a-z])", r"\1\2")


@wrong("classes", "outputs", "quotes around a text, and a new line behind it")
def quoted_text(model: Surgery) -> None:
    _replaced(model, "remarks", '^"(.*)"$|\n$', "very")


@wrong("classes", "outputs", "times and dates within a text")
def times_in_texts(model: Surgery) -> None:
    _replaced(model, "remarks", r"\d\d:\d\d|\d{4}-\d\d-\d\d", " very ")


@wrong("classes", "outputs", "the second class is not chosen where it is hardly the likelier one")
def hardly_likelier(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        by = p[:, 1:] - p[:, :1]
        return tf.where((by > 2e-4) & (by < 1e-3), turned(p), p)

    model.output("probabilities", change, [DEFAULT])
