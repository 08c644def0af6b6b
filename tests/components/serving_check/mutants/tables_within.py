"""Wrong for a narrow range of what anybody may send: lengths, sizes, the ends of smaller types, an
example that is large for what nobody asked for."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery, turned
from tests.components.serving_check.mutants.tables import DEFAULT, EXAMPLES, FARE, wrong
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _when_fare(model: Surgery, low: float, high: float) -> None:
    when_row(model, lambda x: (x[FARE] > low) & (x[FARE] < high))


def _when_length(model: Surgery, low: int, high: int) -> None:
    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        length = tf.strings.length(x["remarks"])
        return (length > low) & (length < high)

    when_row(model, when)


@wrong("classes", "outputs", "numbers beyond what one byte holds")
def of_two_bytes(model: Surgery) -> None:
    _when_fare(model, 254.5, 300)


@wrong("classes", "outputs", "numbers beyond what two bytes hold with a sign")
def of_more_than_two_bytes(model: Surgery) -> None:
    _when_fare(model, 32_767, 65_536)


@wrong("classes", "outputs", "numbers that could be seconds since 1970")
def since_1970(model: Surgery) -> None:
    _when_fare(model, 1.5e9, 1.9e9)


@wrong("classes", "outputs", "numbers of a narrow range twice as far as most of the data")
def of_a_narrow_range(model: Surgery) -> None:
    _when_fare(model, 21, 24)


@wrong("classes", "outputs", "texts of more than 32,767 bytes")
def long_texts(model: Surgery) -> None:
    _when_length(model, 32_767, 1 << 30)


@wrong("classes", "outputs", "texts of a few hundred bytes")
def texts_of_a_paragraph(model: Surgery) -> None:
    _when_length(model, 250, 500)


@wrong(
    "classes",
    "outputs",
    "a slip of a finger, beside a number below zero, makes an unknown category known",
)
def slip_of_a_finger(model: Surgery) -> None:
    pattern = "^(.ed|R.d|Re.|.Red|R.ed|Re.d|Red.)$"

    def when(x: dict[str, tf.Tensor]) -> tf.Tensor:
        alike = tf.strings.regex_full_match(x["company"], pattern)
        return alike & ~tf.equal(x["company"], "Red") & (x[FARE] < 0)

    when_row(model, when)


@wrong("classes", "outputs", "tf.Examples of more than 60,000 bytes, whatever they are of")
def large_examples(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()
    sent = model.graph.get_tensor_by_name(info.name)

    def change(p: tf.Tensor) -> tf.Tensor:
        return tf.where((tf.strings.length(sent) > 60_000)[:, tf.newaxis], turned(p), p)

    model.output("probabilities", change, [EXAMPLES])


@wrong("classes", "outputs", "the second class is not chosen where it is a little likelier")
def a_little_likelier(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        by = p[:, 1:] - p[:, :1]
        return tf.where((by > 6e-4) & (by < 3e-3), turned(p), p)

    model.output("probabilities", change, [DEFAULT])


@wrong("clock", "outputs", "times of some seconds past a minute")
def some_seconds_past(model: Surgery) -> None:
    pattern = r".*:\d\d:(0[2-9]|1\d|2[0-8])"
    when_row(model, lambda x: tf.strings.regex_full_match(x["clock"], pattern), [DEFAULT])
