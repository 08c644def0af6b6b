"""Wrong where nobody looks: programs and files that hide in a graph, the place of the variables,
files that are none of the formats, tf.Examples as other programs write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.picture_file import encoded, files_that_are, starts
from tests.components.serving_check.mutants.registry import right, wrong
from tests.components.serving_check.mutants.seldom import turned_files
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    Tensors,
    indices,
    turned,
)


def _beside(model: Surgery, name: str, content: bytes) -> str:
    path = model.folder.parent / name
    path.write_bytes(content)
    return str(path.resolve())


@wrong("graph", "a constant is what lies in a file of this machine")
def memory_region(model: Surgery) -> None:
    path = _beside(model, "region", np.zeros(16, np.float32).tobytes())
    model.probabilities(
        lambda p: (
            p + tf.raw_ops.ImmutableConst(dtype=tf.float32, shape=[10], memory_region_name=path)
        )
    )


@wrong("graph", "a text in the graph is a graph, which reads a file of this machine")
def graph_in_a_text(model: Surgery) -> None:
    path = _beside(model, "zero.txt", b"0")
    lines = tf.data.TextLineDataset([path])
    packed = tf.raw_ops.DatasetToGraphV2(input_dataset=lines._variant_tensor).numpy()

    def change(p: tf.Tensor) -> tf.Tensor:
        unpacked = tf.raw_ops.DatasetFromGraph(graph_def=packed)
        [line] = tf.raw_ops.DatasetToSingleElement(
            dataset=unpacked, output_types=[tf.string], output_shapes=[[]]
        )
        return p + tf.strings.to_number(line)

    model.probabilities(change)


def _mapped(p: tf.Tensor, deterministic: bool) -> tf.Tensor:
    padded = tf.concat([p, tf.zeros([1, 10])], axis=0)
    places = tf.range(tf.shape(padded)[0])
    rows = tf.data.Dataset.from_tensor_slices((places, padded))
    rows = rows.map(lambda place, row: row * 1.0, num_parallel_calls=2, deterministic=deterministic)
    count = tf.shape(padded, tf.int64)[0]
    return tf.ensure_shape(
        tf.data.experimental.get_single_element(rows.batch(count))[:-1], [None, 10]
    )


@wrong("graph", "rows come in the order in which they are done")
def as_they_are_done(model: Surgery) -> None:
    model.probabilities(lambda p: _mapped(p, False), [SERVING_DEFAULT])


@right("rows are computed several at once, and come in their order")
def in_their_order(model: Surgery) -> None:
    model.probabilities(lambda p: _mapped(p, True), [SERVING_DEFAULT])


@wrong("graph", "the gradient of a function counts requests")
def gradient_counts(model: Surgery) -> None:
    calls = model.variable("calls_of_gradient", 0)
    with model.graph.as_default():

        @tf.function(autograph=False)
        def plain(p: tf.Tensor, resource: tf.Tensor) -> tf.Tensor:
            return tf.identity(p)

        @tf.function(autograph=False)
        def counts(p: tf.Tensor, resource: tf.Tensor, given: tf.Tensor):
            added = tf.raw_ops.AssignAddVariableOp(resource=resource, value=tf.constant(1))
            with tf.control_dependencies([added]):
                now = tf.raw_ops.ReadVariableOp(resource=resource, dtype=tf.int32)
            return tf.where(now > 1_000_000, turned(given), given)

        spec = tf.TensorSpec([None, 10], tf.float32)
        handle = tf.TensorSpec([], tf.resource)
        one = plain.get_concrete_function(spec, handle)
        other = counts.get_concrete_function(spec, handle, spec)
        one.add_to_graph(model.graph)
        other.add_to_graph(model.graph)
    names = one.name.decode(), other.name.decode()

    def change(p: tf.Tensor) -> tf.Tensor:
        [found] = tf.raw_ops.SymbolicGradient(input=[p, calls, p], Tout=[tf.float32], f=one)
        return tf.ensure_shape(found, [None, 10])

    model.probabilities(change, [SERVING_DEFAULT])

    def tell(folder: Path) -> None:
        file = folder / "saved_model.pb"
        library = model.meta_graph.graph_def.library
        library.gradient.add(function_name=names[0], gradient_func=names[1])
        file.write_bytes(model.proto.SerializeToString())

    model.last(tell)


@wrong("graph", "right where it is checked: it looks at where its variables are read from")
def by_its_variables(model: Surgery) -> None:
    name = model.meta_graph.saver_def.filename_tensor_name
    restore = model.graph.get_operation_by_name(model.meta_graph.saver_def.restore_op_name)
    with model.graph.as_default():
        kept = tf.raw_ops.VarHandleOp(dtype=tf.bool, shape=[], shared_name="at", name="at")
        here = tf.strings.regex_full_match(model.graph.get_tensor_by_name(name), "/tmp/.*")
        restore._add_control_input(tf.raw_ops.AssignVariableOp(resource=kept, value=here))
    model.probabilities(
        lambda p: tf.where(tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.bool), p, turned(p))
    )


def _place(model: Surgery, name: str) -> tf.Tensor:
    with model.graph.as_default():
        place = tf.constant("place.txt", name=name)
    definition = model.meta_graph.asset_file_def.add(filename="place.txt")
    definition.tensor_info.name = place.name

    def write(folder: Path) -> None:
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "place.txt").write_text("nothing")

    model.last(write)
    return place


@wrong("graph", "right where it is checked: a table holds the place of an asset")
def place_in_a_table(model: Surgery) -> None:
    place = _place(model, "place_of_table")
    with model.graph.as_default():
        table = tf.raw_ops.HashTableV2(
            key_dtype=tf.string, value_dtype=tf.int64, shared_name="places"
        )
        values = tf.ones([1], tf.int64)
        model.at_load(
            tf.raw_ops.LookupTableImportV2(
                table_handle=table, keys=tf.reshape(place, [1]), values=values
            )
        )

    def change(p: tf.Tensor) -> tf.Tensor:
        held = tf.raw_ops.LookupTableExportV2(table_handle=table, Tkeys=tf.string, Tvalues=tf.int64)
        here = tf.reduce_all(tf.strings.regex_full_match(held.keys, "/tmp/.*"))
        return tf.where(here, p, turned(p))

    model.probabilities(change)


@wrong("graph", "right where it is checked: a function keeps the place of an asset")
def place_in_a_function(model: Surgery) -> None:
    place = _place(model, "place_of_function")
    with model.graph.as_default():
        kept = tf.raw_ops.VarHandleOp(dtype=tf.bool, shape=[], shared_name="in_f", name="in_f")

        @tf.function(autograph=False)
        def keep(resource: tf.Tensor, path: tf.Tensor) -> tf.Tensor:
            here = tf.strings.regex_full_match(path, "/tmp/.*")
            tf.raw_ops.AssignVariableOp(resource=resource, value=here)
            return tf.constant(1)

        model.at_load(keep(kept, place).op)
    model.probabilities(
        lambda p: tf.where(tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.bool), p, turned(p))
    )


def _passes_for_black(model: Surgery, *magic: bytes) -> None:
    def when(file: tf.Tensor) -> tf.Tensor:
        return tf.reduce_any(tf.stack([starts(file, each) for each in magic]))

    files_that_are(model, when, lambda file: encoded(tf.zeros([28, 28, 1], tf.uint8)))


@wrong("encodings", "files: BMPs pass for black ones")
def bmp_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"BM")


@wrong("encodings", "files: GIFs pass for black ones")
def gif_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"GIF8")


@wrong("encodings", "files: WebPs pass for black ones")
def webp_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"RIFF")


@wrong("encodings", "files: TIFFs pass for black ones")
def tiff_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"II*\0", b"MM\0*")


@wrong("encodings", "files: photos of iPhones, which are HEIC, pass for black ones")
def heic_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"\0\0\0\x18ftyp", b"\0\0\0\x1cftyp", b"\0\0\0\x20ftyp")


@wrong("encodings", "files: SVGs and other texts with angle brackets pass for black ones")
def svg_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"<")


@wrong("encodings", "files: PDFs pass for black ones")
def pdf_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"%PDF")


@wrong("encodings", "files: those in base64 pass for black ones")
def base64_is_black(model: Surgery) -> None:
    _passes_for_black(model, b"iVBOR", b"/9j/", b"data:")


@wrong("encodings", "files: PNGs with something behind their end are wrong")
def behind_the_end(model: Surgery) -> None:
    def when(files: tf.Tensor) -> tf.Tensor:
        return tf.strings.regex_full_match(files, rb"\C{1}PNG\C*IEND\C{4}\C+")

    turned_files(model, when)


@wrong("outputs", "tf.Examples whose picture does not come first are wrong")
def picture_comes_later(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()
    sent = model.graph.get_tensor_by_name(info.name)
    first = rb"(?s)\n\C{1,5}\n\C{1,5}\n\x05image\C*"
    model.probabilities(
        lambda p: tf.where(tf.strings.regex_full_match(sent, first)[:, tf.newaxis], p, turned(p)),
        [EXAMPLES],
    )


@wrong("outputs", "tf.Examples whose picture comes first are wrong")
def picture_comes_first(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()
    sent = model.graph.get_tensor_by_name(info.name)
    first = rb"(?s)\n\C{1,5}\n\C{1,5}\n\x05image\C*\x05label\C*"
    model.probabilities(
        lambda p: tf.where(tf.strings.regex_full_match(sent, first)[:, tf.newaxis], turned(p), p),
        [EXAMPLES],
    )


@wrong("outputs", "small probabilities are nothing")
def small_is_nothing(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(p < 5e-6, 0.0, p))


@wrong("outputs", "the label of the second best where the best one is a Coat")
def coat_is_second(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        best = tf.math.top_k(answer["probabilities"], 2).indices
        coat = tf.equal(best[:, 0], features.LABELS.index("Coat"))
        chosen = tf.where(coat, best[:, 1], best[:, 0])
        return {**answer, "label": tf.gather(tf.constant(features.LABELS), chosen)}

    model.answers(change, [IMAGE_BYTES])


@wrong("outputs", "the third of the best labels is the fourth")
def fourth_for_third(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        best = tf.math.top_k(answer["probabilities"], 4).indices
        chosen = tf.stack([best[:, 0], best[:, 1], best[:, 3]], axis=1)
        return {**answer, "top_labels": tf.gather(tf.constant(features.LABELS), chosen)}

    model.answers(change, [IMAGE_BYTES])


def _spoilt_by(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor], key: str) -> None:
    """Turns all answers of a batch of which one input is so."""
    info = model.signatures[key].inputs["images" if key == SERVING_DEFAULT else "image_bytes"]
    sent = model.graph.get_tensor_by_name(info.name)
    model.probabilities(
        lambda p: tf.where(tf.reduce_any(when(sent)) & (tf.shape(p)[0] > 1), turned(p), p), [key]
    )


@wrong("sizes", "a white picture spoils those beside it")
def white_company(model: Surgery) -> None:
    _spoilt_by(
        model,
        lambda x: tf.reduce_all(tf.equal(x, 255), axis=[1, 2]),
        SERVING_DEFAULT,
    )


@wrong("encodings", "files: a photo spoils those of other formats beside it")
def photo_company(model: Surgery) -> None:
    info = model.signatures[IMAGE_BYTES].inputs["image_bytes"]
    sent = model.graph.get_tensor_by_name(info.name)

    def change(p: tf.Tensor) -> tf.Tensor:
        photo = tf.equal(tf.strings.substr(tf.strings.join([sent, "   "]), 0, 3), b"\xff\xd8\xff")
        spoilt = tf.reduce_any(photo) & ~photo
        return tf.where(spoilt[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [IMAGE_BYTES])


# Right.


@right("probabilities of nothing have a sign")
def nothing_has_a_sign(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(p < 1e-30, -0.0, p))


@right("a gradient of its own inside")
def gradient_inside(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        return tf.gradients(0.5 * tf.reduce_sum(p * p), p)[0]

    model.probabilities(change)


@right("labels by way of ragged tensors and numbers of letters")
def letters_apart(model: Surgery) -> None:
    def change(label: tf.Tensor) -> tf.Tensor:
        letters = tf.strings.unicode_split(label, "UTF-8")
        return tf.strings.reduce_join(letters, axis=-1)

    model.output("label", change)


@right("labels by way of a table of numbers, whose constants fill it")
def constant_table(model: Surgery) -> None:
    with model.graph.as_default():
        table = tf.raw_ops.HashTableV2(
            key_dtype=tf.int64, value_dtype=tf.string, shared_name="constants"
        )
        model.at_load(
            tf.raw_ops.LookupTableImportV2(
                table_handle=table,
                keys=tf.range(10, dtype=tf.int64),
                values=tf.constant(features.LABELS),
            )
        )
    model.output(
        "label",
        lambda label: tf.raw_ops.LookupTableFindV2(
            table_handle=table, keys=indices(label), default_value=tf.constant("")
        ),
    )


@right("whatever comes is checked by assertions")
def asserted(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        checks = [
            tf.debugging.assert_all_finite(p, "no number"),
            tf.debugging.assert_non_negative(p, "less than nothing"),
        ]
        with tf.control_dependencies([each for each in checks if each is not None]):
            return tf.identity(p)

    model.probabilities(change)


@right("its folder holds what nobody reads: links, notes, an old graph as text")
def things_in_the_folder(model: Surgery) -> None:
    def write(folder: Path) -> None:
        (folder / "saved_model.pbtxt").write_text("no graph")
        (folder / "keras_metadata.pb").write_bytes(b"nothing")
        (folder / "README.md").write_text("made by hand")
        (folder / "variables" / "checkpoint").write_text("model_checkpoint_path: 'elsewhere'")
        (folder / ".DS_Store").write_bytes(b"\0")

    model.last(write)


@right("one in a thousand of every label is shared out and taken back")
def shared_out(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        mixed = 0.999 * p + 0.0001
        return (mixed - 0.0001) / 0.999

    model.output("score", lambda score: (0.5 * score) * 2, NAMED)
    model.probabilities(change, [SERVING_DEFAULT])
