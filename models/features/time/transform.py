"""From a time of day, as an example or a request holds it, to what is packed."""

from __future__ import annotations

import datetime

import tensorflow as tf

from models.features.parts import Parts, one
from models.features.time.kind import Time

_FORM = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_MIDNIGHT = b"00:00:00"
_SHORT = 5
"""Signs of a time without seconds."""
_DAY = 86_400


def transform(time: Time, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """When in the day, as a hand of a clock points: 23:59 is near 00:01. And which hour.

    The graph raises InvalidArgumentError for what is no time such as 14:30 or 14:30:00. A client
    may send what the table wrote where it was missing.
    """
    text = one(values, b"")
    missing = tf.equal(text, b"")
    text = tf.where(missing, _MIDNIGHT, text)
    known = tf.strings.regex_full_match(text, _FORM)
    problem = tf.debugging.Assert(
        tf.reduce_all(known), [f"{name} holds what is no time of day such as 14:30:", text]
    )
    with tf.control_dependencies([problem]):
        text = tf.where(known, text, _MIDNIGHT)
    text = tf.strings.regex_replace(text, r"^(\d):", r"0\1:")
    text = tf.strings.join([text, tf.where(tf.strings.length(text) > _SHORT, b"", b":00")])
    pieces = tf.strings.substr(tf.expand_dims(text, 1), (0, 3, 6), (2, 2, 2))
    hour, minute, second = tf.unstack(tf.strings.to_number(pieces, tf.int32), axis=1)
    seconds = 3_600 * hour + 60 * minute + second
    for moment in map(datetime.time.fromisoformat, time.missing_times):
        of_nothing = 3_600 * moment.hour + 60 * moment.minute + moment.second
        missing |= tf.equal(seconds, of_nothing)
    of_day = tf.cast(seconds, tf.float32) / _DAY
    nan = tf.constant(float("nan"))

    def away(moment: int) -> tf.Tensor:
        """How far around the clock, 0 to 1. No sine: it differs by batch size in its last bit,
        and quantiles of few different times tell such bits apart."""
        around = tf.math.floormod(seconds - moment + _DAY // 2, _DAY)
        return tf.cast(tf.abs(around - _DAY // 2), tf.float32) / (_DAY // 2)

    return Parts(
        numbers={
            name: tf.where(missing, nan, of_day),
            f"{name} (from noon)": tf.where(missing, nan, away(_DAY // 2)),
            f"{name} (from six)": tf.where(missing, nan, away(_DAY // 4)),
        },
        words={f"{name} (hour)": tf.where(missing, b"", tf.strings.as_string(hour))},
    )
