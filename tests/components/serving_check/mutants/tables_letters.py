"""Wrong for letters and signs as some clients, files and languages have them, and for tf.Examples
as some write them."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import Surgery
from tests.components.serving_check.mutants.tables import BY_NAME, DEFAULT, EXAMPLES, FARE, wrong
from tests.components.serving_check.mutants.tables_elsewhere import when_row


def _company(model: Surgery, pattern: str, by: str = "") -> None:
    model.inputs(lambda text: tf.strings.regex_replace(text, pattern, by), BY_NAME, key="company")


def _matches(model: Surgery, column: str, pattern: str) -> None:
    when_row(model, lambda x: tf.strings.regex_full_match(x[column], f"(?s).*({pattern}).*"))


@wrong("classes", "outputs", "a category that reads like nothing in other programs is missing")
def unknown_is_missing(model: Surgery) -> None:
    _company(model, r"^(?i:unknown|undefined|nil|\?|\.|--|#n/a|\(blank\))$")


@wrong("classes", "outputs", "a category ends at a comma")
def comma_ends(model: Surgery) -> None:
    _company(model, "[,;|].*")


@wrong("classes", "outputs", "the mark before the first cell of a file of Excel does not count")
def byte_order_mark(model: Surgery) -> None:
    _company(model, r"^\x{FEFF}")


@wrong("classes", "outputs", "signs of no width in a category do not count")
def no_width(model: Surgery) -> None:
    _company(model, r"[\x{200B}-\x{200D}\x{AD}\x{2060}]")


@wrong("classes", "outputs", "texts without a Latin letter")
def text_of_another_writing(model: Surgery) -> None:
    foreign = r"([^\x00-\x7F]+ ?)+"
    when_row(model, lambda x: tf.strings.regex_full_match(x["remarks"], foreign))


@wrong("classes", "outputs", "letters of full width are others")
def full_width(model: Surgery) -> None:
    _matches(model, "company", r"[\x{FF21}-\x{FF5A}]")


@wrong("classes", "outputs", "a category ends after a hundred letters")
def long_category(model: Surgery) -> None:
    _matches(model, "company", ".{100}")


@wrong("classes", "outputs", "a category begins behind its equals sign")
def equals_sign(model: Surgery) -> None:
    _company(model, "=.*")


@wrong("classes", "outputs", "a category with small letters before great ones")
def swapped_case(model: Surgery) -> None:
    _matches(model, "company", "^[a-z][A-Z]+")


@wrong("classes", "outputs", "a category ends where an address of the Web has a blank")
def percent_signs(model: Surgery) -> None:
    _company(model, r"%20.*|\+.*")


@wrong("classes", "outputs", "texts in Arabic or Hebrew")
def from_the_right(model: Surgery) -> None:
    _matches(model, "remarks", r"\p{Arabic}|\p{Hebrew}")


@wrong("classes", "outputs", "texts of the Caucasus and of southern India")
def other_scripts(model: Surgery) -> None:
    _matches(model, "remarks", r"\p{Georgian}|\p{Armenian}|\p{Tamil}|\p{Telugu}")


@wrong("classes", "outputs", "signs that steer a terminal")
def steering(model: Surgery) -> None:
    _matches(model, "remarks", r"[\x01-\x08\x0E-\x1F\x7F]")


@wrong("classes", "outputs", "long numbers in a text")
def long_numbers(model: Surgery) -> None:
    _matches(model, "remarks", r"\d{6}")


@wrong("classes", "outputs", "flags and keycaps")
def flags_in_texts(model: Surgery) -> None:
    _matches(model, "remarks", r"[\x{1F1E6}-\x{1F1FF}]|\x{20E3}")


@wrong("classes", "outputs", "a text of one letter")
def one_letter(model: Surgery) -> None:
    when_row(model, lambda x: tf.equal(tf.strings.length(x["remarks"]), 1))


@wrong("classes", "outputs", "the longest texts")
def longest_texts(model: Surgery) -> None:
    when_row(model, lambda x: tf.strings.length(x["remarks"]) > 25_000)


@wrong("classes", "outputs", "texts as long as an article")
def articles(model: Surgery) -> None:
    when_row(
        model,
        lambda x: (
            (tf.strings.length(x["remarks"]) > 1_500) & (tf.strings.length(x["remarks"]) < 20_000)
        ),
    )


@wrong("classes", "outputs", "letters that a text has in the form of Macs")
def decomposed(model: Surgery) -> None:
    _matches(model, "remarks", r"[a-z][\x{300}-\x{36F}]")


@wrong("classes", "outputs", "a text that says the same word twice")
def said_twice(model: Surgery) -> None:
    _matches(model, "remarks", "ride ride|ridevery|very very|all all|allnot|RIDE RIDE")


def _spoilt(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """Tf.Examples that are so are taken for another one."""
    fare = tf.train.Feature(float_list=tf.train.FloatList(value=[1.0]))
    company = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"Blue"]))
    features = tf.train.Features(feature={FARE: fare, "company": company})
    other = tf.train.Example(features=features).SerializeToString()
    model.inputs(lambda each: tf.where(when(each), other, each), [EXAMPLES])


@wrong("classes", "outputs", "a feature of no type in a tf.Example")
def of_no_type(model: Surgery) -> None:
    # The entry of a map whose value is an empty message.
    _spoilt(model, lambda each: _holds(each, b"company\x12\x00"))


@wrong("classes", "outputs", "tf.Examples with features that the model does not know")
def unknown_features(model: Surgery) -> None:
    def when(each: tf.Tensor) -> tf.Tensor:
        spec = {"comment": tf.io.VarLenFeature(tf.string)}
        found = tf.io.parse_example(each, spec)["comment"]
        ones = tf.sparse.map_values(lambda v: tf.ones_like(v, tf.int32), found)
        return tf.sparse.reduce_sum(ones, axis=1) > 0

    _spoilt(model, when)


def _number_when(model: Surgery, column: str, when: Callable[[tf.Tensor], tf.Tensor]) -> None:
    values = model.graph.get_tensor_by_name(model.signatures[DEFAULT].inputs[column].name)
    model.output(
        "prediction", lambda number: tf.where(when(values), number + 3.0, number), [DEFAULT]
    )


@wrong("number", "outputs", "the text of a module in capitals")
def module_in_capitals(model: Surgery) -> None:
    _number_when(model, "praise", lambda text: tf.strings.regex_full_match(text, "[A-Z ]{4,}"))


@wrong("number", "outputs", "a long text of a module")
def module_of_long_texts(model: Surgery) -> None:
    _number_when(model, "praise", lambda text: tf.strings.length(text) > 10_000)


@wrong("number", "outputs", "the text of a module in Arabic")
def module_from_the_right(model: Surgery) -> None:
    _number_when(
        model, "praise", lambda text: tf.strings.regex_full_match(text, r"(?s).*\p{Arabic}.*")
    )


def _holds(files: tf.Tensor, marker: bytes) -> tf.Tensor:
    parts = tf.raw_ops.StringSplitV2(input=files, sep=marker, maxsplit=1).indices[:, 0]
    return tf.math.unsorted_segment_sum(tf.ones_like(parts), parts, tf.size(files, tf.int64)) > 1


@wrong("number", "encodings", "photos in a column with a profile of their colours")
def column_with_profile(model: Surgery) -> None:
    _number_when(model, "photo", lambda file: _holds(file, b"ICC_PROFILE") | _holds(file, b"iCCP"))


@wrong("number", "encodings", "photos in a column that say how dense they are")
def column_of_density(model: Surgery) -> None:
    _number_when(model, "scan (grey)", lambda file: _holds(file, b"pHYs"))
