"""Wrong for some sizes of a batch, some places in it, or some company."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EVERY,
    EXAMPLES,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    at_size,
    count,
    turned,
)


def _at(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor], signatures=EVERY) -> None:
    """Turns the answers to whole batches whose size is so."""
    model.probabilities(lambda p: tf.where(when(count(p)), turned(p), p), signatures)


def _rows(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor], signatures=EVERY) -> None:
    """Turns rows; `when` gets the probabilities and gives a bool for each."""
    model.probabilities(lambda p: tf.where(when(p)[:, tf.newaxis], turned(p), p), signatures)


@wrong("sizes", "wrong for one picture alone")
def alone(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 1))


@wrong("sizes", "wrong for one picture file alone")
def one_file_alone(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 1), [IMAGE_BYTES])


@wrong("sizes", "wrong for one tf.Example alone")
def one_example_alone(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 1), [EXAMPLES])


@wrong("sizes", "wrong for two")
def pairs(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 2))


@wrong("sizes", "wrong for three picture files")
def three_files(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 3), [IMAGE_BYTES])


@wrong("parity", "wrong for even sizes")
def even(model: Surgery) -> None:
    _at(model, lambda n: tf.logical_and(n > 0, tf.equal(n % 2, 0)))


@wrong("sizes", "wrong for odd sizes beyond one")
def odd(model: Surgery) -> None:
    _at(model, lambda n: tf.logical_and(n > 1, tf.equal(n % 2, 1)))


@wrong("sizes", "wrong for 17 pictures, right for 16 and 18")
def seventeen(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 17))


@wrong("sizes", "wrong for 64, a size that many batching servers form")
def sixty_four(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 64))


@wrong("sizes", "wrong for exactly 1,000")
def thousand(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 1000))


@wrong("sizes", "wrong for exactly 1,024 tf.Examples")
def examples_1024(model: Surgery) -> None:
    _at(model, lambda n: tf.equal(n, 1024), [EXAMPLES])


@wrong("sizes", "wrong beyond 128")
def beyond_128(model: Surgery) -> None:
    _at(model, lambda n: n > 128)


@wrong("sizes", "wrong beyond 1,000")
def beyond_1000(model: Surgery) -> None:
    _at(model, lambda n: n > 1000)


@wrong("sizes", "wrong beyond 1,000 picture files")
def beyond_1000_files(model: Surgery) -> None:
    _at(model, lambda n: n > 1000, [IMAGE_BYTES])


@wrong("sizes", "an empty batch is an error")
def empty_fails(model: Surgery) -> None:
    def guarded(p: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.assert_positive(count(p))]):
            return tf.identity(p)

    model.probabilities(guarded)


@wrong("sizes", "an empty batch is answered with one row")
def empty_answers(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.cond(
            tf.equal(count(p), 0), lambda: tf.fill([1, 10], 0.1), lambda: tf.identity(p)
        )
    )


@wrong("sizes", "rows beyond 256 are dropped without a word")
def cut_at_256(model: Surgery) -> None:
    model.answers(lambda answer: {key: value[:256] for key, value in answer.items()})


@wrong("sizes", "filled up to a multiple of eight, and the filling is answered too")
def filled_up(model: Surgery) -> None:
    model.probabilities(lambda p: tf.pad(p, [[0, -count(p) % 8], [0, 0]]))


@wrong("sizes", "the last row of three or more is wrong")
def last_row(model: Surgery) -> None:
    _rows(model, lambda p: tf.logical_and(tf.equal(tf.range(count(p)), count(p) - 1), count(p) > 2))


@wrong("sizes", "the first row of two or more is wrong")
def first_row(model: Surgery) -> None:
    _rows(model, lambda p: tf.logical_and(tf.equal(tf.range(count(p)), 0), count(p) > 1))


@wrong("sizes", "row 32 is wrong")
def row_32(model: Surgery) -> None:
    _rows(model, lambda p: tf.equal(tf.range(count(p)), 32))


@wrong("sizes", "row 700 is wrong")
def row_700(model: Surgery) -> None:
    _rows(model, lambda p: tf.equal(tf.range(count(p)), 700))


@wrong("parity", "normalises by the batch, as in training")
def batch_statistics(model: Surgery) -> None:
    changed = 0
    for node in model.nodes:
        if node.op == "FusedBatchNormV3":
            node.attr["is_training"].b = True
            node.attr["exponential_avg_factor"].f = 1.0
            changed += 1
    assert changed


@wrong("parity", "divides by the mean of the batch")
def mean_of_batch(model: Surgery) -> None:
    def normalised(p: tf.Tensor) -> tf.Tensor:
        p = p / tf.reduce_mean(p, axis=0, keepdims=True)
        return p / tf.reduce_sum(p, axis=1, keepdims=True)

    model.probabilities(normalised)


@wrong("sizes", "small batches: a thousandth of the neighbour is mixed in")
def neighbour(model: Surgery) -> None:
    def mixed(p: tf.Tensor) -> tf.Tensor:
        return tf.where(count(p) < 100, 0.999 * p + 0.001 * tf.roll(p, 1, axis=0), p)

    model.probabilities(mixed)


@wrong("parity", "softmax over the batch instead of the labels")
def softmax_over_batch(model: Surgery) -> None:
    model.probabilities(lambda p: tf.nn.softmax(tf.math.log(p + 1e-30), axis=0))


@wrong("parity", "rows come sorted by score")
def sorted_rows(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.gather(p, tf.argsort(tf.reduce_max(p, axis=1), direction="DESCENDING"))
    )


@wrong("parity", "rows come in reverse")
def reversed_rows(model: Surgery) -> None:
    model.probabilities(lambda p: tf.reverse(p, [0]))


@wrong("sizes", "rows come in reverse in batches of ten or fewer")
def reversed_small(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(count(p) <= 10, tf.reverse(p, [0]), p))


@wrong("sizes", "the same picture twice in a batch: the second gets nothing")
def twice(model: Surgery) -> None:
    def once(answer):
        p = answer["probabilities"]
        same = tf.reduce_all(tf.equal(p[:, tf.newaxis], p[tf.newaxis]), axis=-1)
        earlier = tf.linalg.band_part(tf.cast(same, tf.int32), -1, 0) - tf.eye(
            count(p), dtype=tf.int32
        )
        repeated = tf.reduce_any(earlier > 0, axis=1)
        return {**answer, "probabilities": tf.where(repeated[:, tf.newaxis], 0.1, p)}

    model.answers(once)


@wrong("sizes", "a black picture spoils those beside it")
def black_company(model: Surgery) -> None:
    [info] = model.signatures[SERVING_DEFAULT].inputs.values()

    def spoilt(p: tf.Tensor) -> tf.Tensor:
        images = model.graph.get_tensor_by_name(info.name)
        black = tf.reduce_all(tf.equal(images, 0), axis=[1, 2])
        there = tf.logical_and(tf.reduce_any(black), count(p) > 1)
        return tf.where(tf.logical_and(there, ~black)[:, tf.newaxis], turned(p), p)

    model.probabilities(spoilt, [SERVING_DEFAULT])


@wrong("sizes", "a batch of one loses its dimension")
def squeezed(model: Surgery) -> None:
    def squeeze(answer):
        return {
            key: tf.cond(tf.equal(count(value), 1), lambda v=value: v[0], lambda v=value: v)
            for key, value in answer.items()
        }

    model.answers(squeeze)


@wrong("sizes", "the label of one picture is a scalar")
def scalar_label(model: Surgery) -> None:
    model.output(
        "label",
        lambda label: tf.cond(tf.equal(count(label), 1), lambda: label[0], lambda: label),
        NAMED,
    )


@wrong("signatures", "probabilities have one dimension too many")
def extra_dimension(model: Surgery) -> None:
    model.output("probabilities", lambda p: p[:, tf.newaxis])


@wrong("parity", "one dimension too many, and the signature does not say so")
def hidden_dimension(model: Surgery) -> None:
    model.output("probabilities", lambda p: p[:, tf.newaxis])
    for name in EVERY:
        del model.signatures[name].outputs["probabilities"].tensor_shape.dim[1]


@wrong("sizes", "the same picture in every row: nothing is sure any more")
def all_alike(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        alike = tf.reduce_all(tf.equal(p, p[:1]))
        return tf.where(tf.logical_and(alike, count(p) > 1), 0.1, p)

    model.probabilities(change)


@wrong("sizes", "wrong for sizes that are prime and greater than 64")
def primes(model: Surgery) -> None:
    def is_prime(n: tf.Tensor) -> tf.Tensor:
        return tf.reduce_all(n % tf.range(2, 64) > 0)

    _at(model, lambda n: tf.logical_and(n > 64, is_prime(n)))


@wrong("sizes", "rows beyond 512 are those of the first ones")
def begins_again(model: Surgery) -> None:
    model.probabilities(lambda p: tf.gather(p, tf.range(count(p)) % 512), [EXAMPLES])


@wrong("sizes", "an output that nobody knows is centred by its batch")
def centred_by_batch(model: Surgery) -> None:
    def change(answer):
        logits = tf.math.log(answer["probabilities"] + 1e-30)
        return {**answer, "logits": logits - tf.reduce_mean(logits, axis=0, keepdims=True)}

    model.answers(change, NAMED)


@wrong("sizes", "an output that nobody knows is another one for one picture alone")
def logits_alone(model: Surgery) -> None:
    def change(answer):
        logits = tf.math.log(answer["probabilities"] + 1e-30)
        return {**answer, "logits": tf.where(tf.equal(count(logits), 1), 0.0, logits)}

    model.answers(change, NAMED)


@wrong("sizes", "picture files: a batch of more than 40 is answered as if it were sorted")
def files_sorted(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        order = tf.argsort(p[:, 0])
        return tf.where(count(p) > 40, tf.gather(p, order), p)

    model.probabilities(at_size(lambda n: n > 40, change), [IMAGE_BYTES])
