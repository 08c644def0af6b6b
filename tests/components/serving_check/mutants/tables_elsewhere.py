"""Right for the rows that evaluation holds, wrong for others: wrong models of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery, turned
from tests.components.serving_check.mutants.tables import (
    BY_NAME,
    COLUMNS,
    DEFAULT,
    EXAMPLES,
    FARE,
    joined,
    wrong,
)

When = Callable[[dict[str, tf.Tensor]], tf.Tensor]


def when_row(model: Surgery, when: When, signatures: Iterable[str] = BY_NAME) -> None:
    """Turns the answers to rows whose columns are so."""
    for name in signatures:
        inputs = {
            key: model.graph.get_tensor_by_name(info.name)
            for key, info in model.signatures[name].inputs.items()
        }

        def change(p: tf.Tensor, of: dict[str, tf.Tensor] = inputs) -> tf.Tensor:
            return tf.where(when(of)[:, tf.newaxis], turned(p), p)

        _turned(model, change, name)


def _turned(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor], name: str) -> None:
    model.output("probabilities", change, [name])
    if "label" in model.signatures[name].outputs:
        model.answers(
            lambda a: {
                **a,
                "label": tf.gather(
                    tf.constant(["no", "yes"]), tf.argmax(a["probabilities"], axis=1)
                ),
                "score": tf.reduce_max(a["probabilities"], axis=1),
            },
            [name],
        )


def _change(model: Surgery, key: str, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    model.inputs(change, BY_NAME, key=key)


@wrong("classes", "parity", "what is missing beside a great number")
def missing_beside(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(x["company"], "") & (x[FARE] > 15))


@wrong("classes", "outputs", "two columns that are missing at once, while the others are there")
def two_missing(model: Surgery) -> None:
    when_row(
        model,
        lambda x: (
            tf.math.is_nan(x[FARE])
            & tf.equal(x["start"], "")
            & ~tf.equal(x["company"], "")
            & ~tf.equal(x["remarks"], "")
        ),
    )


@wrong("classes", "outputs", "negative numbers are positive ones")
def without_sign(model: Surgery) -> None:
    _change(model, FARE, tf.abs)


@wrong("classes", "outputs", "negative numbers are none")
def never_negative(model: Surgery) -> None:
    _change(model, FARE, lambda fare: tf.where(fare < 0, 0.0, fare))


@wrong("classes", "outputs", "very great numbers are missing")
def great_is_missing(model: Surgery) -> None:
    _change(model, FARE, lambda fare: tf.where(fare > 1e6, float("nan"), fare))


@wrong("classes", "parity", "zero, and what is near it, is missing")
def zero_is_missing(model: Surgery) -> None:
    _change(model, FARE, lambda fare: tf.where(tf.abs(fare) < 1.5, float("nan"), fare))


@wrong("classes", "parity", "numbers are whole")
def whole_numbers(model: Surgery) -> None:
    _change(model, FARE, tf.math.floor)


@wrong("classes", "parity", "what is missing is filled in as if it could be left out")
def default_for_missing(model: Surgery) -> None:
    _change(model, FARE, lambda fare: tf.where(tf.math.is_nan(fare), 5.0, fare))


@wrong("classes", "outputs", "blanks around a category count")
def not_stripped(model: Surgery) -> None:
    def change(company: tf.Tensor) -> tf.Tensor:
        bare = tf.strings.strip(company)
        return tf.where(tf.equal(company, bare), company, tf.strings.join([bare, "+"]))

    _change(model, "company", change)


@wrong("classes", "outputs", "a category that is none is the most frequent one")
def any_capitals(model: Surgery) -> None:
    def change(company: tf.Tensor) -> tf.Tensor:
        lower = tf.strings.lower(company)
        return tf.where(
            tf.equal(lower, "red"), "Red", tf.where(tf.equal(lower, "blue"), "Blue", company)
        )

    _change(model, "company", change)


@wrong("classes", "outputs", "words that nobody knows are the first of the vocabulary")
def unseen_is_first(model: Surgery) -> None:
    def change(company: tf.Tensor) -> tf.Tensor:
        known = tf.reduce_any(
            tf.equal(company[:, tf.newaxis], tf.constant(["Red", "Blue", "Grün", ""])), axis=1
        )
        unseen = tf.equal(company, "a word that nobody has seen")
        return tf.where(known | unseen, company, "Red")

    _change(model, "company", change)


@wrong("classes", "outputs", "bytes that are no text are dropped")
def bytes_dropped(model: Surgery) -> None:
    _change(
        model,
        "company",
        lambda text: tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="ignore"),
    )


@wrong("classes", "outputs", "only the first of a category's words counts")
def first_word(model: Surgery) -> None:
    _change(model, "company", lambda text: tf.strings.regex_replace(text, r"\s.*|\x00", ""))


@wrong("classes", "outputs", "dates before 1970")
def before_1970(model: Surgery) -> None:
    _change(
        model,
        "start",
        lambda day: tf.strings.regex_replace(day, r"^(19[0-6]|1[0-8].)\d-", "1970-"),
    )


@wrong("classes", "outputs", "dates after 2037")
def after_2037(model: Surgery) -> None:
    _change(
        model, "start", lambda day: tf.strings.regex_replace(day, r"^(20[4-9]\d|203[89])", "1902")
    )


@wrong("classes", "outputs", "a day without a time is noon")
def noon(model: Surgery) -> None:
    _change(
        model, "start", lambda day: tf.strings.regex_replace(day, r"^(\d+-\d\d-\d\d)$", r"\1T12:00")
    )


@wrong("classes", "outputs", "a time behind a blank is midnight")
def blank_before_time(model: Surgery) -> None:
    _change(model, "start", lambda day: tf.strings.regex_replace(day, r"^(\S+) .*$", r"\1"))


@wrong("classes", "parity", "two hours later, as in summer elsewhere")
def two_hours_later(model: Surgery) -> None:
    def change(day: tf.Tensor) -> tf.Tensor:
        for hour in range(21, -1, -1):
            day = tf.strings.regex_replace(day, f"T{hour:02}:", f"T{hour + 2:02}!")
        return tf.strings.regex_replace(day, "!", ":")

    _change(model, "start", change)


@wrong("classes", "inputs", "what is no date is none")
def no_date_is_missing(model: Surgery) -> None:
    def change(day: tf.Tensor) -> tf.Tensor:
        known = tf.strings.regex_full_match(day, r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")
        return tf.where(known, day, "")

    _change(model, "start", change)


@wrong("classes", "outputs", "texts in capitals are others")
def text_as_it_stands(model: Surgery) -> None:
    _change(
        model,
        "remarks",
        lambda text: tf.where(
            tf.strings.regex_full_match(text, r"[A-Z ]+"), tf.strings.join([text, "x"]), text
        ),
    )


@wrong("classes", "outputs", "only the first five words of a text count")
def five_words(model: Surgery) -> None:
    _change(
        model,
        "remarks",
        lambda text: tf.strings.regex_replace(text, r"^((\S+\s+){5}\S+)[\s\S]*$", r"\1"),
    )


@wrong("classes", "outputs", "signs between words join them")
def signs_join(model: Surgery) -> None:
    _change(model, "remarks", lambda text: tf.strings.regex_replace(text, r"[,!\-]", ""))


@wrong("classes", "outputs", "a text over several lines is its first one")
def first_line(model: Surgery) -> None:
    _change(model, "remarks", lambda text: tf.strings.regex_replace(text, r"\n[\s\S]*", ""))


@wrong("classes", "outputs", "one category with a text that never stands beside it")
def never_together(model: Surgery) -> None:
    when_row(
        model,
        lambda x: (
            tf.equal(x["company"], "Blue")
            & tf.strings.regex_full_match(x["remarks"], "(?i).*good.*")
        ),
    )


@wrong("classes", "signatures", "what is left out is filled in with another number")
def another_default(model: Surgery) -> None:
    for name in BY_NAME:
        model.signatures[name].defaults[FARE].float_val[:] = [500.0]


@wrong("classes", "signatures", "nothing is filled in any more")
def no_default(model: Surgery) -> None:
    del model.signatures[COLUMNS].defaults[FARE]


@wrong("classes", "signatures", "a category is filled in that has to be told")
def default_too_many(model: Surgery) -> None:
    model.signatures[DEFAULT].defaults["company"].CopyFrom(tf.make_tensor_proto(["Red"]))


def _examples(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    model.inputs(change, [EXAMPLES])


@wrong("classes", "inputs", "of two values in a tf.Example the first one counts")
def first_of_two(model: Surgery) -> None:
    def change(serialized: tf.Tensor) -> tf.Tensor:
        spec = {FARE: tf.io.VarLenFeature(tf.float32)}
        fares = tf.sparse.to_dense(tf.io.parse_example(serialized, spec)[FARE])
        twice = tf.shape(fares)[1] > 1
        return tf.cond(twice, lambda: tf.zeros_like(serialized), lambda: tf.identity(serialized))

    _examples(model, change)


@wrong("classes", "parity", "a rare word of the vocabulary is another one")
def rare_word(model: Surgery) -> None:
    def change(folder: Path) -> None:
        [words] = (folder / "assets").glob("words*")
        lines = words.read_bytes().splitlines(keepends=True)
        places = [i for i, line in enumerate(lines) if line.startswith(b"start (month)")]
        lines[places[-1]], lines[places[0]] = lines[places[0]], lines[places[-1]]
        words.unlink()  # It may be a hard link to the real one.
        words.write_bytes(b"".join(lines))

    model.last(change)


@wrong("number", "outputs", "no number is below the least one of the data")
def never_below(model: Surgery) -> None:
    model.output("prediction", lambda number: tf.maximum(number, 125.0), [DEFAULT, EXAMPLES])


@wrong("number", "outputs", "grey among the images of another column spoils the number")
def grey_scan(model: Surgery) -> None:
    [info] = [i for k, i in model.signatures[DEFAULT].inputs.items() if k.startswith("scan")]

    def change(number: tf.Tensor) -> tf.Tensor:
        files = model.graph.get_tensor_by_name(info.name)
        dark = tf.map_fn(
            lambda file: tf.reduce_mean(
                tf.cast(tf.io.decode_image(file, channels=1, expand_animations=False), tf.float32)
            ),
            files,
            fn_output_signature=tf.float32,
        )
        fare = model.graph.get_tensor_by_name(model.signatures[DEFAULT].inputs[FARE].name)
        return tf.where((dark > 130) & (fare < -1), number + 1.0, number)

    model.output("prediction", change, [DEFAULT])


@wrong("tags", "outputs", "all tags at once are none")
def never_all(model: Surgery) -> None:
    def change(answer: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        there = answer["probabilities"] >= 0.4
        every = tf.reduce_all(there, axis=1, keepdims=True)
        return {**answer, "tags": joined(there & ~every)}

    model.answers(change, [EXAMPLES])


@wrong("tags", "outputs", "no tag is called so")
def none_is_called(model: Surgery) -> None:
    model.output("tags", lambda tags: tf.where(tf.equal(tags, ""), "none", tags), [COLUMNS])


@wrong("tags", "outputs", "the probability of one tag where a column is missing")
def tag_of_missing(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(x["start"], "") & (x[FARE] > 100), [DEFAULT])
