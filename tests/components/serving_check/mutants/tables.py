"""Wrong models of tables, by kind of label: columns, units, vocabularies, missing values, tags."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import tensorflow as tf

from tests.components.serving_check.mutants.registry import Maker, Mutant
from tests.components.serving_check.mutants.surgery import Surgery, Tensors

DEFAULT, COLUMNS, EXAMPLES = "serving_default", "columns", "examples"
BY_NAME = (DEFAULT, COLUMNS)
"""The signatures that take features by name; a number has the first one alone."""
FARE = "fare (EUR)"
TAGS = ("dear", "praise", "evening")
THRESHOLD = 0.4
"""Of the model whose tags these are."""

TABLES: dict[str, dict[str, Mutant]] = {
    **{"classes": {}, "number": {}, "tags": {}},
    # Of a number, for which -999 stands where it is missing, and of a time of day.
    "clock": {},
    # Of one picture alone, see colours.py.
    **{"shade": {}, "hues": {}, "moods": {}},
}
"""By kind of label, then by name."""


def wrong(kind: str, row: str, says: str) -> Callable[[Maker], Maker]:
    """Registers a maker of a wrong model of that kind of label."""

    def register(maker: Maker) -> Maker:
        TABLES[kind][maker.__name__] = Mutant(maker.__name__, says, row, maker)
        return maker

    return register


def _swapped(model: Surgery, signatures: Iterable[str], one: str, other: str) -> None:
    for name in signatures:
        inputs = model.signatures[name].inputs
        inputs[one].name, inputs[other].name = inputs[other].name, inputs[one].name


@wrong("classes", "parity", "two columns changed places")
def columns_swapped(model: Surgery) -> None:
    _swapped(model, BY_NAME, "company", "remarks")


@wrong("classes", "parity", "two columns changed places in one signature only")
def columns_swapped_once(model: Surgery) -> None:
    _swapped(model, [COLUMNS], "company", "start")


@wrong("classes", "parity", "each word has the place of the next one")
def vocabulary_shifted(model: Surgery) -> None:
    def change(folder: Path) -> None:
        [words] = (folder / "assets").glob("words*")
        first, *others = words.read_bytes().splitlines(keepends=True)
        words.unlink()  # It may be a hard link to the real one.
        words.write_bytes(b"".join([*others, first]))

    model.last(change)


@wrong("classes", "parity", "what fills the places of missing numbers is 0")
def missing_is_zero(model: Surgery) -> None:
    changed = 0
    for node in model.nodes:
        tensor = node.attr["value"].tensor if node.op == "Const" else None
        if tensor and list(tensor.float_val) and math.isnan(tensor.float_val[0]):
            tensor.float_val[0] = 0.0
            changed += 1
    assert changed


@wrong("classes", "parity", "what is missing among the columns of a request is read as 0")
def missing_column_is_zero(model: Surgery) -> None:
    def filled(values: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.math.is_nan(values), 0.0, values)

    model.inputs(filled, BY_NAME, key=FARE)


@wrong("classes", "parity", "a number is taken for cents")
def column_in_cents(model: Surgery) -> None:
    model.inputs(lambda fare: fare / 100, BY_NAME, key=FARE)


@wrong("classes", "parity", "a number is taken for another currency, in one signature only")
def column_in_dollars(model: Surgery) -> None:
    model.inputs(lambda fare: fare * 1.08, [DEFAULT], key=FARE)


@wrong("classes", "parity", "words are looked up in lower case")
def category_in_lower_case(model: Surgery) -> None:
    model.inputs(tf.strings.lower, BY_NAME, key="company")


@wrong("classes", "parity", "every date is that of the first day of its month")
def date_of_the_first(model: Surgery) -> None:
    model.inputs(
        lambda day: tf.strings.regex_replace(day, "^(....-..)-..", r"\1-01"), BY_NAME, key="start"
    )


@wrong("classes", "outputs", "the classes beside the probabilities are swapped")
def classes_swapped(model: Surgery) -> None:
    model.output("label", lambda label: tf.where(tf.equal(label, "yes"), "no", "yes"), [COLUMNS])


@wrong("classes", "outputs", "the second class is chosen a little too early")
def class_a_little_early(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        return {**answer, "label": tf.where(answer["probabilities"][:, 1] > 0.499, "yes", "no")}

    model.answers(change, [COLUMNS])


@wrong("number", "parity", "the number is answered in cents")
def number_in_cents(model: Surgery) -> None:
    model.output("prediction", lambda number: number * 100, [DEFAULT, EXAMPLES])


@wrong("number", "parity", "the number is answered in another currency, to tf.Examples only")
def number_in_dollars(model: Surgery) -> None:
    model.output("prediction", lambda number: number * 1.08, [EXAMPLES])


@wrong("number", "parity", "the number is answered in spreads from the mean")
def number_not_scaled_back(model: Surgery) -> None:
    model.output("prediction", lambda number: (number - 150.0) / 30.0, [DEFAULT, EXAMPLES])


@wrong("number", "parity", "the number is rounded to a whole one")
def number_rounded(model: Surgery) -> None:
    model.output("prediction", tf.round, [DEFAULT, EXAMPLES])


@wrong("number", "parity", "a column is taken for cents")
def number_of_cents(model: Surgery) -> None:
    model.inputs(lambda fare: fare / 100, [DEFAULT], key=FARE)


@wrong("number", "parity", "two images changed places")
def images_swapped(model: Surgery) -> None:
    _swapped(model, [DEFAULT], "photo", "scan (grey)")


@wrong("number", "parity", "the image of the row before")
def image_of_another_row(model: Surgery) -> None:
    model.inputs(lambda files: tf.roll(files, 1, axis=0), [DEFAULT], key="photo")


@wrong("number", "parity", "the text of a module is that of another column")
def module_text_swapped(model: Surgery) -> None:
    _swapped(model, [DEFAULT], "praise", "company")


@wrong("number", "encodings", "JPEG files among columns are inverted")
def column_of_jpeg_inverted(model: Surgery) -> None:
    def one(file: tf.Tensor) -> tf.Tensor:
        return tf.cond(
            tf.equal(tf.strings.substr(file, 0, 3), b"\xff\xd8\xff"),
            lambda: tf.io.encode_png(255 - tf.io.decode_jpeg(file, channels=3)),
            lambda: file,
        )

    model.inputs(
        lambda files: tf.map_fn(one, files, fn_output_signature=tf.string), [DEFAULT], key="photo"
    )


def _tags(model: Surgery, tagged: Callable[[tf.Tensor], tf.Tensor], signatures: Iterable[str]):
    """Has `tags` be those of which `tagged(probabilities)` is true, joined as the model does."""

    def change(answer: Tensors) -> Tensors:
        return {**answer, "tags": joined(tagged(answer["probabilities"]))}

    model.answers(change, signatures)


def joined(there: tf.Tensor, names: Iterable[str] = TAGS, separator: str = "|") -> tf.Tensor:
    """string [N] of bool [N, tags], without ragged tensors: each with what stands before it."""
    text = tf.fill([tf.shape(there)[0]], "")
    for place, name in enumerate(names):
        longer = tf.where(tf.equal(text, ""), name, tf.strings.join([text, separator + name]))
        text = tf.where(there[:, place], longer, text)
    return text


NAMED = (COLUMNS, EXAMPLES)


@wrong("tags", "outputs", "tags are answered from another threshold on")
def threshold_moved(model: Surgery) -> None:
    _tags(model, lambda p: p >= 0.5, NAMED)


@wrong("tags", "outputs", "tags are answered from a threshold on that is a little lower")
def threshold_lowered(model: Surgery) -> None:
    _tags(model, lambda p: p >= THRESHOLD - 0.05, [EXAMPLES])


@wrong("tags", "outputs", "one tag has a threshold of its own")
def threshold_of_one_tag(model: Surgery) -> None:
    _tags(model, lambda p: p >= [THRESHOLD + 0.02, THRESHOLD, THRESHOLD], [COLUMNS])


@wrong("tags", "outputs", "each tag has a threshold that is a little lower")
def thresholds_a_little_lower(model: Surgery) -> None:
    _tags(model, lambda p: p >= THRESHOLD - 0.01, [EXAMPLES])


@wrong("tags", "outputs", "the last tag has a threshold of its own, a little lower")
def threshold_of_the_last_tag(model: Surgery) -> None:
    _tags(model, lambda p: p >= [THRESHOLD, THRESHOLD, THRESHOLD - 0.03], [COLUMNS])


@wrong("tags", "outputs", "only the likeliest tag is answered")
def tags_alone(model: Surgery) -> None:
    def best(p: tf.Tensor) -> tf.Tensor:
        is_best = tf.equal(p, tf.reduce_max(p, axis=1, keepdims=True))
        return tf.logical_and(is_best, p >= THRESHOLD)

    _tags(model, best, NAMED)


@wrong("tags", "outputs", "each tag has the name of the next one")
def tags_shifted(model: Surgery) -> None:
    names = (*TAGS[1:], TAGS[0])
    model.answers(lambda a: {**a, "tags": joined(a["probabilities"] >= THRESHOLD, names)}, NAMED)


@wrong("tags", "outputs", "tags stand between other signs than in the data")
def tags_with_commas(model: Surgery) -> None:
    model.output("tags", lambda tags: tf.strings.regex_replace(tags, r"\|", ","), NAMED)


@wrong("tags", "outputs", "tags of the neighbouring row")
def tags_of_another_row(model: Surgery) -> None:
    model.output("tags", lambda tags: tf.roll(tags, 1, axis=0), NAMED)


@wrong("tags", "parity", "probabilities of tags are made to add up to one")
def tags_add_up(model: Surgery) -> None:
    model.output(
        "probabilities",
        lambda p: p / tf.reduce_sum(p, axis=1, keepdims=True),
        [DEFAULT, *NAMED],
    )


@wrong("number", "encodings", "the same file in two columns: the second is a grey one")
def same_file_twice(model: Surgery) -> None:
    grey = tf.io.encode_png(tf.fill([5, 4, 1], tf.constant(200, tf.uint8))).numpy()
    photo = model.signatures[DEFAULT].inputs["photo"]

    def change(files: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.equal(files, model.graph.get_tensor_by_name(photo.name)), grey, files)

    model.inputs(change, [DEFAULT], key="scan (grey)")
