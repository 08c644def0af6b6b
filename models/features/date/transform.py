"""From a date, as an example or a request holds it, to what is packed."""

from __future__ import annotations

import datetime

import tensorflow as tf

from documents.cells import dates
from models.features.date.kind import Date
from models.features.parts import Parts, one

_YEAR = r"(000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})"
_LEAP_YEAR = r"(\d\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)"
    r"|02-(0[1-9]|1\d|2[0-8]))"
)
_FORM = rf"({_YEAR}-{_DAY}|{_LEAP_YEAR}-02-29)([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?"
"""Of days and times that there are, as where an example is made: `2026-02-30` would else be a day
in March to the model, and `0000-00-00` one of long ago rather than none."""
_SOME_DAY = b"1970-01-01"
_LONGEST = 19
_STARTS, _SIZES = (0, 5, 8, 11, 14, 17), (4, 2, 2, 2, 2, 2)
"""Where year, month, day, hour, minute and second stand."""


def transform(date: Date, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """How long ago, when in the day, and which hour, weekday and month.

    The graph raises InvalidArgumentError for what is no date such as 2026-11-25 or
    2026-11-25T13:45:00. A client may send what the table wrote where it was missing.
    """
    text = one(values, b"")
    missing = tf.equal(text, b"")
    text = tf.where(missing, _SOME_DAY, text)
    known = tf.strings.regex_full_match(text, _FORM)
    problem = tf.debugging.Assert(
        tf.reduce_all(known),
        [f"{name} holds what is no date such as 2026-11-25T13:45:00:", text],
    )
    with tf.control_dependencies([problem]):
        text = tf.where(known, text, _SOME_DAY)
    # Whatever is left out is midnight.
    length = tf.strings.length(text)
    text = tf.strings.join([text, tf.where(length < 11, b"T00:00:00", b":00")])
    pieces = tf.strings.substr(tf.expand_dims(text, 1), _STARTS, _SIZES)
    numbers = tf.strings.to_number(pieces, tf.int32)
    year, month, day, hour, minute, second = tf.unstack(numbers, axis=1)
    days = _days_since_1970(year, month, day)
    seconds = 3_600 * hour + 60 * minute + second
    for moment in map(datetime.datetime.fromisoformat, date.missing_moments):
        whole, part = divmod(moment - dates.EPOCH, datetime.timedelta(days=1))
        missing |= tf.equal(days, whole) & tf.equal(seconds, part.seconds)
    time = tf.cast(seconds, tf.float32) / 86_400
    nan = tf.constant(float("nan"))
    words = tf.strings.as_string(tf.stack([hour, (days + 3) % 7, month]))
    hours, weekdays, months = tf.unstack(tf.where(missing, b"", words))
    return Parts(
        numbers={
            name: tf.where(missing, nan, tf.cast(days, tf.float32) + time),
            f"{name} (time of day)": tf.where(missing, nan, time),
        },
        words={
            f"{name} (hour)": hours,
            f"{name} (weekday)": weekdays,
            f"{name} (month)": months,
        },
    )


def _days_since_1970(year: tf.Tensor, month: tf.Tensor, day: tf.Tensor) -> tf.Tensor:
    """Of the Gregorian calendar, int32 [N]; years begin in March, so that leap days come last."""
    # http://howardhinnant.github.io/date_algorithms.html#days_from_civil
    year = tf.where(month <= 2, year - 1, year)
    era = year // 400
    year_of_era = year - era * 400
    month_of_year = tf.where(month > 2, month - 3, month + 9)
    day_of_year = (153 * month_of_year + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468
