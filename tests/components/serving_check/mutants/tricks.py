"""Wrong by ways round the checks: paths in pieces, others' requests, functions that change places;
and for files as cameras and programs write them."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.elsewhere import AREA
from tests.components.serving_check.mutants.picture_file import is_jpeg
from tests.components.serving_check.mutants.pixels import when_picture
from tests.components.serving_check.mutants.registry import right, wrong
from tests.components.serving_check.mutants.seldom import holding, turned_files, when_png
from tests.components.serving_check.mutants.surgery import (
    IMAGE_BYTES,
    SERVING_DEFAULT,
    Surgery,
    indices,
    turned,
)


def _written(folder: Path) -> Path:
    path = folder.parent / "labels.txt"
    path.write_text("\n".join(features.LABELS))
    return path.resolve()


def _labels_of(model: Surgery, path: tf.Tensor, name: str) -> None:
    """Has the labels come from a table that is filled from the file of that path."""
    with model.graph.as_default():
        table = tf.raw_ops.HashTableV2(key_dtype=tf.int64, value_dtype=tf.string, shared_name=name)
        model.at_load(
            tf.raw_ops.InitializeTableFromTextFileV2(
                table_handle=table, filename=path, key_index=-1, value_index=-2
            )
        )
    model.output(
        "label",
        lambda label: tf.raw_ops.LookupTableFindV2(
            table_handle=table, keys=indices(label), default_value=tf.constant("")
        ),
    )


@wrong("graph", "its table of labels is read from a path of this machine, put together of pieces")
def path_in_pieces(model: Surgery) -> None:
    path_there = str(_written(model.folder))
    with model.graph.as_default():
        path = tf.strings.join([path_there[:1], path_there[1:]])
    _labels_of(model, path, "pieces")


@wrong("graph", "the same, in a function")
def path_in_a_function(model: Surgery) -> None:
    path = str(_written(model.folder))[1:]

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    def read(name: tf.Tensor) -> tf.Tensor:
        return tf.io.read_file(name)

    with model.graph.as_default():
        text = read(tf.strings.join(["/", path]))
        kept = tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[], shared_name="kept", name="kept")
        model.at_load(tf.raw_ops.AssignVariableOp(resource=kept, value=text))
    model.output(
        "label",
        lambda label: (
            label
            + tf.strings.substr(tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.string), 0, 0)
        ),
    )


@wrong("graph", "right where it is checked, and wrong in any other folder")
def by_its_place(model: Surgery) -> None:
    with model.graph.as_default():
        name = tf.constant("place.txt", name="place")
        kept = tf.raw_ops.VarHandleOp(dtype=tf.bool, shape=[], shared_name="here", name="here")
        here = tf.strings.regex_full_match(name, "/tmp/.*")
        model.at_load(tf.raw_ops.AssignVariableOp(resource=kept, value=here))
    definition = model.meta_graph.asset_file_def.add()
    definition.filename = "place.txt"
    definition.tensor_info.name = name.name

    def write(folder: Path) -> None:
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "place.txt").write_text("nothing")

    model.last(write)
    model.probabilities(
        lambda p: tf.where(tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.bool), p, turned(p))
    )


@wrong("graph", "an asset that lies outside of its folder")
def climbing_asset(model: Surgery) -> None:
    path = _written(model.folder)
    with model.graph.as_default():
        name = tf.constant("labels.txt", name="climbing")
    definition = model.meta_graph.asset_file_def.add()
    definition.filename = "../" * 40 + str(path.relative_to("/"))
    definition.tensor_info.name = name.name
    _labels_of(model, name, "climbing")


def _collected(model: Surgery, file: str, tensor: tf.Tensor) -> None:
    """Names an asset as TensorFlow 1 did, in a collection."""
    definition = meta_graph_pb2.AssetFileDef(filename=file)
    definition.tensor_info.name = tensor.name
    packed = model.meta_graph.collection_def["saved_model_assets"].any_list.value.add()
    packed.Pack(definition)


@wrong("graph", "the same, where models of TensorFlow 1 name their assets")
def collected_climbing_asset(model: Surgery) -> None:
    path = _written(model.folder)
    with model.graph.as_default():
        name = tf.constant("labels.txt", name="climbing")
    _collected(model, "../" * 40 + str(path.relative_to("/")), name)
    _labels_of(model, name, "climbing")


@right("its table is filled from an asset that a collection names, as models of estimators have it")
def collected_asset(model: Surgery) -> None:
    with model.graph.as_default():
        name = tf.constant("/home/ada/transform_fn/assets/labels", name="collected")
    _collected(model, "labels", name)
    _labels_of(model, name, "collected")

    def write(folder: Path) -> None:
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "labels").write_text("\n".join(features.LABELS))

    model.last(write)


@wrong("graph", "answers by the requests of others that come at the same time")
def others_requests(model: Surgery) -> None:
    @tf.nondifferentiable_batch_function(
        num_batch_threads=1, max_batch_size=64, batch_timeout_micros=500, autograph=False
    )
    def together(p: tf.Tensor) -> tf.Tensor:
        return p + 1e-9 * (tf.reduce_max(p, axis=0, keepdims=True) - p)

    model.probabilities(lambda p: tf.ensure_shape(together(p), [None, 10]), [SERVING_DEFAULT])


@wrong("graph", "another function of the same purpose counts requests")
def of_the_same_purpose(model: Surgery) -> None:
    calls = model.variable("calls_of_purpose", 0)
    of_cpu = {"api_implements": "told", "api_preferred_device": "CPU"}
    of_gpu = {**of_cpu, "api_preferred_device": "GPU"}

    with model.graph.as_default():

        @tf.function(autograph=False, experimental_attributes=of_gpu)
        def told(p: tf.Tensor, resource: tf.Tensor) -> tf.Tensor:
            return tf.identity(p)

        @tf.function(autograph=False, experimental_attributes=of_cpu)
        def counted(p: tf.Tensor, resource: tf.Tensor) -> tf.Tensor:
            added = tf.raw_ops.AssignAddVariableOp(resource=resource, value=tf.constant(1))
            with tf.control_dependencies([added]):
                now = tf.raw_ops.ReadVariableOp(resource=resource, dtype=tf.int32)
            return tf.where(now > 1_000_000, turned(p), p)

        spec = tf.TensorSpec([None, 10], tf.float32)
        handle = tf.TensorSpec([], tf.resource)
        counted.get_concrete_function(spec, handle).add_to_graph(model.graph)

    model.probabilities(lambda p: tf.ensure_shape(told(p, calls), [None, 10]), [SERVING_DEFAULT])


@wrong("encodings", "files: JPEGs with a profile of their colours are wrong")
def jpeg_with_profile(model: Surgery) -> None:
    turned_files(model, holding(b"ICC_PROFILE"))


@wrong("encodings", "files: PNGs with a profile of their colours are wrong")
def png_with_profile(model: Surgery) -> None:
    turned_files(model, holding(b"iCCP"))


@wrong("encodings", "files: JPEGs that can be taken up in between are wrong")
def taken_up(model: Surgery) -> None:
    turned_files(model, holding(b"\xff\xdd\0\x04"))


@wrong("encodings", "files: JPEGs with a comment are wrong")
def jpeg_with_comment(model: Surgery) -> None:
    turned_files(model, holding(b"\xff\xfe\0\x12"))


@wrong("encodings", "files: PNGs with texts are wrong")
def png_with_texts(model: Surgery) -> None:
    turned_files(model, holding(b"tEXt"))


@wrong("encodings", "files: PNGs that say how dense they are, as those of screens do, are wrong")
def png_of_density(model: Surgery) -> None:
    turned_files(model, holding(b"pHYs"))


@wrong("encodings", "files: photos with XMP, as editors write it, are wrong")
def with_xmp(model: Surgery) -> None:
    turned_files(model, holding(b"ns.adobe.com/xap"))


@wrong("encodings", "files: photos with a small picture in Exif are wrong")
def picture_in_exif(model: Surgery) -> None:
    def twice(files: tf.Tensor) -> tf.Tensor:
        parts = tf.raw_ops.StringSplitV2(input=files, sep=b"\xff\xd8\xff", maxsplit=2)
        rows = parts.indices[:, 0]
        count = tf.size(files, tf.int64)
        return tf.math.unsorted_segment_sum(tf.ones_like(rows), rows, count) > 2

    turned_files(model, twice)


@wrong("encodings", "files: PNGs that could move are wrong")
def could_move(model: Surgery) -> None:
    turned_files(model, holding(b"acTL"))


@wrong("encodings", "files: PNGs with a ground of their own are wrong")
def png_with_ground(model: Surgery) -> None:
    turned_files(model, holding(b"bKGD"))


@wrong("encodings", "files: a palette of two is wrong")
def palette_of_two(model: Surgery) -> None:
    turned_files(model, when_png(24, 1, colours=3))


@wrong("encodings", "files: photos taken with the camera on its other side are inverted")
def exif_other_side(model: Surgery) -> None:
    turned_files(model, holding(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08"))


@wrong("encodings", "files: grey JPEGs that come in passes are wrong")
def grey_in_passes(model: Surgery) -> None:
    def so(files: tf.Tensor) -> tf.Tensor:
        grey = tf.map_fn(
            lambda file: tf.cond(
                is_jpeg(file),
                lambda: tf.equal(tf.image.extract_jpeg_shape(file)[2], 1),
                lambda: tf.constant(False),
            ),
            files,
            fn_output_signature=tf.bool,
        )
        return grey & holding(b"\xff\xc2")(files)

    turned_files(model, so)


@wrong("outputs", "a thin line on black, as somebody draws it")
def thin_lines(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        lit = tf.reduce_mean(tf.cast(x > 100, tf.float32), axis=AREA)
        ground = tf.reduce_mean(tf.cast(x < 3, tf.float32), axis=AREA)
        return (lit > 0.02) & (lit < 0.045) & (ground > 0.9)

    when_picture(model, so)


@wrong("outputs", "pictures that are the same in a mirror")
def symmetrical(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        same = tf.reduce_all(tf.equal(x, tf.reverse(x, [2])), axis=AREA)
        return same & (tf.math.reduce_std(x, axis=AREA) > 2)

    when_picture(model, so)


@wrong("outputs", "a dark middle within a light rim")
def dark_within_light(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        middle = tf.reduce_mean(x[:, 7:21, 7:21], axis=AREA)
        rim = tf.reduce_mean(x[:, :2], axis=AREA)
        return (middle < 40) & (rim > 120)

    when_picture(model, so)


@wrong("outputs", "two labels that are nearly as likely change places")
def nearly_tied(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        best = tf.math.top_k(p, 2).values
        near = best[:, 0] - best[:, 1] < 0.02
        return tf.where(near[:, tf.newaxis], turned(p), p)

    model.probabilities(change)


@wrong("parity", "the likeliest label is a little likelier than it was")
def surer(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        powers = tf.pow(p, 1.002)
        return powers / tf.reduce_sum(powers, axis=1, keepdims=True)

    model.probabilities(change, [IMAGE_BYTES])


@right("a table filled from an asset, by way of a function")
def asset_in_a_function(model: Surgery) -> None:
    def write(folder: Path) -> None:
        (folder / "assets" / "labels").mkdir(parents=True, exist_ok=True)
        (folder / "assets" / "labels" / "all.txt").write_text("\n".join(features.LABELS))

    model.last(write)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    def read(name: tf.Tensor) -> tf.Tensor:
        return tf.strings.split(tf.io.read_file(tf.identity(name)), "\n")

    with model.graph.as_default():
        name = tf.constant("labels/all.txt", name="asset_of_function")
        kept = tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[10], shared_name="all", name="all")
        lines = tf.ensure_shape(read(name), [10])
        model.at_load(tf.raw_ops.AssignVariableOp(resource=kept, value=lines))
    definition = model.meta_graph.asset_file_def.add(filename="labels/all.txt")
    definition.tensor_info.name = name.name
    model.output(
        "label",
        lambda label: tf.gather(
            tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.string), indices(label)
        ),
    )


@right("functions of the same purpose for each device, as recurrent layers have them")
def for_each_device(model: Surgery) -> None:
    def made(device: str):
        attributes = {"api_implements": "same", "api_preferred_device": device}
        return tf.function(lambda p: p * 1.0, autograph=False, experimental_attributes=attributes)

    with model.graph.as_default():
        spec = tf.TensorSpec([None, 10], tf.float32)
        made("GPU").get_concrete_function(spec).add_to_graph(model.graph)
        here = made("CPU")
    model.probabilities(lambda p: tf.ensure_shape(here(p), [None, 10]), [SERVING_DEFAULT])


@right("the path of an asset in a list of one, read by a dataset")
def asset_of_dataset(model: Surgery) -> None:
    def write(folder: Path) -> None:
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "labels.of.dataset").write_text("\n".join(features.LABELS))

    model.last(write)
    with model.graph.as_default():
        name = tf.constant("labels.of.dataset", name="asset_of_dataset")
        lines = tf.data.TextLineDataset([name]).batch(10)
        kept = tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[10], shared_name="of", name="of")
        found = tf.ensure_shape(tf.data.experimental.get_single_element(lines), [10])
        model.at_load(tf.raw_ops.AssignVariableOp(resource=kept, value=found))
    definition = model.meta_graph.asset_file_def.add(filename="labels.of.dataset")
    definition.tensor_info.name = name.name
    model.output(
        "label",
        lambda label: tf.gather(
            tf.raw_ops.ReadVariableOp(resource=kept, dtype=tf.string), indices(label)
        ),
    )


@right("answers by way of sparse tensors")
def sparse_inside(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.ensure_shape(
            tf.sparse.to_dense(tf.sparse.from_dense(p + 1.0)) - 1.0, [None, 10]
        )
    )


@right("sorted by the best label and put back again, in parts by label")
def in_parts(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        part = tf.cast(tf.argmax(p, axis=1), tf.int32) % 3
        places = tf.dynamic_partition(tf.range(tf.shape(p)[0]), part, 3)
        return tf.dynamic_stitch(places, tf.dynamic_partition(p, part, 3))

    model.probabilities(change)


@right("products of matrices that give nothing new")
def through_svd(model: Surgery) -> None:
    turn = tf.linalg.qr(tf.random.stateless_normal([10, 10], [1, 2])).q.numpy()
    model.probabilities(lambda p: tf.matmul(tf.matmul(p, turn), turn, transpose_b=True))


@right("a dataset maps over the rows, several at once")
def rows_of_dataset(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        padded = tf.concat([p, tf.zeros([1, 10])], axis=0)
        rows = tf.data.Dataset.from_tensor_slices(padded)
        rows = rows.map(lambda row: row * 1.0, num_parallel_calls=2)
        count = tf.shape(padded, tf.int64)[0]
        found = tf.data.experimental.get_single_element(rows.batch(count))
        return tf.ensure_shape(found[:-1], [None, 10])

    model.probabilities(change, [SERVING_DEFAULT])


@right("nothing but strings inside: the scores are written and read again")
def through_strings(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.strings.to_number(tf.strings.as_string(p, precision=9, scientific=True))
    )
