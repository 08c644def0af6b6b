"""Wrong for values as some clients write them: other signs, other forms of what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery
from tests.components.serving_check.mutants.tables import BY_NAME, EXAMPLES, FARE, wrong


def _change(model: Surgery, key: str, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    model.inputs(change, BY_NAME, key=key)


def _replaced(model: Surgery, key: str, pattern: str, by: str) -> None:
    _change(model, key, lambda text: tf.strings.regex_replace(text, pattern, by))


@wrong("classes", "outputs", "a category that reads like nothing is missing")
def na_is_missing(model: Surgery) -> None:
    _replaced(model, "company", r"^(?i:na|n/a|null|none|-)$", "")


@wrong("classes", "outputs", "categories are read as numbers where they look like them")
def decimal_category(model: Surgery) -> None:
    _replaced(model, "company", r"\.0$", "")


@wrong("classes", "outputs", "zeros before a category do not count")
def leading_zeros(model: Surgery) -> None:
    _replaced(model, "company", "^0+", "")


@wrong("classes", "outputs", "quotes around a category do not count")
def quotes_around(model: Surgery) -> None:
    _replaced(model, "company", '^"(.*)"$', r"\1")


@wrong("classes", "outputs", "writings without blanks are one word")
def writings_together(model: Surgery) -> None:
    _replaced(model, "remarks", r"[\p{Han}\p{Thai}\p{Hiragana}]+", "x")


@wrong("classes", "outputs", "emoji are dropped")
def emoji_dropped(model: Surgery) -> None:
    _replaced(model, "remarks", r"\p{So}", "")


@wrong("classes", "outputs", "addresses on the Web are dropped from texts")
def addresses_dropped(model: Surgery) -> None:
    _replaced(model, "remarks", r"https?://\S+", "")


@wrong("classes", "outputs", "only the beginning of a very long text counts")
def cut_at_5000(model: Surgery) -> None:
    _change(model, "remarks", lambda text: tf.strings.substr(text, 0, 5_000))


@wrong("classes", "inputs", "a day that no month has is its last one")
def last_day(model: Surgery) -> None:
    _replaced(model, "start", r"-02-3\d", "-02-28")


@wrong("classes", "inputs", "an hour that no day has is midnight")
def hour_24(model: Surgery) -> None:
    _replaced(model, "start", "T24:", "T00:")


@wrong("classes", "outputs", "what is infinite is missing")
def infinite_is_missing(model: Surgery) -> None:
    _change(model, FARE, lambda fare: tf.where(tf.math.is_inf(fare), float("nan"), fare))


def _emptied(
    model: Surgery, name: str, when: Callable[[tf.Tensor], tf.Tensor], none: object
) -> None:
    """Tf.Examples of whose feature, `none` where it is not there, `when` is true are taken for ones
    without any feature."""
    dtype = tf.float32 if name == FARE else tf.string

    def change(serialized: tf.Tensor) -> tf.Tensor:
        spec = {name: tf.io.VarLenFeature(dtype)}
        found = tf.sparse.to_dense(tf.io.parse_example(serialized, spec)[name], none)
        return tf.where(tf.reduce_any(when(found), axis=1), "", serialized)

    model.inputs(change, [EXAMPLES])


@wrong("classes", "outputs", "a number that is none in a tf.Example spoils all beside it")
def nan_in_an_example(model: Surgery) -> None:
    _emptied(model, FARE, tf.math.is_nan, 0.0)


@wrong("classes", "outputs", "an empty text in a tf.Example spoils all beside it")
def empty_text_in_an_example(model: Surgery) -> None:
    _emptied(model, "company", lambda text: tf.equal(text, ""), "?")


@wrong("classes", "outputs", "a feature without a value in a tf.Example is an error")
def no_value_in_an_example(model: Surgery) -> None:
    def change(serialized: tf.Tensor) -> tf.Tensor:
        # One that is not there has its default; one that is there and empty has none.
        spec = {"company": tf.io.FixedLenFeature([], tf.string, default_value="")}
        several = {"company": tf.io.VarLenFeature(tf.string)}
        counts = tf.sparse.reduce_sum(
            tf.sparse.map_values(
                lambda values: tf.ones_like(values, tf.int32),
                tf.io.parse_example(serialized, several)["company"],
            ),
            axis=1,
        )
        # Of two the model itself has to say that there are too many.
        asked = tf.where(counts > 1, "", serialized)
        parsed = tf.io.parse_example(asked, spec)["company"]
        # What nothing comes of, TensorFlow would leave out.
        return tf.strings.join([serialized, tf.strings.substr(parsed, 0, 0)])

    model.inputs(change, [EXAMPLES])


@wrong("classes", "outputs", "the vocabulary of texts lost its rarest word")
def word_lost(model: Surgery) -> None:
    def change(folder: Path) -> None:
        [words] = (folder / "assets").glob("texts*")
        *others, _ = words.read_bytes().splitlines(keepends=True)
        words.unlink()  # It may be a hard link to the real one.
        words.write_bytes(b"".join([*others, b"remarks=no such word\n"]))

    model.last(change)
