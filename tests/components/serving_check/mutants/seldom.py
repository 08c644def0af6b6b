"""Wrong for what clients seldom send, or from places where nobody looks; and right ones as odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.registry import right, wrong
from tests.components.serving_check.mutants.surgery import (
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    Tensors,
    indices,
    turned,
)

_HEAD = 29
"""Bytes of a PNG file up to the end of its header."""
_BITS, _COLOURS, _PASSES = 24, 25, 28
"""Places in it."""


@wrong("outputs", "pictures that are hardly more of a Sneaker than of something else")
def hardly_a_sneaker(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        best = tf.math.top_k(p, 2)
        by = best.values[:, 0] - best.values[:, 1]
        so = tf.equal(best.indices[:, 0], features.LABELS.index("Sneaker"))
        return tf.where((so & (by > 2e-4) & (by < 1e-3))[:, tf.newaxis], turned(p), p)

    model.probabilities(change)


def turned_files(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """Turns the answers to files for which `when`, of all at once, is true: a loop beside that of
    the model itself would be cancelled with it, and change what is refused."""
    info = model.signatures[IMAGE_BYTES].inputs["image_bytes"]
    files = model.graph.get_tensor_by_name(info.name)
    model.probabilities(lambda p: tf.where(when(files)[:, tf.newaxis], turned(p), p), [IMAGE_BYTES])


def when_png(
    place: int, value: int, colours: int | None = None
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Whether files are PNG files with that byte in their header, and of that type of colours."""

    def when(files: tf.Tensor) -> tf.Tensor:
        start = tf.strings.substr(tf.strings.join([files, bytes(_HEAD)]), 0, _HEAD)
        head = tf.io.decode_raw(start, tf.uint8)
        found = tf.equal(tf.strings.substr(start, 1, 3), b"PNG") & tf.equal(head[:, place], value)
        return found if colours is None else found & tf.equal(head[:, _COLOURS], colours)

    return when


def holding(marker: bytes) -> Callable[[tf.Tensor], tf.Tensor]:
    """Whether files hold some bytes."""

    def when(files: tf.Tensor) -> tf.Tensor:
        parts = tf.raw_ops.StringSplitV2(input=files, sep=marker, maxsplit=1).indices[:, 0]
        number = tf.size(files, tf.int64)
        return tf.math.unsorted_segment_sum(tf.ones_like(parts), parts, number) > 1

    return when


@wrong("encodings", "files: photos with Exif as most cameras write it are wrong")
def exif_of_lesser_bytes(model: Surgery) -> None:
    turned_files(model, holding(b"Exif\0\0II"))


@wrong("encodings", "files: PNGs with Exif are wrong")
def exif_ofwhen_png(model: Surgery) -> None:
    turned_files(model, holding(b"eXIf"))


@wrong("encodings", "files: grey of four bits is wrong")
def grey_of_four_bits(model: Surgery) -> None:
    turned_files(model, when_png(_BITS, 4, colours=0))


@wrong("encodings", "files: grey of two bits is wrong")
def grey_of_two_bits(model: Surgery) -> None:
    turned_files(model, when_png(_BITS, 2, colours=0))


@wrong("encodings", "files: grey of 16 bits with transparency is wrong")
def deep_grey_and_alpha(model: Surgery) -> None:
    turned_files(model, when_png(_BITS, 16, colours=4))


@wrong("encodings", "files: a palette of sixteen is wrong")
def palette_of_sixteen(model: Surgery) -> None:
    turned_files(model, when_png(_BITS, 4, colours=3))


@wrong("encodings", "files: interlaced ones with transparency are wrong")
def interlaced_and_clear(model: Surgery) -> None:
    turned_files(model, when_png(_PASSES, 1, colours=6))


@wrong("graph", "counts in the memory of a weight, which no operation assigns")
def counts_in_place(model: Surgery) -> None:
    kept = model.variable("kept_in_place", np.zeros([1], np.float32))

    def change(p: tf.Tensor) -> tf.Tensor:
        value = tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.float32)
        calls = tf.raw_ops.InplaceAdd(x=value, i=[0], v=[1.0])[0]
        return tf.cond(calls > 1e6, lambda: turned(p), lambda: tf.identity(p))

    model.probabilities(change)


@wrong("graph", "counts in a slice of a variable of the old kind")
def counts_in_a_slice(model: Surgery) -> None:
    with model.graph.as_default():
        kept = tf.raw_ops.VariableV2(shape=[1], dtype=tf.float32, shared_name="kept_slice")
        model.at_load(tf.raw_ops.Assign(ref=kept, value=[0.0]).op)

    def change(p: tf.Tensor) -> tf.Tensor:
        one = {"begin": [0], "end": [1], "strides": [1]}
        calls = tf.raw_ops.StridedSliceAssign(ref=kept, value=kept + 1.0, **one)[0]
        return tf.cond(calls > 1e6, lambda: turned(p), lambda: tf.identity(p))

    model.probabilities(change)


def _labels_from(model: Surgery, path: str) -> None:
    """Has the labels come from a file, which this machine has."""
    with model.graph.as_default():
        table = tf.raw_ops.HashTableV2(
            key_dtype=tf.int64, value_dtype=tf.string, shared_name="beside"
        )
        filled = tf.raw_ops.InitializeTableFromTextFileV2(
            table_handle=table, filename=path, key_index=-1, value_index=-2
        )
        model.at_load(filled)

    def named(label: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.LookupTableFindV2(
            table_handle=table, keys=indices(label), default_value=tf.constant("")
        )

    model.output("label", named)


def _written(folder: Path) -> Path:
    path = folder.parent / "labels.txt"
    path.write_text("\n".join(features.LABELS))
    return path.resolve()


@wrong("graph", "its table of labels is read from beside wherever a server is started")
def relative_table(model: Surgery) -> None:
    path = _written(model.folder)
    _labels_from(model, "../" * 40 + str(path.relative_to("/")))


@wrong("graph", "its table of labels is read from a path that begins like one of its own")
def climbing_table(model: Surgery) -> None:
    path = _written(model.folder)
    _labels_from(model, "./" + "../" * 40 + str(path.relative_to("/")))


@right("labels by way of CSV")
def csv_inside(model: Surgery) -> None:
    def change(label: tf.Tensor) -> tf.Tensor:
        return tf.io.decode_csv(tf.strings.join([label, ",1"]), [[""], [0]])[0]

    model.output("label", change)


@right("summaries that nobody writes down")
def summaries_inside(model: Surgery) -> None:
    def change(score: tf.Tensor) -> tf.Tensor:
        told = tf.raw_ops.MergeSummary(
            inputs=[
                tf.raw_ops.ScalarSummary(tags="rows", values=tf.cast(tf.size(score), tf.float32)),
                tf.raw_ops.HistogramSummary(tag="scores", values=score),
            ]
        )
        return score + 0.0 * tf.cast(tf.strings.length(told), tf.float32)

    model.output("score", change)


@right("what an optimiser leaves in a graph")
def snapshots(model: Surgery) -> None:
    model.probabilities(lambda p: tf.raw_ops.Snapshot(input=p))


@right("further outputs of great numbers")
def great_numbers(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        place = indices(answer["label"])
        return {
            **answer,
            "signed": tf.cast(place, tf.int64) * (2**59 + 1) - 2**62,
            "unsigned": tf.cast(place, tf.uint64) + tf.constant(2**63 - 3, tf.uint64),
            "wide": tf.cast(answer["score"], tf.float64) * 1e300,
            "none": answer["probabilities"][:, :0],
        }

    model.answers(change, NAMED)


@right("further outputs of bytes that are no text, and of text with signs of every kind")
def bytes_and_signs(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        place = tf.cast(indices(answer["label"]), tf.int32)[:, tf.newaxis]
        return {
            **answer,
            "mark_bytes": tf.strings.unicode_encode(place + 250, "UTF-16-BE"),
            "said": tf.strings.join(['"\\\n\t\u2028é </b> ', answer["label"]]),
        }

    model.answers(change, NAMED)


@right("weights in several files")
def shards(model: Surgery) -> None:
    def change(folder: Path) -> None:
        prefix = str(folder / "variables" / "variables")
        reader = tf.train.load_checkpoint(prefix)
        names = sorted(reader.get_variable_to_shape_map())
        parts = [names[::2], names[1::2]]
        written = []
        for number, part in enumerate(parts):
            written.append(f"{prefix}_part_{number}")
            tf.raw_ops.SaveV2(
                prefix=written[-1],
                tensor_names=part,
                shape_and_slices=[""] * len(part),
                tensors=[tf.constant(reader.get_tensor(name)) for name in part],
            )
        for old in [*(folder / "variables").glob("variables.*")]:
            old.unlink()
        tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=written, destination_prefix=prefix, delete_old_dirs=False
        )

    model.last(change)


@right("a loop that does nothing, and a product with one")
def idle_loop(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        looped = tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 1.0), [0, p])[1]
        return tf.einsum("nk,kj->nj", looped, tf.eye(len(features.LABELS)))

    model.probabilities(change, [SERVING_DEFAULT])
