"""Labels, scores and top labels that do not follow from the probabilities."""

from __future__ import annotations

import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    Tensors,
    count,
    indices,
    names,
)

CLASSES = len(features.LABELS)
LABEL_OUTPUTS = ("label", "top_labels")


def _labels(model: Surgery, change, signatures=NAMED, outputs=LABEL_OUTPUTS) -> None:
    for output in outputs:
        model.output(output, change, signatures)


@wrong("outputs", "every label is its neighbour's")
def labels_shifted(model: Surgery) -> None:
    _labels(model, lambda label: names((indices(label) + 1) % CLASSES))


@wrong("outputs", "two labels are swapped")
def labels_swapped(model: Surgery) -> None:
    swapped = [0, 1, 4, 3, 2, 5, 6, 7, 8, 9]
    _labels(model, lambda label: names(tf.gather(swapped, indices(label))))


@wrong("outputs", "two labels are swapped for tf.Examples only")
def labels_swapped_for_examples(model: Surgery) -> None:
    swapped = [9, 1, 2, 3, 4, 5, 6, 7, 8, 0]
    _labels(model, lambda label: names(tf.gather(swapped, indices(label))), [EXAMPLES])


@wrong("outputs", "the last label is misspelt")
def last_label(model: Surgery) -> None:
    _labels(model, lambda label: tf.where(tf.equal(label, "Ankle boot"), "Ankle boots", label))


@wrong("outputs", "labels in lower case")
def labels_lower(model: Surgery) -> None:
    _labels(model, tf.strings.lower)


@wrong("outputs", "labels end in a space")
def labels_space(model: Surgery) -> None:
    _labels(model, lambda label: label + " ")


@wrong("outputs", "labels end in a zero byte")
def labels_zero_byte(model: Surgery) -> None:
    _labels(model, lambda label: label + tf.constant(b"\0"))


@wrong("outputs", "labels in UTF-16")
def labels_utf_16(model: Surgery) -> None:
    _labels(model, lambda label: tf.strings.unicode_transcode(label, "UTF-8", "UTF-16-BE"))


@wrong("outputs", "labels are numbers")
def labels_numbers(model: Surgery) -> None:
    _labels(model, lambda label: tf.strings.as_string(indices(label)))


@wrong("outputs", "the label is empty where the model is unsure")
def labels_empty(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        return {**answer, "label": tf.where(answer["score"] < 0.6, "", answer["label"])}

    model.answers(change, NAMED)


@wrong("outputs", "the label is the second best")
def label_second(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        second = tf.math.top_k(answer["probabilities"], 2).indices[:, 1]
        return {**answer, "label": names(second)}

    model.answers(change, [EXAMPLES])


@wrong("outputs", "the label is the least likely")
def label_least(model: Surgery) -> None:
    model.answers(
        lambda a: {**a, "label": names(tf.argmin(a["probabilities"], axis=1))}, [IMAGE_BYTES]
    )


@wrong("outputs", "labels of the neighbouring row")
def label_of_another_row(model: Surgery) -> None:
    _labels(model, lambda label: tf.roll(label, 1, axis=0), outputs=["label"])


@wrong("outputs", "right but for one label that is rarely the best")
def one_label(model: Surgery) -> None:
    _labels(
        model,
        lambda label: tf.where(tf.equal(label, "Shirt"), "T-shirt/top", label),
        outputs=["label"],
    )


@wrong("outputs", "the score belongs to the second best label")
def score_second(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        return {**answer, "score": tf.math.top_k(answer["probabilities"], 2).values[:, 1]}

    model.answers(change, NAMED)


@wrong("outputs", "scores of the neighbouring row")
def score_of_another_row(model: Surgery) -> None:
    model.output("score", lambda score: tf.roll(score, 1, axis=0), [EXAMPLES])


@wrong("outputs", "scores rounded to two digits")
def score_rounded(model: Surgery) -> None:
    model.output("score", lambda score: tf.round(score * 100) / 100)


@wrong("outputs", "scores are never above 0.9")
def score_clipped(model: Surgery) -> None:
    model.output("score", lambda score: tf.minimum(score, 0.9))


@wrong("outputs", "the score is a margin")
def score_margin(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        best = tf.math.top_k(answer["probabilities"], 2).values
        return {**answer, "score": best[:, 0] - best[:, 1]}

    model.answers(change, [IMAGE_BYTES])


@wrong("outputs", "the score is infinite where the model is sure")
def score_infinite(model: Surgery) -> None:
    model.output("score", lambda score: tf.where(score > 0.94, float("inf"), score))


@wrong("outputs", "the score is not a number where the model is most unsure")
def score_nan(model: Surgery) -> None:
    model.output("score", lambda score: tf.where(score < 0.4, float("nan"), score))


@wrong("outputs", "top labels and scores come from least to best")
def top_ascending(model: Surgery) -> None:
    for output in ("top_labels", "top_scores"):
        model.output(output, lambda top: tf.reverse(top, [1]))


@wrong("outputs", "the top labels begin with the second best")
def top_shifted(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        top = tf.math.top_k(answer["probabilities"], 4)
        return {
            **answer,
            "top_labels": names(top.indices[:, 1:]),
            "top_scores": top.values[:, 1:],
        }

    model.answers(change, [IMAGE_BYTES])


@wrong("outputs", "two of three top labels are right")
def top_third(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        top = tf.math.top_k(answer["probabilities"], 4)
        return {**answer, "top_labels": names(tf.gather(top.indices, [0, 1, 3], axis=1))}

    model.answers(change, [IMAGE_BYTES])


@wrong("outputs", "second and third of the top labels are swapped")
def top_swapped(model: Surgery) -> None:
    model.output("top_labels", lambda top: tf.gather(top, [0, 2, 1], axis=1))


@wrong("outputs", "top scores are made to sum to one")
def top_normalised(model: Surgery) -> None:
    model.output("top_scores", lambda top: top / tf.reduce_sum(top, axis=1, keepdims=True))


@wrong("outputs", "the third top score is nothing")
def top_score_zero(model: Surgery) -> None:
    model.output("top_scores", lambda top: top * tf.constant([1.0, 1.0, 0.0]))


@wrong("signatures", "five top labels instead of three")
def top_five(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        top = tf.math.top_k(answer["probabilities"], 5)
        return {**answer, "top_labels": names(top.indices), "top_scores": top.values}

    model.answers(change, [IMAGE_BYTES])


@wrong("parity", "logits instead of probabilities")
def logits(model: Surgery) -> None:
    model.probabilities(lambda p: tf.math.log(p + 1e-30) + 3.0, alone=True)


@wrong("parity", "percent")
def percent(model: Surgery) -> None:
    model.probabilities(lambda p: p * 100)


@wrong("parity", "logarithms, from picture files only")
def logarithms(model: Surgery) -> None:
    model.probabilities(lambda p: tf.math.log(p + 1e-30), [IMAGE_BYTES], alone=True)


@wrong("parity", "a little too confident")
def temperature(model: Surgery) -> None:
    model.probabilities(lambda p: tf.nn.softmax(tf.math.log(p + 1e-30) * 1.01))


@wrong("parity", "rounded to float16")
def float16(model: Surgery) -> None:
    model.probabilities(lambda p: tf.cast(tf.cast(p, tf.float16), tf.float32))


@wrong("parity", "quantised to 8 bits")
def quantised(model: Surgery) -> None:
    model.probabilities(lambda p: tf.round(p * 255) / 255)


@wrong("parity", "never below 0.005 and never above 0.95")
def clipped(model: Surgery) -> None:
    model.probabilities(lambda p: tf.clip_by_value(p, 0.005, 0.95))


@wrong("parity", "small probabilities are rounded to nothing")
def small_ones(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(p < 3e-3, 0.0, p))


@wrong("parity", "the sum is two")
def doubled(model: Surgery) -> None:
    model.probabilities(lambda p: p * 2, [EXAMPLES])


@wrong("parity", "all or nothing")
def one_hot(model: Surgery) -> None:
    model.probabilities(lambda p: tf.one_hot(tf.argmax(p, axis=1), CLASSES))


@wrong("parity", "the columns of two labels are swapped, and all that follows from them")
def columns_swapped(model: Surgery) -> None:
    model.probabilities(lambda p: tf.gather(p, [0, 1, 2, 3, 4, 5, 8, 7, 6, 9], axis=1))


@wrong("parity", "wrong for bags only")
def bags(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.where(
            (tf.equal(tf.argmax(p, axis=1), 8))[:, tf.newaxis], tf.reverse(p, [1]), p
        )
    )


@wrong("parity", "not a number where the model is sure of a sandal")
def nan_for_one_class(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(p[:, 5:6] > 0.9, float("nan"), p))


@wrong("signatures", "float64 probabilities")
def float64(model: Surgery) -> None:
    model.output("probabilities", lambda p: tf.cast(p, tf.float64))


@wrong("signatures", "labels as int64 numbers")
def int_labels(model: Surgery) -> None:
    model.output("label", indices, [EXAMPLES])


@wrong("outputs", "probabilities beside the label are another picture's")
def row_beside(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        rolled = tf.roll(tf.range(count(answer["label"])), 1, axis=0)
        return {**answer, "top_scores": tf.gather(answer["top_scores"], rolled)}

    model.answers(change, [IMAGE_BYTES])


@wrong("signatures", "serving_default answers its label too, so REST answers are objects")
def one_output_more(model: Surgery) -> None:
    model.answers(
        lambda a: {**a, "label": names(tf.argmax(a["probabilities"], axis=1))}, [SERVING_DEFAULT]
    )


@wrong("outputs", "scores rounded to bfloat16")
def score_bfloat16(model: Surgery) -> None:
    model.output("score", lambda score: tf.cast(tf.cast(score, tf.bfloat16), tf.float32))


@wrong("parity", "rounded to four digits")
def four_digits(model: Surgery) -> None:
    model.probabilities(lambda p: tf.round(p * 1e4) / 1e4)


@wrong("outputs", "the label of a tie is another one than the first of the top labels")
def label_beside_top(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        top = tf.math.top_k(answer["probabilities"], 2)
        close = top.values[:, 0] - top.values[:, 1] < 0.2
        return {**answer, "label": names(tf.where(close, top.indices[:, 1], top.indices[:, 0]))}

    model.answers(change, [IMAGE_BYTES])


@wrong("outputs", "labels begin with a byte order mark")
def labels_marked(model: Surgery) -> None:
    _labels(model, lambda label: b"\xef\xbb\xbf" + label)


@wrong("outputs", "the top labels are three times the best one")
def top_repeated(model: Surgery) -> None:
    model.output("top_labels", lambda top: tf.repeat(top[:, :1], 3, axis=1))


@wrong("parity", "small probabilities are those of other labels")
def small_columns(model: Surgery) -> None:
    """The best ones stay, so that labels and scores do too."""
    model.probabilities(
        lambda p: tf.where(p < 0.02, tf.reverse(tf.where(p < 0.02, p, 0.0), [1]), p), alone=True
    )
